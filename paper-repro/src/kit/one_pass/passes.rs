//! One pass of a rule over designs of its own, as rows.

use crate::ChapterError;
use crate::kit::{log_grid, seed_of};
use asymscale_dynamics::{Learner, Rule, Training, train};
use asymscale_model::{Amplitude, ModelError, Schedule, SparseModel};
use asymscale_montecarlo::replicates;
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
use asymscale_sweep::{Table, row};
use asymscale_theory::horizon_rate;
use serde::{Deserialize, Serialize};

/// A rule of steps, with how its step size is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PassRule {
    /// Plain steps of one size.
    Plain,
    /// Plain steps of half the size whose lifetime is the pass: the rarest coordinate that is seen
    /// is learned by one step, `η a_i² = 1`.
    Horizon,
    /// Plain steps clipped by the norm of their sample.
    Clipped,
    /// Adagrad, its size the best of a list on designs that are not used otherwise.
    Adagrad,
    /// Diagonal Gauss–Newton steps that fit their sample.
    GaussNewton,
    /// Steps by signs alone, of the size that suits the length of the pass.
    Sign,
}

/// Passes of one rule on one kind of data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pass {
    /// The rule.
    pub rule: PassRule,
    /// The exponent of the spectrum.
    pub alpha: f64,
    /// The exponent of activity; `c = 1`.
    pub beta: f64,
    /// The law of amplitudes.
    pub gaussian: bool,
    /// Samples of the longest pass.
    pub samples: usize,
    /// How many designs.
    pub repeats: usize,
}

/// Step sizes of Adagrad to be tried. The teacher's weights are ±1: a step of 1 would learn them
/// exactly at first sight, as no learner can hope for, and the largest is half of that.
const RATES: [f64; 3] = [0.125, 0.25, 0.5];
/// Designs on which they are, and the share of the pass.
const TRIALS: (usize, usize) = (2, 8);
/// Of Gauss–Newton steps, in typical squares of an active coordinate. Coordinates with a smaller
/// `a_i²` are not learned at first sight, and for `β = 1.2` it is 4e-4 at the end of what is seen.
const DAMPING: f64 = 0.01;
/// Losses are taken at so many numbers of samples over [`DECADES`].
const POINTS: usize = 15;
/// The window, `log₁₀` of its ends' ratio: two decades and a little.
const DECADES: f64 = 2.1;
/// The longest of the passes of a rule whose step size depends on their length, over the next.
const HORIZONS: usize = 8;
/// A rule of such steps fluctuates: its loss is the mean over so many points of the last quarter.
const LATE: u64 = 8;

impl Pass {
    /// The name of its series in rows and findings.
    pub fn name(&self) -> String {
        let rule = match self.rule {
            PassRule::Plain => "sgd",
            PassRule::Horizon => "horizon",
            PassRule::Clipped => "clipped",
            PassRule::Adagrad => "adagrad",
            PassRule::GaussNewton => "gauss-newton",
            PassRule::Sign => "sign",
        };
        let alpha = if self.alpha == 1.0 { String::new() } else { format!("-{}", self.alpha) };
        let amplitude = if self.gaussian { "-gaussian" } else { "" };
        format!("{rule}{alpha}-{}{amplitude}", self.beta).replace('.', "_")
    }

    /// The model.
    ///
    /// # Errors
    /// As [`SparseModel::power_law`].
    pub fn model(&self) -> Result<SparseModel, ModelError> {
        let amplitude = if self.gaussian { Amplitude::Gaussian } else { Amplitude::Rademacher };
        Ok(SparseModel::power_law(self.alpha, self.beta, 1.0)?.with_amplitude(amplitude))
    }

    /// The numbers of samples at which losses are taken.
    pub fn steps(&self) -> Vec<u64> {
        let last = self.samples as f64;
        if self.is_tuned_by_length() {
            (0..HORIZONS).rev().map(|k| (self.samples >> k) as u64).collect()
        } else {
            let grid = log_grid(last / 10f64.powf(DECADES), last, POINTS);
            grid.into_iter().map(|step| step as u64).collect()
        }
    }

    fn is_tuned_by_length(&self) -> bool {
        matches!(self.rule, PassRule::Horizon | PassRule::Sign)
    }

    /// The step size of a pass of so many samples, but for Adagrad. Where rare coordinates are not
    /// large, plain steps are a small part of the largest stable one, so that the loss is near its
    /// limit; where they are, clipping lets steps be large. Steps by signs are of the size at which
    /// what they have not learned, `(ηT)^{−α/β}`, is as much as their floor, `η²`.
    pub(super) fn rate(&self, samples: u64) -> Result<f64, ChapterError> {
        let (alpha, beta, length) = (self.alpha, self.beta, samples as f64);
        Ok(match self.rule {
            PassRule::Clipped if beta > 1.0 + alpha => 0.5,
            PassRule::Plain | PassRule::Clipped => 0.05,
            PassRule::Horizon => 0.5 * horizon_rate(&self.model()?, 1, length)?,
            PassRule::Sign => length.powf(-alpha / (2.0 * beta + alpha)),
            PassRule::Adagrad | PassRule::GaussNewton => 1.0,
        })
    }

