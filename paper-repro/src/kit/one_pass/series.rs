//! Measured passes beside what is expected of them.

use super::mean_field::adagrad_mean_field;
use super::passes::{Pass, PassRule};
use crate::kit::{Trajectories, resolution};
use crate::{ChapterError, Finding, Measured, Prediction, Preset, Tolerance};
use asymscale_model::{Coordinates, Schedule};
use asymscale_montecarlo::Estimate;
use asymscale_sweep::{SweepError, Table, row};
use asymscale_theory::{OnePass, SampleTheory, one_pass_exponents};

/// The passes of one rule on one kind of data.
#[derive(Debug, Clone, PartialEq)]
pub struct PassSeries {
    /// What was run.
    pub pass: Pass,
    /// The size of its steps; of the longest pass, where it goes by the length.
    pub rate: f64,
    /// Its losses.
    pub losses: Trajectories,
    /// What its samples had not shown.
    pub unseen: Trajectories,
    /// The expected loss: the mean of plain steps, the mean field of Adagrad; for rules that learn
    /// what they see, the expected unseen mass.
    pub theory: Vec<f64>,
    /// The exponent that is predicted, with its sign.
    pub limit: f64,
}

impl PassSeries {
    /// Reads the rows of [`pass_rows`](super::pass_rows) that belong to a pass.
    ///
    /// # Errors
    /// If there are none; as the theories.
    pub fn read(rows: &Table, pass: Pass) -> Result<Self, ChapterError> {
        let rows = rows.matching("series", pass.name().as_str())?;
        let losses = Trajectories::read(&rows, "value", 1.0)?;
        let unseen = Trajectories::read(&rows, "beside", 1.0)?;
        let rate = rows.floats("rate")?[0];
        let theory = theory(&pass, rate)?;
        let limit = limit(&pass)?;
        Ok(Self { pass, rate, losses, unseen, theory, limit })
    }

    /// The exponent over the window: the mean over designs of slopes by least squares, with its
    /// interval.
    pub fn exponent(&self) -> Estimate {
        let window: Vec<usize> = (0..self.losses.times.len()).collect();
        let slope = |losses: &Vec<f64>| self.losses.power(&window, |k| losses[k]);
        Estimate::of(&self.losses.replicates.iter().map(slope).collect::<Vec<_>>())
    }

    /// That of the expected loss over the same window.
    pub fn expected_exponent(&self) -> f64 {
        let window: Vec<usize> = (0..self.losses.times.len()).collect();
        self.losses.power(&window, |k| self.theory[k])
    }

    /// The mean loss over the mean unseen mass at the end.
    pub fn over_unseen(&self) -> f64 {
        let last = self.losses.times.len() - 1;
        self.losses.estimate(last).mean / self.unseen.estimate(last).mean
    }

    /// The loss over the expected one, geometric mean over window and designs.
    pub fn over_theory(&self) -> Estimate {
        let ratio = |losses: &Vec<f64>| {
            let logs = losses.iter().zip(&self.theory).map(|(loss, theory)| (loss / theory).ln());
            (logs.sum::<f64>() / losses.len() as f64).exp()
        };
        Estimate::of(&self.losses.replicates.iter().map(ratio).collect::<Vec<_>>())
    }

    /// Whether the exponent is the predicted one. The tolerance is how far the exponent of the
    /// expected loss is from its limit in this window, and the resolution of the preset; where an
    /// exponent is to be told from another one, half of what is between them.
    pub fn finding(&self, preset: Preset) -> Finding {
        let Pass { rule, alpha, beta, .. } = self.pass;
        let between = 0.5 * (self.limit + alpha / beta).abs();
        let near = (self.expected_exponent() - self.limit).abs() + resolution(preset);
        let tolerance = if self.is_slower_than_coverage() && rule != PassRule::Plain {
            Tolerance::finite_size(between, "half of what is between it and α/β")
        } else {
            Tolerance::finite_size(near, "the expected loss's own slope; resolution of the preset")
        };
        let steep = if alpha == 1.0 { String::new() } else { format!("α = {alpha}, ") };
        let amplitude = if self.pass.gaussian { ", Gaussian amplitudes" } else { "" };
        let words = format!("{}: {steep}β = {beta}{amplitude}: exponent in samples", rule.words());
        let predicted = if rule == PassRule::GaussNewton {
            Prediction::AtMost(self.limit)
        } else {
            Prediction::Equals(self.limit)
        };
        Finding::of(self.pass.name(), words)
            .predicted(predicted)
            .measured(self.exponent())
            .within(tolerance)
    }

