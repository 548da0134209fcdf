//! What more data would bring: series that need no law, and the laws that the data do not reject.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Coverage;
use super::candidates::{Ahead, Model, jackknife};
use super::counts::{ActivationCounts, CountGroup};
use super::energy::energy_power;
use super::estimate::{Estimate, few_blocks, normal_quantile, poisson_reach};
use super::path::held;
use super::smoothing::{Smoothing, signed_power};
use super::unseen::{Dispersion, Unseen, unseen, unseen_variance};

/// Up to this factor of the data the weights of Good and Toulmin's series do not grow.
pub(crate) const PLAIN_FACTOR: f64 = 2.0;

/// An interval whose ends are this far apart says nothing, unless even its upper end is a small share of all there is.
const DECADE: f64 = 10.0;
const SMALL_SHARE: f64 = 0.1;

/// Steps of the ladder of factors on which a forecast must not turn back.
const LADDER: f64 = std::f64::consts::SQRT_2;

/// Steps of the ladder up to which the samples for a coverage are looked for: a thousand times the data.
const FARTHEST: i32 = 20;

/// Seen and unseen features after more data.
///
/// **Good–Toulmin** (Good & Toulmin 1956, doi:10.1093/biomet/43.1-2.45): `Σ_k h_k f_k`, `h_k = −(−s)^k`, for new
/// features, and `(1/D) Σ_k (−s)^{k−1} Σ_{k_i = k} S_i` for unseen activity and energy. Unbiased up to `O(1/D)`;
/// the distance of the first to the number found later has variance `Σ h_k² E f_k + E[new]`, or that of the jackknife over
/// blocks of units where it is known which features were active together.
/// **Smoothed** (Orlitsky, Suresh & Wu 2016, doi:10.1073/pnas.1607774113): the k-th term times `P(L ≥ k)`,
/// `L ~ Binomial(⌊½ log₃(U s²/(s−1))⌋, 2/(2+s))` for `U` units, `s − 1` at least `1/U`; its bias widens its interval where a
/// law says how large it would be.
/// **Laws** ([`Candidate`](super::Candidate)): the power law, and those of [`MixedLaw`](super::MixedLaw). Their intervals hold the region of
/// the parameters in which the likelihood falls by the quantile of χ², widened where blocks of units vary more than
/// independent features would; the chance of what is new; and the error by which the law missed all of the data from
/// parts, as far as chance does not explain it.
///
/// **Recommended** is the law whose forecasts of the data from its own parts were best, among those that neither goodness of
/// fit nor those forecasts reject; its interval holds those of all that survive. Where none does, the series up to `t = 2`
/// and nothing beyond. A forecast is **not known** (`estimate` is `None`) from the factor on at which its interval spans a
/// decade and its upper end is not small either (a tenth of the features seen, or of all activity).
///
/// Unseen mass never rises with more data, new features never fall nor exceed what is left of a known number of features:
/// forecasts are made at factors `2^{k/4}`, held to that, and interpolated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// The factor `t > 1` of the data: `t D` samples in all.
    pub factor: f64,
    /// Features the further samples bring that were not seen before.
    pub new_features: Prediction,
    /// Activations of features still unseen then, per sample.
    pub unseen_activity: Prediction,
    /// Energy of features still unseen then, per sample; needs second moments.
    pub unseen_energy: Option<Prediction>,
}

/// One forecast by every method that applies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// Good and Toulmin's series; for `t ≤ 2`, beyond which it diverges.
    pub good_toulmin: Option<Estimate>,
    /// The series with binomial smoothing (Orlitsky, Suresh & Wu); needs the features seen once.
    pub smoothed: Option<Estimate>,
    /// The fitted power law, continued, whether it may be relied on or not.
    pub power_law: Option<Estimate>,
    /// The fitted law that bends, continued, likewise.
    pub bent_law: Option<Estimate>,
    /// The fitted law of finitely many features, likewise.
    pub finite_law: Option<Estimate>,
    /// The fitted gamma law, likewise.
    pub gamma_law: Option<Estimate>,
    /// Which of them to use; none where nothing reaches that far.
    pub recommended: Option<Method>,
    /// The recommended value with an interval that holds the laws which survive; `None`: not known.
    pub estimate: Option<Estimate>,
}

/// A way to look beyond the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Good and Toulmin's series.
    GoodToulmin,
    /// The smoothed series.
    Smoothed,
    /// The fitted power law.
    PowerLaw,
    /// The fitted law that bends.
    BentLaw,
    /// The fitted law of finitely many features that fall as a power law.
    FiniteLaw,
    /// The fitted law of features with gamma distributed rates.
    GammaLaw,
}