    fn training(&self, rate: f64, samples: u64) -> Result<Training, ChapterError> {
        let rule = match self.rule {
            PassRule::Plain | PassRule::Horizon => Rule::Sgd,
            PassRule::Clipped => Rule::Clipped { norm: 1.0 },
            PassRule::Adagrad => Rule::Adagrad { epsilon: 0.0 },
            PassRule::GaussNewton => Rule::GaussNewton { damping: DAMPING },
            PassRule::Sign => Rule::Sign,
        };
        Ok(Training::new(rule, Schedule::new(rate, samples)?, 1)?)
    }

    /// Loss and unseen mass of a pass at each of `steps`.
    fn run(&self, rate: f64, steps: &[u64], key: &Key) -> Result<[Vec<f64>; 2], ChapterError> {
        let last = steps[steps.len() - 1];
        let (model, training) = (self.model()?, self.training(rate, last)?);
        let design = Design::sample(&model, last as usize, &mut key.label("design").stream())?;
        let teachers = Teachers::draw(&design, 1, TeacherLaw::Rademacher, &key.label("teachers"));
        let mut rng = key.label("run").stream();
        let run = train(&design, &teachers, Learner::Coordinates, &training, steps, &mut rng)?;
        Ok([run.losses.teacher_means(), run.unseen_mass])
    }

    /// A pass for each length, each with the size of its steps.
    fn horizons(&self, key: &Key) -> Result<[Vec<f64>; 2], ChapterError> {
        let mut found = [Vec::new(), Vec::new()];
        for samples in self.steps() {
            let late: Vec<u64> =
                (1..=LATE).map(|k| samples * (3 * LATE + k) / (4 * LATE)).collect();
            let pass = self.run(self.rate(samples)?, &late, &key.index(samples))?;
            for (all, values) in found.iter_mut().zip(pass) {
                all.push(values.iter().sum::<f64>() / LATE as f64);
            }
        }
        Ok(found)
    }

    /// The rate with the least loss on designs of their own.
    fn tuned(&self, key: &Key) -> Result<f64, ChapterError> {
        if self.rule != PassRule::Adagrad {
            return self.rate(self.samples as u64);
        }
        let (designs, part) = TRIALS;
        let samples = (self.samples / part) as u64;
        let mut best = (f64::INFINITY, 0.0);
        for rate in RATES {
            let losses = replicates(key, 0, designs, |_, key| self.run(rate, &[samples], &key))?;
            let loss = losses.iter().map(|[loss, _]| loss[0]).sum::<f64>();
            best = if loss < best.0 { (loss, rate) } else { best };
        }
        Ok(best.1)
    }
}

/// Rows of a series: a replicate and a number of samples each, with the step size, the
/// loss (`value`) and the unseen mass (`beside`).
///
/// # Errors
/// As the sampler's and those of a training run.
pub fn pass_rows(pass: &Pass) -> Result<Table, ChapterError> {
    let (name, steps) = (pass.name(), pass.steps());
    let key = Key::new(seed_of(&name));
    let rate = pass.tuned(&key.label("tuning"))?;
    let runs = replicates(&key.label("fresh"), 0, pass.repeats, |_, key| {
        if pass.is_tuned_by_length() { pass.horizons(&key) } else { pass.run(rate, &steps, &key) }
    })?;
    let mut rows = Table::default();
    for (replicate, [losses, unseen]) in runs.iter().enumerate() {
        for (k, step) in steps.iter().enumerate() {
            let (series, replicate, step) = (name.as_str(), replicate as i64, *step as i64);
            let (value, beside) = (losses[k], unseen[k]);
            rows.push(row! { series, replicate, step, rate, value, beside })?;
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_two_decades_and_steps_fall_with_the_pass_where_they_must() {
        let pass = |rule| Pass {
            rule,
            alpha: 1.0,
            beta: 2.5,
            gaussian: false,
            samples: 1 << 17,
            repeats: 1,
        };
        for rule in [PassRule::Plain, PassRule::Horizon, PassRule::Adagrad, PassRule::Sign] {
            let steps = pass(rule).steps();
            assert_eq!(steps.last(), Some(&(1 << 17)), "{rule:?}");
            assert!(steps[0] as f64 * 100.0 < f64::from(1 << 17), "{rule:?} {steps:?}");
        }
        // η = T^(−1/5): the last coordinate that is seen has a² = T^(1/5).
        let horizon = pass(PassRule::Horizon).rate(100_000).unwrap();
        assert!((horizon - 0.1).abs() < 1e-12);
        assert_eq!(pass(PassRule::Sign).rate(64).unwrap(), 0.5);
        assert_eq!(pass(PassRule::GaussNewton).name(), "gauss-newton-2_5");
    }
}