    /// A finding for each series, and how far Adagrad is from its mean field.
    pub fn findings(all: &[Self], preset: Preset) -> Vec<Finding> {
        let mut findings: Vec<Finding> = all.iter().map(|series| series.finding(preset)).collect();
        let adagrad =
            all.iter().filter(|s| s.pass.rule == PassRule::Adagrad && s.pass.alpha == 1.0);
        let off = adagrad.map(|series| (series.over_theory().mean - 1.0).abs()).fold(0.0, f64::max);
        let statement =
            "Adagrad, α = 1: loss over that of the mean field, largest difference from 1";
        findings.push(
            Finding::of("mean-field", statement)
                .predicted(Prediction::AtMost(0.0))
                .measured(Measured::NoInterval(off))
                .within(Tolerance::truncation(0.3, "fluctuations of sums of squares are left out")),
        );
        findings
    }

    /// Of rules that are limited neither by coverage nor as plain steps are.
    fn is_slower_than_coverage(&self) -> bool {
        let own = matches!(self.pass.rule, PassRule::Adagrad | PassRule::Sign);
        own && self.limit > -self.pass.alpha / self.pass.beta
    }
}

impl PassRule {
    /// The rule in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Plain => "plain steps",
            Self::Horizon => "plain steps by length",
            Self::Clipped => "clipped steps",
            Self::Adagrad => "Adagrad",
            Self::GaussNewton => "Gauss–Newton steps",
            Self::Sign => "sign steps",
        }
    }
}

/// Plain and clipped steps: `α/max(1 + α, β)`. Gauss–Newton: what is seen is learned, `α/β`.
/// Adagrad: the same, unless optimisation is slower, `α/max(1, (1 + α)/2, β)`. Signs of a constant
/// size: `2α/(2β + α)`.
fn limit(pass: &Pass) -> Result<f64, ChapterError> {
    let law = one_pass_exponents(&pass.model()?).ok_or("a model without exponents")?;
    let Pass { rule, alpha, beta, .. } = pass;
    Ok(-match rule {
        PassRule::Plain | PassRule::Clipped | PassRule::Horizon => law.samples,
        PassRule::GaussNewton => law.adaptive_samples,
        PassRule::Adagrad => alpha / beta.max(1.0).max(0.5 * (1.0 + alpha)),
        PassRule::Sign => 2.0 * alpha / (2.0 * beta + alpha),
    })
}

fn theory(pass: &Pass, rate: f64) -> Result<Vec<f64>, ChapterError> {
    let (model, steps) = (pass.model()?, pass.steps());
    let plain = matches!(pass.rule, PassRule::Plain | PassRule::Clipped);
    if plain && pass.beta < 1.0 + pass.alpha {
        let run = OnePass::new(&model, Schedule::new(rate, pass.samples as u64)?);
        return Ok(run.losses(&steps)?);
    }
    if pass.rule == PassRule::Adagrad {
        return Ok(adagrad_mean_field(&model, rate, &steps));
    }
    // What is seen is learned; plain steps add the noise of their gradient, from the coordinates up
    // to the last that is seen.
    let unseen = |step: &u64| -> Result<f64, ChapterError> {
        let unseen = SampleTheory::new(&model, *step as f64)?.coverage().unseen_mass;
        if pass.rule != PassRule::Horizon {
            return Ok(unseen);
        }
        let last = (*step as f64).powf(pass.beta.recip()).round() as u64;
        let seen = model.clone().with_coordinates(Coordinates::Finite(last))?;
        let run = OnePass::new(&seen, Schedule::new(pass.rate(*step)?, *step)?);
        Ok(unseen / (1.0 - run.kernel_norm()))
    };
    steps.iter().map(unseen).collect()
}

/// A row per series and number of samples.
///
/// # Errors
/// None but those of the table, which these rows cannot cause.
pub fn pass_table(all: &[PassSeries]) -> Result<Table, SweepError> {
    let mut data = Table::default();
    for series in all {
        let unseen = series.unseen.against(&series.theory);
        for (at, unseen) in series.losses.against(&series.theory).iter().zip(&unseen) {
            data.push(row! {
                group: "pass", series: series.pass.name(), x: at[0], rate: series.rate,
                value: at[1], error: at[2], theory: at[3], unseen: unseen[1]
            })?;
        }
    }
    Ok(data)
}
