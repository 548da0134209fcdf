//! How one forecast is made, from series that need no law and from the laws that the data do not
//! reject.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use super::prediction::{Forecast, Prediction};
use crate::diagnosis::counts::ActivationCounts;
use crate::diagnosis::estimate::{Estimate, normal_quantile, poisson_half_widths};
use crate::diagnosis::estimators::smoothing::Smoothing;
use crate::diagnosis::estimators::unseen::{
    Dispersion, Unseen, singleton_mass, unseen, unseen_variance,
};
use crate::diagnosis::laws::energy::{Scaling, energy_power};
use crate::diagnosis::laws::model::{ForecastTarget, Model};
use crate::diagnosis::method::Method;

/// Up to this factor of the data the weights of Good and Toulmin's series do not grow.
pub(crate) const UNSMOOTHED_FACTOR: f64 = 2.0;

/// An interval whose ends are a larger factor apart is not informative, unless even its upper end
/// is a small share of the total.
const WIDEST_RATIO: f64 = 10.0;
const SMALL_SHARE: f64 = 0.1;

/// The share by which a law is taken to miss the unseen mass of now at least, beside the error of
/// its parameters: on half of the verses of the King James Bible the laws alone were 3 % too low,
/// where features seen once estimate it to 1.6 %.
const LEAST_LAW_ERROR: f64 = 0.02;

/// Everything that forecasts are computed from; [`Forecast`] describes the methods.
pub(crate) struct Forecaster<'a> {
    pub(crate) counts: &'a ActivationCounts,
    /// The same with activations as energies.
    pub(crate) activity: Cow<'a, ActivationCounts>,
    pub(super) models: &'a [Model<'a>],
    /// The power of the rate with which the energy of an activation grows, and its standard error.
    energy_power: (f64, f64),
    /// The same for the activations of a feature in a group; 0 where samples are what was drawn.
    activity_power: (f64, f64),
    pub(crate) dispersion: Dispersion,
    /// Whether features seen once are in the table.
    singletons: bool,
    pub(crate) unseen: Option<Unseen>,
    /// Unseen activity and energy by features seen once, each with its variance.
    singleton_masses: [Option<(f64, f64)>; 2],
    pub(super) level: f64,
    /// Forecasts at the points of the grid of factors, by quantity and point, as far as they were
    /// made.
    pub(crate) cache: RefCell<BTreeMap<(u8, i32), Prediction>>,
}

/// The quantity that is forecast: new features, or the unseen energy of some counts.
#[derive(Clone, Copy)]
pub(crate) enum Quantity<'a> {
    New,
    Unseen { counts: &'a ActivationCounts, power: (f64, f64), now: Option<Estimate> },
}