/// What forecasts are made from; the methods are told at [`Forecast`].
pub(crate) struct Forecaster<'a> {
    pub(super) counts: &'a ActivationCounts,
    /// The same with activations as energies.
    activity: Cow<'a, ActivationCounts>,
    models: &'a [Model<'a>],
    /// The power of the rate with which the energy of an activation grows, and its standard error.
    energy_power: (f64, f64),
    /// The same for the activations of a feature in a group; 0 where samples are what was drawn.
    activity_power: (f64, f64),
    dispersion: Dispersion,
    pub(crate) unseen: Unseen,
    level: f64,
}

/// What is forecast of: new features, or the energies of some counts.
#[derive(Clone, Copy)]
pub(super) enum Quantity<'a> {
    New,
    Unseen { counts: &'a ActivationCounts, power: (f64, f64), now: Estimate },
}

impl<'a> Forecaster<'a> {
    pub(crate) fn new(counts: &'a ActivationCounts, models: &'a [Model<'a>], level: f64) -> Self {
        let activity = counts.as_activity();
        let energy_power = energy_power(counts);
        let activity_power = if counts.grouped() { energy_power } else { (0.0, 0.0) };
        let unseen = unseen(counts, level);
        let dispersion = Dispersion::of(counts, level);
        Self { counts, activity, models, energy_power, activity_power, dispersion, unseen, level }
    }

    fn mass(&self) -> Quantity<'_> {
        let (power, now) = (self.activity_power, self.unseen.activity);
        Quantity::Unseen { counts: &self.activity, power, now }
    }

    /// The forecast at a factor; what is unseen now bounds what is unseen then.
    pub(crate) fn at(&self, factor: f64) -> Forecast {
        let energy = self.unseen.energy.map(|now| {
            let energy = Quantity::Unseen { counts: self.counts, power: self.energy_power, now };
            self.steady(energy, factor)
        });
        Forecast {
            factor,
            new_features: self.steady(Quantity::New, factor),
            unseen_activity: self.steady(self.mass(), factor),
            unseen_energy: energy,
        }
    }

    /// How many samples cover each share of the activity.
    pub(crate) fn coverage(&self, shares: &[f64]) -> Vec<Coverage> {
        let total = self.activity.total_energy();
        let steps: Vec<f64> = (0..=FARTHEST).map(|k| LADDER.powi(k)).collect();
        let mut curve = vec![(1.0, self.unseen.activity)];
        for &step in &steps[1..] {
            let Some(then) = self.raw(self.mass(), step).estimate else { break };
            let (_, before) = curve[curve.len() - 1];
            curve.push((step, held(self.mass(), before, then)));
        }
        let crossing = |of: fn(&Estimate) -> f64, left: f64| {
            let after = curve.iter().position(|(_, unseen)| of(unseen) <= left)?;
            let Some(before) = after.checked_sub(1) else { return Some(1.0) };
            let ((t0, e0), (t1, e1)) = (curve[before], curve[after]);
            let (y0, y1) = (of(&e0).max(1e-300).ln(), of(&e1).max(1e-300).ln());
            Some((t0.ln() + (t1 / t0).ln() * (left.ln() - y0) / (y1 - y0)).exp())
        };
        let covered = |&share: &f64| {
            let left = (1.0 - share) * total;
            let reached = self.unseen.activity.value <= left;
            let times = |factor: Option<f64>| factor.map(|factor| (factor * self.counts.samples()).round());
            let samples = if reached {
                self.already(left).map(|value| Estimate { value, lower: value, upper: value })
            } else {
                times(crossing(|e| e.value, left)).map(|value| Estimate {
                    value,
                    lower: times(crossing(|e| e.lower, left)).unwrap_or(value),
                    upper: times(crossing(|e| e.upper, left)).unwrap_or(f64::INFINITY),
                })
            };
            Coverage { share, reached, samples }
        };
        shares.iter().map(covered).collect()
    }

