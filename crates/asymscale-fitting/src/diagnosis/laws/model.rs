//! A fitted law ready to forecast: what it expects, and its error.

use super::candidates::Candidate;
use super::power_law::ActivityLaw;
use super::{Fitted, Kernel, Shape, exceeds};
use crate::diagnosis::estimate::{deviation, normal_quantile};
use crate::diagnosis::gamma_ratios::ln_gamma_ratio;

/// A fitted law ready to forecast: what it expects, and the laws that its likelihood region allows.
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
    /// Expected features at each node of the rates: by the law, by laws on the boundary of its
    /// likelihood region, and by the law with an undetected component.
    Mixed {
        kernel: &'a Kernel,
        law: Vec<f64>,
        boundary: Vec<Vec<f64>>,
        with_undetected: Vec<Vec<f64>>,
    },
}

/// What is forecast.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ForecastTarget {
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
    pub(crate) fn value(&self, target: ForecastTarget) -> f64 {
        match &self.kind {
            Kind::Power { law, units, .. } => by_power(law, *units, target),
            Kind::Mixed { kernel, law, .. } => Sums::new(kernel, target).of(law),
        }
    }

    /// The error of the forecast, downwards and upwards, in logarithms: the smallest and the
    /// largest value over laws in the likelihood region of this level, over the value itself.
    pub(crate) fn log_error(&self, target: ForecastTarget, level: f64) -> (f64, f64) {
        let value = self.value(target);
        let scale = normal_quantile(level) * (self.inflation / self.features).sqrt();
        let (down, up) = match &self.kind {
            Kind::Power { draws, units, .. } => {
                let spread = deviation(draws.iter().map(|law| by_power(law, *units, target).ln()));
                let reach = normal_quantile(level) * spread * self.inflation.sqrt();
                (reach, reach)
            }
            Kind::Mixed { kernel, boundary, with_undetected, .. } => {
                let sums = Sums::new(kernel, target);
                let all: Vec<f64> =
                    boundary.iter().map(|law| (sums.of(law) / value).ln()).collect();
                let down = -all.iter().copied().fold(0.0, f64::min);
                let up = all.iter().copied().fold(0.0, f64::max);
                let with_undetected = with_undetected
                    .iter()
                    .map(|law| (sums.of(law) / value).ln())
                    .fold(0.0, f64::max);
                let up = up.hypot(with_undetected);
                // The draws of a power law include the chance of its scale; the boundary of a
                // region does not.
                (down.hypot(scale), up.hypot(scale))
            }
        };
        let excess = match target {
            ForecastTarget::New(factor)
            | ForecastTarget::Remaining(factor, _)
            | ForecastTarget::Later(factor, _) => self.candidate.excess(factor),
            ForecastTarget::Unseen => 0.0,
        };
        (down.hypot(excess), up.hypot(excess))
    }

    /// Rules the law out if it expects more features never seen than there are: for every law in
    /// its likelihood region, and by more than three standard errors. Too few expected features do
    /// not speak against a law, since the others may be dead.
    pub(crate) fn rule_out_if_too_many_unseen(&mut self, never_active: Option<f64>) {
        let Some(never_active) = never_active else { return };
        let never = |density: &[f64]| self.fewer_than(density, 1, 1.0);
        // A power law expects infinitely many features.
        let least = self.densities().into_iter().map(never).fold(f64::INFINITY, f64::min);
        if least == f64::INFINITY || least - 3.0 * least.sqrt() > never_active + 1.0 {
            self.candidate.survives = false;
            self.candidate.plausible = false;
        }
    }

    /// Whether the law has finitely many features, of which few are far rarer than the data can
    /// show.
    pub(crate) fn is_finite_population(&self) -> bool {
        matches!(&self.candidate.law, Some(law) if law.shape.is_finite())
    }

    /// Features at the nodes of the rates by the law, and by laws as far off as the level allows;
    /// empty for a power law, which has no end.
    pub(crate) fn densities(&self) -> Vec<&[f64]> {
        match &self.kind {
            Kind::Power { .. } => Vec::new(),
            Kind::Mixed { law, boundary, with_undetected, .. } => std::iter::once(law)
                .chain(boundary)
                .chain(with_undetected)
                .map(Vec::as_slice)
                .collect(),
        }
    }

    /// The number of features of one of [`densities`](Self::densities), seen or not, that are
    /// active fewer than `times` times in `factor` times the data.
    pub(crate) fn fewer_than(&self, density: &[f64], times: u64, factor: f64) -> f64 {
        let Kind::Mixed { kernel, .. } = &self.kind else { return f64::INFINITY };
        let share = |rate: &f64| 1.0 - exceeds(factor * rate, times as f64 - 1.0, f64::INFINITY);
        density.iter().zip(&kernel.rates).map(|(features, rate)| features * share(rate)).sum()
    }
}

