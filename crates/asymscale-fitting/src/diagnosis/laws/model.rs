//! A law ready to forecast: what it expects, and how far it may be off.

use super::candidates::Candidate;
use super::power_law::ActivityLaw;
use super::{Fitted, Kernel, Shape, exceeds};
use crate::diagnosis::estimate::{deviation, normal_quantile};
use crate::diagnosis::gamma_ratios::ln_gamma_ratio;

/// A law ready to forecast: what it expects, and laws as far from it as the data allow.
pub(crate) struct Model<'a> {
    pub(crate) candidate: Candidate,
    pub(crate) kind: Kind<'a>,
    /// By how much the variance of the parameters exceeds that of independent features.
    pub(crate) inflation: f64,
    /// Features the law was fitted to.
    pub(crate) features: f64,
}

pub(crate) enum Kind<'a> {
    Power {
        law: ActivityLaw,
        draws: Vec<ActivityLaw>,
        units: f64,
    },
    /// Features at each node of the rates by the law, and by laws on the edge of the region of its
    /// parameters.
    Mixed {
        kernel: &'a Kernel,
        law: Vec<f64>,
        edge: Vec<Vec<f64>>,
        hidden: Vec<Vec<f64>>,
    },
}

/// What is forecast.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ahead {
    /// Features new in this many times the data.
    New(f64),
    /// Activations of features unseen in this many times the data, over those unseen now, each
    /// weighted by `λ^exponent`.
    Remaining(f64, f64),
    /// Activations, in as many units as there were, of features unseen now.
    Unseen,
    /// The same of features unseen in this many times the data, each weighted by `λ^exponent`: what
    /// errs together in what is unseen now and in what remains of it.
    Later(f64, f64),
}

impl Model<'_> {
    /// What the law expects.
    pub(crate) fn value(&self, ahead: Ahead) -> f64 {
        match &self.kind {
            Kind::Power { law, units, .. } => by_power(law, *units, ahead),
            Kind::Mixed { kernel, law, .. } => Sums::new(kernel, ahead).of(law),
        }
    }

    /// The same under laws as far off as the level allows: the logarithms of the smallest and
    /// largest over the value.
    pub(crate) fn reach(&self, ahead: Ahead, level: f64) -> (f64, f64) {
        let value = self.value(ahead);
        let scale = normal_quantile(level) * (self.inflation / self.features).sqrt();
        let (down, up) = match &self.kind {
            Kind::Power { draws, units, .. } => {
                let spread = deviation(draws.iter().map(|law| by_power(law, *units, ahead).ln()));
                let reach = normal_quantile(level) * spread * self.inflation.sqrt();
                (reach, reach)
            }
            Kind::Mixed { kernel, edge, hidden, .. } => {
                let sums = Sums::new(kernel, ahead);
                let all: Vec<f64> = edge.iter().map(|law| (sums.of(law) / value).ln()).collect();
                let down = -all.iter().copied().fold(0.0, f64::min);
                let up = all.iter().copied().fold(0.0, f64::max);
                let hidden =
                    hidden.iter().map(|law| (sums.of(law) / value).ln()).fold(0.0, f64::max);
                let up = up.hypot(hidden);
                // The draws of a power law hold the chance of its scale; an edge does not.
                (down.hypot(scale), up.hypot(scale))
            }
        };
        let excess = match ahead {
            Ahead::New(factor) | Ahead::Remaining(factor, _) | Ahead::Later(factor, _) => {
                self.candidate.excess(factor)
            }
            Ahead::Unseen => 0.0,
        };
        (down.hypot(excess), up.hypot(excess))
    }

    /// Rules the law out if it expects more features never seen than there are: by any law as far
    /// off as the level allows, and by chance at three standard errors. Fewer speak against no law,
    /// since the others may be dead.
    pub(crate) fn hold_against(&mut self, left: Option<f64>) {
        let Some(left) = left else { return };
        let never = |density: &[f64]| self.fewer_than(density, 1, 1.0);
        // A power law expects infinitely many.
        let least = self.densities().into_iter().map(never).fold(f64::INFINITY, f64::min);
        if least == f64::INFINITY || least - 3.0 * least.sqrt() > left + 1.0 {
            self.candidate.survives = false;
            self.candidate.plausible = false;
        }
    }

    /// Whether the law has finitely many features, of which few are far below what the data tell.
    pub(crate) fn ends(&self) -> bool {
        matches!(&self.candidate.law, Some(law) if law.shape.ends())
    }

    /// Features at the nodes of the rates by the law, and by laws as far off as the level allows;
    /// empty for a power law, which has no end.
    pub(crate) fn densities(&self) -> Vec<&[f64]> {
        match &self.kind {
            Kind::Power { .. } => Vec::new(),
            Kind::Mixed { law, edge, hidden, .. } => {
                std::iter::once(law).chain(edge).chain(hidden).map(Vec::as_slice).collect()
            }
        }
    }

    /// Features of one of [`densities`](Self::densities), seen or not, that are active fewer than
    /// `times` in `factor` times the data.
    pub(crate) fn fewer_than(&self, density: &[f64], times: u64, factor: f64) -> f64 {
        let Kind::Mixed { kernel, .. } = &self.kind else { return f64::INFINITY };
        let share = |rate: &f64| 1.0 - exceeds(factor * rate, times as f64 - 1.0, f64::INFINITY);
        density.iter().zip(&kernel.rates).map(|(features, rate)| features * share(rate)).sum()
    }
}