    /// The number of samples at which a random part of the data leaves this much unseen.
    fn already(&self, left: f64) -> Option<f64> {
        let (mut low, mut high) = (0.0, self.counts.units() - 1.0);
        let after = |units: f64| self.counts.unseen_activity_after(units).ok();
        if after(high)? > left {
            return Some(self.counts.samples());
        }
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if after(middle)? > left { low = middle } else { high = middle }
        }
        Some((high.ceil() * self.counts.samples() / self.counts.units()).ceil())
    }

    /// The forecast at a factor by itself. At less than twice the data chance alone may span a decade, and it is told
    /// all the same.
    pub(super) fn raw(&self, quantity: Quantity<'_>, factor: f64) -> Prediction {
        let of = |method: Method| {
            let model = self.models.iter().find(|model| model.candidate.method == method)?;
            Some(self.by_law(quantity, model, factor))
        };
        let z = normal_quantile(self.level);
        let smooth = self.series(quantity, factor, Smoothing::binomial(factor - 1.0, self.counts.units()));
        let plain = (factor <= PLAIN_FACTOR).then(|| self.series(quantity, factor, Smoothing::Plain));
        let has_singletons = self.counts.floor() == 1;
        let smoothed = has_singletons.then(|| smooth.estimate(z));
        let good_toulmin = plain.as_ref().filter(|_| has_singletons).map(|plain| plain.estimate(z));
        let reaches = |model: &&Model<'_>| factor <= model.candidate.horizon();
        let best = self.models.iter().filter(reaches).find(|model| model.candidate.survives);
        let plausible = || self.models.iter().filter(reaches).filter(|model| model.candidate.plausible);
        let by_series = match (plain, good_toulmin, smoothed) {
            (Some(plain), Some(estimate), Some(_)) if plain.error() <= smooth.error() => {
                Some((Method::GoodToulmin, estimate))
            }
            (Some(_), Some(_), Some(estimate)) => Some((Method::Smoothed, estimate)),
            _ => None,
        };
        let by_laws = best.map(|best| {
            let join = |all: Estimate, other| all.joined(self.by_law(quantity, other, factor));
            (best.candidate.method, plausible().fold(self.by_law(quantity, best, factor), join))
        });
        let told = |(method, estimate): (Method, Estimate)| {
            let estimate = self.possible(quantity, factor, estimate);
            self.tells(quantity, &estimate).then_some((method, estimate))
        };
        let near = by_series.filter(|_| factor < PLAIN_FACTOR);
        let near = near.map(|(method, estimate)| (method, self.possible(quantity, factor, estimate)));
        let chosen = by_laws.and_then(told).or_else(|| by_series.and_then(told)).or(near);
        Prediction {
            good_toulmin,
            smoothed,
            power_law: of(Method::PowerLaw),
            bent_law: of(Method::BentLaw),
            finite_law: of(Method::FiniteLaw),
            gamma_law: of(Method::GammaLaw),
            recommended: chosen.map(|chosen| chosen.0),
            estimate: chosen.map(|chosen| chosen.1),
        }
    }

    /// Held within what can be: no more new features than are left, no more unseen than now, and never surely none while
    /// anything can be unseen.
    fn possible(&self, quantity: Quantity<'_>, factor: f64, estimate: Estimate) -> Estimate {
        match quantity {
            Quantity::New => {
                let left = self.counts.total().map_or(f64::INFINITY, |_| self.counts.never_active() as f64);
                // The rule of three, by the same count: what was never seen may show up to so often.
                let least = 1.0_f64.min(left);
                let held = |value: f64| value.clamp(0.0, left);
                Estimate {
                    value: held(estimate.value),
                    lower: held(estimate.lower),
                    upper: held(estimate.upper.max(least)),
                }
            }
            Quantity::Unseen { counts, now, .. } => {
                let value = estimate.value.clamp(0.0, now.value);
                // The rule of three: a feature so rare that it was missed by chance.
                let missed = -(0.5 * (1.0 - self.level)).ln() * self.rarest(counts) / factor;
                let upper = estimate.upper.max(missed).min(now.upper).max(value);
                Estimate { value, lower: estimate.lower.clamp(0.0, value.min(now.lower)), upper }
            }
        }
    }

    /// Whether an interval says anything.
    pub(super) fn tells(&self, quantity: Quantity<'_>, estimate: &Estimate) -> bool {
        let all = match quantity {
            Quantity::New => self.counts.seen() as f64,
            Quantity::Unseen { counts, .. } => counts.total_energy(),
        };
        estimate.upper <= DECADE * estimate.lower || estimate.upper <= SMALL_SHARE * all
    }

    fn by_law(&self, quantity: Quantity<'_>, model: &Model<'_>, factor: f64) -> Estimate {
        match quantity {
            Quantity::New => {
                let ahead = Ahead::New(factor);
                let value = model.value(ahead);
                let reach = model.reach(ahead, self.level);
                let chance = poisson_reach(value, self.dispersion.features, self.level);
                with_chance(value, reach, chance)
            }
            Quantity::Unseen { counts, power, .. } => {
                let once = counts.group(counts.floor());
                // Energy of an activation of a feature seen once; what is rarer follows the power.
                let unit = once.energy / once.features.max(1.0) / counts.floor() as f64 / counts.samples();
                let (now, then) = (Ahead::Unseen, Ahead::Remaining(factor, power.0));
                let unit = if once.features > 0.0 { unit } else { self.rarest(counts) };
                let value = unit * model.value(now) * model.value(then);
                let (down, up) = model.reach(then, self.level);
                let (down_now, up_now) = model.reach(now, self.level);
                // Activations of features that come together vary more than the law of their number says.
                let together = normal_quantile(self.level) * self.dispersion.relative;
                let (down_now, up_now) = (down_now.max(together), up_now.max(together));
                let of_power = normal_quantile(self.level) * power.1 * factor.ln();
                let reach = (down.hypot(of_power).hypot(down_now), up.hypot(of_power).hypot(up_now));
                // What is unseen by these very samples, about its mean: at most what it is about now.
                let chance = (unseen_variance(counts) / factor).sqrt() * normal_quantile(self.level);
                with_chance(value, reach, (chance, chance))
            }
        }
    }

    /// Energy per sample of an activation of the rarest features seen.
    fn rarest(&self, counts: &ActivationCounts) -> f64 {
        let rarest = counts.groups_to(u64::MAX).next();
        rarest.map_or(0.0, |(k, group)| group.energy / group.features / k as f64 / counts.samples())
    }

    fn series(&self, quantity: Quantity<'_>, factor: f64, smoothing: Smoothing) -> Series {
        let s = factor - 1.0;
        let (counts, per) = match quantity {
            Quantity::New => (self.counts, 1.0),
            Quantity::Unseen { counts, .. } => (counts, counts.samples().recip()),
        };
        let new = matches!(quantity, Quantity::New);
        let weight = |k: u64| {
            let power = signed_power(s, k) * smoothing.weight(k) * per;
            if new { s * power } else { power }
        };
        let part = |group: &CountGroup| if new { group.features } else { group.energy };
        let square = |group: &CountGroup| if new { group.features } else { group.square };
        let groups = || counts.groups_to(smoothing.last());
        let value: f64 = groups().map(|(k, group)| weight(k) * part(&group)).sum();
        let independent: f64 = groups().map(|(k, group)| weight(k).powi(2) * square(&group)).sum();
        let bounded = |k: u64| if k == 0 || k > smoothing.last() { 0.0 } else { weight(k) };
        let left = |left: &super::incidence::Left| -> f64 {
            let change = |c: &super::incidence::Change| {
                let (before, after) = if new { (c.features, c.features) } else { (c.energy, c.left) };
                bounded(c.to) * after - bounded(c.from) * before
            };
            let changed = left.changes.iter().map(change).sum::<f64>();
            if new {
                changed
            } else {
                (value + changed) * counts.samples() / (counts.samples() - left.samples) - value
            }
        };
        let few = few_blocks(counts.left().len(), self.level);
        let blocks = few * jackknife(counts.left().iter().map(left));
        let estimation = if counts.left().len() > 1 { independent.max(blocks) } else { independent };
        let chance = if new {
            self.dispersion.features * value.max(0.0)
        } else {
            unseen_variance(counts) * self.dispersion.mass
        };
        let best = self.models.iter().find(|model| model.candidate.survives);
        let bias = best.map_or(0.0, |model| match smoothing {
            Smoothing::Plain => 0.0,
            Smoothing::Tail(_) => self.by_law(quantity, model, factor).value - value,
        });
        Series { value, variance: estimation + chance, bias }
    }
}

/// An interval from the reach of a law (in logarithms) and the chance about it (in the value itself).
fn with_chance(value: f64, (down, up): (f64, f64), chance: (f64, f64)) -> Estimate {
    let below = (value * -(-down).exp_m1()).hypot(chance.0);
    let above = (value * up.exp_m1()).hypot(chance.1);
    Estimate { value, lower: (value - below).max(0.0), upper: value + above }
}

/// What a series gives, and how far it may be off.
struct Series {
    value: f64,
    variance: f64,
    bias: f64,
}

impl Series {
    /// Standard error and bias.
    fn error(&self) -> f64 {
        self.variance.sqrt() + self.bias.abs()
    }

    fn estimate(&self, z: f64) -> Estimate {
        Estimate::around(self.value, z * self.variance.sqrt() + self.bias.abs())
    }
}