fn by_power(law: &ActivityLaw, units: f64, target: ForecastTarget) -> f64 {
    match target {
        ForecastTarget::New(factor) => law.new_features(units, factor * units),
        ForecastTarget::Unseen => law.unseen_activity(units) * units,
        ForecastTarget::Remaining(factor, weight) => {
            let e = 1.0 - law.inverse() + weight;
            let ratio = |d: f64| ln_gamma_ratio(d + 1.0 + e, e);
            (ratio(units) - ratio(factor * units)).exp()
        }
        ForecastTarget::Later(factor, weight) => {
            by_power(law, units, ForecastTarget::Unseen)
                * by_power(law, units, ForecastTarget::Remaining(factor, weight))
        }
    }
}

/// The sums over the nodes of the rates that a forecast is computed from: the numerator, and the
/// denominator where the forecast is a ratio.
struct Sums {
    numerator: Vec<f64>,
    denominator: Option<Vec<f64>>,
}

impl Sums {
    fn new(kernel: &Kernel, target: ForecastTarget) -> Self {
        let over = |of: &dyn Fn(f64) -> f64| kernel.rates.iter().map(|&rate| of(rate)).collect();
        let unseen =
            |factor: f64, power: f64| over(&|rate| rate.powf(1.0 + power) * (-factor * rate).exp());
        match target {
            // e^−λ − e^−tλ, without subtracting where both are near 1.
            ForecastTarget::New(factor) => {
                let new = over(&|rate| (-rate).exp() * -(-(factor - 1.0) * rate).exp_m1());
                Self { numerator: new, denominator: None }
            }
            ForecastTarget::Unseen => Self { numerator: unseen(1.0, 0.0), denominator: None },
            ForecastTarget::Later(factor, power) => {
                Self { numerator: unseen(factor, power), denominator: None }
            }
            ForecastTarget::Remaining(factor, power) => {
                Self { numerator: unseen(factor, power), denominator: Some(unseen(1.0, power)) }
            }
        }
    }

    fn of(&self, features: &[f64]) -> f64 {
        let sum = |terms: &[f64]| features.iter().zip(terms).map(|(n, term)| n * term).sum::<f64>();
        sum(&self.numerator) / self.denominator.as_ref().map_or(1.0, |denominator| sum(denominator))
    }
}

/// Rates, as expected counts in all of the data, of a component that a law of finitely many
/// features may lack undetected.
const UNDETECTED_RATES: [f64; 4] = [0.1, 0.3, 0.6, 1.0];

/// Laws with an undetected component: as many additional features of one low rate as the counts do
/// not exclude. The gamma law needs it, since equal features fit about as well as equal features
/// and some of a second, rarer kind; the other laws have rare features of their own.
pub(crate) fn with_undetected_component(fitted: &Fitted<'_>, deviations: f64) -> Vec<Vec<f64>> {
    let kernel = fitted.kernel();
    let with = |rate: f64| {
        let node = kernel.rates.iter().position(|node| *node >= rate)?;
        let (most, slopes, scale) = fitted.undetected_component(node, deviations);
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
    UNDETECTED_RATES.iter().filter_map(|&rate| with(rate)).collect()
}