fn by_power(law: &ActivityLaw, units: f64, ahead: Ahead) -> f64 {
    match ahead {
        Ahead::New(factor) => law.new_features(units, factor * units),
        Ahead::Unseen => law.unseen_activity(units) * units,
        Ahead::Remaining(factor, weight) => {
            let e = 1.0 - law.inverse() + weight;
            let ratio = |d: f64| ln_gamma_ratio(d + 1.0 + e, e);
            (ratio(units) - ratio(factor * units)).exp()
        }
        Ahead::Later(factor, weight) => {
            by_power(law, units, Ahead::Unseen)
                * by_power(law, units, Ahead::Remaining(factor, weight))
        }
    }
}

/// What a forecast adds up over the nodes of the rates: the numerator, and the denominator of a
/// ratio.
struct Sums {
    above: Vec<f64>,
    below: Option<Vec<f64>>,
}

impl Sums {
    fn new(kernel: &Kernel, ahead: Ahead) -> Self {
        let over = |of: &dyn Fn(f64) -> f64| kernel.rates.iter().map(|&rate| of(rate)).collect();
        let unseen =
            |factor: f64, power: f64| over(&|rate| rate.powf(1.0 + power) * (-factor * rate).exp());
        match ahead {
            // e^−λ − e^−tλ, without subtracting where both are near 1.
            Ahead::New(factor) => {
                let new = over(&|rate| (-rate).exp() * -(-(factor - 1.0) * rate).exp_m1());
                Self { above: new, below: None }
            }
            Ahead::Unseen => Self { above: unseen(1.0, 0.0), below: None },
            Ahead::Later(factor, power) => Self { above: unseen(factor, power), below: None },
            Ahead::Remaining(factor, power) => {
                Self { above: unseen(factor, power), below: Some(unseen(1.0, power)) }
            }
        }
    }

    fn of(&self, features: &[f64]) -> f64 {
        let sum = |terms: &[f64]| features.iter().zip(terms).map(|(n, term)| n * term).sum::<f64>();
        sum(&self.above) / self.below.as_ref().map_or(1.0, |below| sum(below))
    }
}

/// Rates, as expected counts in all of the data, of features that a law with an end may leave out
/// unnoticed.
const HIDDEN: [f64; 4] = [0.1, 0.3, 0.6, 1.0];

/// Laws with as many more features of one low rate as the counts allow. A law of like features
/// needs it, since it fits like features and some of a second, rarer kind about as well; the other
/// laws can be rare enough by themselves.
pub(crate) fn hidden(fitted: &Fitted<'_>, deviations: f64) -> Vec<Vec<f64>> {
    let kernel = fitted.kernel();
    let with = |rate: f64| {
        let node = kernel.rates.iter().position(|node| *node >= rate)?;
        let (most, slopes, scale) = fitted.hidden(node, deviations);
        let step = Shape::longest(fitted.law.shape);
        let shorten = [0, 1].map(|k| (step[k] / (most * slopes[k]).abs().max(1e-300)).min(1.0));
        let moved = [0, 1].map(|k| fitted.law.parameters[k] + shorten[k] * most * slopes[k]);
        let mut law = fitted.moved(moved).at_nodes(kernel);
        for features in &mut law {
            *features *= (1.0 - most * scale).max(0.0);
        }
        law[node] += most;
        Some(law)
    };
    HIDDEN.iter().filter_map(|&rate| with(rate)).collect()
}