impl<'a> Forecaster<'a> {
    /// `scaling` gives the power of second moments more precisely than a fitted line. `are_drawn`
    /// says whether the counts are a random sample; if not, features seen once say nothing of those
    /// never seen.
    pub(crate) fn new(
        counts: &'a ActivationCounts,
        models: &'a [Model<'a>],
        scaling: Option<&Scaling>,
        are_drawn: bool,
        level: f64,
    ) -> Self {
        let activity = counts.as_activity();
        let energy_power = scaling.and_then(Scaling::energy_power).map_or_else(
            || energy_power(counts),
            |(power, reach)| (power, reach / normal_quantile(level)),
        );
        let activity_power = if counts.grouped() { energy_power } else { (0.0, 0.0) };
        let dispersion = Dispersion::of(counts, level);
        let complete = counts.total().is_some() && counts.never_active() == 0;
        let singletons = complete || (counts.floor() == 1 && are_drawn);
        let unseen = singletons.then(|| unseen(counts, level));
        let singleton_masses =
            [&*activity, counts].map(|of| singletons.then(|| singleton_mass(of, level)));
        let mut found = Self {
            counts,
            activity,
            models,
            energy_power,
            activity_power,
            dispersion,
            singletons,
            unseen,
            singleton_masses,
            level,
            cache: RefCell::default(),
        };
        if counts.floor() > 1 {
            found.unseen = found.unseen_by_laws();
        }
        found
    }

    /// What is unseen now where features seen once were left out of the table: by the laws that
    /// survive.
    fn unseen_by_laws(&self) -> Option<Unseen> {
        let laws: Vec<Estimate> =
            self.models.iter().map(|model| self.by_law(self.unseen_mass(), model, 1.0)).collect();
        let activity = self.best_law(&laws, 1.0)?.1;
        let share = activity.map(|value| value / (value + self.activity.total_energy()));
        Some(Unseen {
            activity,
            activity_share: share,
            energy: None,
            energy_share: share,
            singletons: 0,
        })
    }

    pub(crate) fn unseen_mass(&self) -> Quantity<'_> {
        let (power, now) = (self.activity_power, self.unseen.map(|unseen| unseen.activity));
        Quantity::Unseen { counts: &self.activity, power, now }
    }

    /// The forecast at a factor; what is unseen now bounds what is unseen then.
    pub(crate) fn at(&self, factor: f64) -> Forecast {
        let energy = self.counts.has_second_moments().then(|| {
            let now = self.unseen.and_then(|unseen| unseen.energy);
            self.monotone(
                Quantity::Unseen { counts: self.counts, power: self.energy_power, now },
                factor,
            )
        });
        Forecast {
            factor,
            new_features: self.monotone(Quantity::New, factor),
            unseen_activity: self.monotone(self.unseen_mass(), factor),
            unseen_energy: energy,
        }
    }

    /// The forecast at a factor by itself, without monotonicity. At less than twice the data an
    /// interval may span a factor of ten by chance alone, and is reported all the same.
    pub(crate) fn unconstrained(&self, quantity: Quantity<'_>, factor: f64) -> Prediction {
        let laws: Vec<Estimate> =
            self.models.iter().map(|model| self.by_law(quantity, model, factor)).collect();
        let of = |method: Method| {
            let law = self.models.iter().position(|model| model.candidate.method == method)?;
            Some(laws[law])
        };
        let z = normal_quantile(self.level);
        let smoothing = Smoothing::binomial(factor - 1.0, self.counts.units());
        let smooth = self.series(quantity, factor, &smoothing, &laws);
        let plain = (factor <= UNSMOOTHED_FACTOR)
            .then(|| self.series(quantity, factor, &Smoothing::Plain, &laws));
        let smoothed = self.singletons.then(|| smooth.estimate(z));
        let good_toulmin =
            plain.as_ref().filter(|_| self.singletons).map(|plain| plain.estimate(z));
        // New features by laws are kept within the interval of the series, which needs no law, at a
        // tenth of its risk. (That does not hold for unseen mass, whose series depends on the most
        // frequent features, which are no Poisson numbers.)
        let new = matches!(quantity, Quantity::New);
        let strict = normal_quantile(1.0 - 0.1 * (1.0 - self.level));
        let limits =
            plain.as_ref().filter(|_| new && self.singletons).map(|plain| plain.estimate(strict));
        let within = |law: Estimate| match limits {
            Some(series) => Estimate {
                lower: law.lower.max(series.lower.min(law.value)),
                upper: law.upper.min(series.upper.max(law.value)),
                ..law
            },
            None => law,
        };
        let by_series = match (plain, good_toulmin, smoothed) {
            (Some(plain), Some(estimate), Some(_)) if plain.error() <= smooth.error() => {
                Some((Method::GoodToulmin, estimate))
            }
            (Some(_), Some(_), Some(estimate)) => Some((Method::Smoothed, estimate)),
            _ => None,
        };
        let by_laws = self.best_law(&laws, factor).map(|(method, law)| (method, within(law)));
        let at_most = self.singletons.then(|| self.upper_bound(quantity, factor));
        let possible = |(method, estimate): (Method, Estimate)| {
            let estimate = self.within_bounds(quantity, factor, estimate);
            Some((method, below(estimate, at_most.unwrap_or(f64::INFINITY))?))
        };
        let told = |found: (Method, Estimate)| {
            possible(found).filter(|(_, estimate)| self.is_informative(quantity, estimate))
        };
        let near = by_series.filter(|_| factor < UNSMOOTHED_FACTOR).and_then(possible);
        let chosen = by_laws.and_then(told).or_else(|| by_series.and_then(told)).or(near);
        Prediction {
            good_toulmin,
            smoothed,
            power_law: of(Method::PowerLaw),
            lognormal_law: of(Method::LognormalLaw),
            finite_law: of(Method::FiniteLaw),
            gamma_law: of(Method::GammaLaw),
            recommended: chosen.map(|chosen| chosen.0),
            estimate: chosen.map(|chosen| chosen.1),
            at_most,
        }
    }

    /// The forecast of the best surviving law, with an interval that holds those of all plausible
    /// laws.
    fn best_law(&self, laws: &[Estimate], factor: f64) -> Option<(Method, Estimate)> {
        let within = || {
            let laws = self.models.iter().zip(laws).map(|(model, law)| (&model.candidate, *law));
            laws.filter(|(candidate, _)| factor <= candidate.horizon())
        };
        let (best, law) = within().find(|(candidate, _)| candidate.survives)?;
        let plausible = within().filter(|(candidate, _)| candidate.plausible);
        Some((best.method, plausible.fold(law, |all, (_, other)| all.hull(other))))
    }

    /// The most there can be whatever the law: with `s = t − 1`, `1 − e^{−sλ} ≤ sλ` makes new
    /// features at most `s` times those seen once, and unseen mass never rises.
    fn upper_bound(&self, quantity: Quantity<'_>, factor: f64) -> f64 {
        match quantity {
            Quantity::New => {
                let once = self.counts.with_count(1) as f64;
                let once = Estimate::poisson_interval(
                    once,
                    self.dispersion.features * once,
                    1.0,
                    self.level,
                );
                let most = (factor - 1.0) * once.upper;
                let chance = poisson_half_widths(most, self.dispersion.features, self.level).1;
                let left = self
                    .counts
                    .total()
                    .map_or(f64::INFINITY, |_| self.counts.never_active() as f64);
                (most + chance).min(left)
            }
            Quantity::Unseen { now, .. } => now.map_or(f64::INFINITY, |now| now.upper),
        }
    }

    /// The estimate within what is possible: no more new features than are left, no more unseen
    /// mass than now, and an upper end above 0 as long as anything can be unseen.
    fn within_bounds(&self, quantity: Quantity<'_>, factor: f64, estimate: Estimate) -> Estimate {
        match quantity {
            Quantity::New => {
                let left = self
                    .counts
                    .total()
                    .map_or(f64::INFINITY, |_| self.counts.never_active() as f64);
                // The next sample may always bring a feature that was never seen.
                let least = 1.0_f64.min(left);
                let clamped = |value: f64| value.clamp(0.0, left);
                // Where more are expected than are left, those left are of another kind, and may be
                // dead.
                let lower = if estimate.lower > left { 0.0 } else { estimate.lower };
                Estimate {
                    value: clamped(estimate.value),
                    lower,
                    upper: clamped(estimate.upper.max(least)),
                }
            }
            Quantity::Unseen { now: None, .. } => estimate,
            Quantity::Unseen { counts, now: Some(now), .. } => {
                let value = estimate.value.clamp(0.0, now.value);
                // The upper end allows for a feature so rare that it was missed by chance (the rule
                // of three).
                let missed = -(0.5 * (1.0 - self.level)).ln() * Self::rarest(counts) / factor;
                let upper = estimate.upper.max(missed).min(now.upper).max(value);
                Estimate { value, lower: estimate.lower.clamp(0.0, value.min(now.lower)), upper }
            }
        }
    }

    /// Whether an interval is informative: its ends are within a factor of ten, or its upper end is
    /// small.
    pub(crate) fn is_informative(&self, quantity: Quantity<'_>, estimate: &Estimate) -> bool {
        let all = match quantity {
            Quantity::New => self.counts.seen() as f64,
            Quantity::Unseen { counts, .. } => counts.total_energy(),
        };
        estimate.upper <= WIDEST_RATIO * estimate.lower || estimate.upper <= SMALL_SHARE * all
    }

    fn by_law(&self, quantity: Quantity<'_>, model: &Model<'_>, factor: f64) -> Estimate {
        let z = normal_quantile(self.level);
        match quantity {
            Quantity::New => {
                let ahead = ForecastTarget::New(factor);
                let value = model.value(ahead);
                let reach = model.log_error(ahead, self.level);
                let chance = poisson_half_widths(value, self.dispersion.features, self.level);
                with_sampling_error(value, reach, chance)
            }
            Quantity::Unseen { counts, power, .. } => {
                let once = counts.group(counts.floor());
                // Energy of an activation of a feature seen once; what is rarer follows the power.
                let unit =
                    once.energy / once.features.max(1.0) / counts.floor() as f64 / counts.samples();
                let (now, then) =
                    (ForecastTarget::Unseen, ForecastTarget::Remaining(factor, power.0));
                let unit = if once.features > 0.0 { unit } else { Self::rarest(counts) };
                // The law and the features seen once are combined, each weighted by its precision.
                let mut value_now = unit * model.value(now);
                let (mut down_now, mut up_now) = model.log_error(now, self.level);
                if let Some((seen, variance)) =
                    self.singleton_masses[usize::from(counts.has_second_moments())]
                {
                    let of_law = (0.5 * (down_now + up_now) / z).hypot(LEAST_LAW_ERROR) * value_now;
                    let (law, once) = (of_law.powi(-2), variance.recip());
                    if once.is_finite() && law.is_finite() {
                        value_now = (law * value_now + once * seen) / (law + once);
                        let joint = z * (law + once).sqrt().recip() / value_now;
                        (down_now, up_now) = (down_now.max(joint), up_now.max(joint));
                    }
                }
                let value = value_now * model.value(then);
                // The error of what is unseen now and that of the share that remains are
                // correlated.
                let (down, up) =
                    model.log_error(ForecastTarget::Later(factor, power.0), self.level);
                // Activations of features that are active together vary more than the law of their
                // number says.
                let together = z * self.dispersion.relative;
                let (down_now, up_now) = (down_now.max(together), up_now.max(together));
                let (down_then, up_then) = model.log_error(then, self.level);
                let (down, up) =
                    (down.max(down_then.hypot(down_now)), up.max(up_then.hypot(up_now)));
                let of_power = z * power.1 * factor.ln();
                let reach = (down.hypot(of_power), up.hypot(of_power));
                // The unseen mass of these very samples scatters about its mean by at most what it
                // does now.
                let chance = (unseen_variance(counts) / factor).sqrt() * z;
                with_sampling_error(value, reach, (chance, chance))
            }
        }
    }

    /// Energy per sample of an activation of the rarest features seen.
    fn rarest(counts: &ActivationCounts) -> f64 {
        let rarest = counts.groups_to(u64::MAX).next();
        rarest.map_or(0.0, |(k, group)| group.energy / group.features / k as f64 / counts.samples())
    }
}

/// An estimate that is not above what is possible whatever the law; none where even its lower end
/// is, since the counts are then no random sample of the kind that the bound and the series are of.
fn below(estimate: Estimate, most: f64) -> Option<Estimate> {
    let (value, upper) = (estimate.value.min(most), estimate.upper.min(most));
    match estimate {
        possible if possible.value <= most => Some(possible),
        above => (above.lower <= most).then_some(Estimate { value, upper, ..above }),
    }
}

/// An interval from the reach of a law (in logarithms) and the chance about it (in the value
/// itself).
fn with_sampling_error(value: f64, (down, up): (f64, f64), chance: (f64, f64)) -> Estimate {
    // A law may expect that nothing is left, and its relative error is then undefined.
    let of_law = |share: f64| if value > 0.0 { value * share } else { 0.0 };
    let below = of_law(-(-down).exp_m1()).hypot(chance.0);
    let above = of_law(up.exp_m1()).hypot(chance.1);
    Estimate { value, lower: (value - below).max(0.0), upper: value + above }
}
