//! Step sizes of stochastic gradient descent over a training run.

use crate::ModelError;
use crate::power_sum::scaled_power_sum;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Step sizes.
const RATES: std::ops::RangeInclusive<f64> = 1e-100..=1e30;
/// Most steps of a run.
const MOST_STEPS: u64 = 9_000_000_000_000_000;

/// Whether a number is a step size: in `1e-100..=1e30`. All that descends has this one range, in
/// which `2/η` and its products with numbers of samples are floats.
///
/// ```
/// use asymscale_model::is_rate;
/// assert!(is_rate(1e-100) && is_rate(1e30) && !is_rate(1e31) && !is_rate(f64::NAN));
/// ```
pub fn is_rate(rate: f64) -> bool {
    RATES.contains(&rate)
}

/// How step sizes fall after the warm-up.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decay {
    /// They do not.
    #[default]
    Constant,
    /// As a power of the step: `η (w/(t + 1))^e` with the exponent `e` in `0..=4`, where `w` is the
    /// length of the warm-up, at least 1.
    Power(f64),
    /// In a straight line to 0 at the end of the run.
    Linear,
    /// As half a cosine to 0 at the end of the run.
    Cosine,
    /// Constant, then in a straight line to 0 over the last share of the run, in `(0, 1]`.
    Cooldown(f64),
}

/// Step sizes `η_0, η_1, …` of a run of `T` steps: step `t` leads from `θ_t` to `θ_{t+1}`.
///
/// A warm-up of `w` steps raises them in a straight line, `η_t = η (t + 1)/w` for `t < w`; then
/// they follow the [`Decay`]. The largest of them is `η`.
///
/// ```
/// use asymscale_model::{Decay, Schedule};
/// let schedule = Schedule::new(0.5, 100)?.with_warmup(4)?.with_decay(Decay::Linear)?;
/// assert_eq!((schedule.rate_at(0), schedule.rate_at(3), schedule.rate_at(4)), (0.125, 0.5, 0.5));
/// assert_eq!((schedule.rate_at(52), schedule.rate_at(100)), (0.25, 0.0));
/// assert!(Schedule::new(-1.0, 100).is_err());
/// # Ok::<(), asymscale_model::ModelError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Schedule {
    rate: f64,
    steps: u64,
    warmup: u64,
    decay: Decay,
}

impl Schedule {
    /// The constant step size `rate` in `1e-100..=1e30`, for `steps` steps in `1..=9e15`.
    ///
    /// # Errors
    /// [`ModelError::Rate`] or [`ModelError::Steps`] outside these ranges.
    pub fn new(rate: f64, steps: u64) -> Result<Self, ModelError> {
        if !is_rate(rate) {
            return Err(ModelError::Rate(rate));
        }
        if !(1..=MOST_STEPS).contains(&steps) {
            return Err(ModelError::Steps(steps));
        }
        Ok(Self { rate, steps, warmup: 0, decay: Decay::Constant })
    }

    /// The same with a warm-up of `warmup < T` steps.
    ///
    /// # Errors
    /// [`ModelError::Warmup`] if it is as long as the run.
    pub fn with_warmup(self, warmup: u64) -> Result<Self, ModelError> {
        if warmup >= self.steps {
            return Err(ModelError::Warmup { warmup, steps: self.steps });
        }
        Ok(Self { warmup, ..self })
    }

    /// The same with step sizes that fall after the warm-up.
    ///
    /// # Errors
    /// [`ModelError::Decay`] for an exponent or a share outside its range.
    pub fn with_decay(self, decay: Decay) -> Result<Self, ModelError> {
        decay.check()?;
        Ok(Self { decay, ..self })
    }

    /// The largest step size `η`.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// The number of steps `T`.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The length of the warm-up.
    pub fn warmup(&self) -> u64 {
        self.warmup
    }

    /// How step sizes fall.
    pub fn decay(&self) -> Decay {
        self.decay
    }

    /// Whether all step sizes are alike.
    pub fn is_constant(&self) -> bool {
        self.warmup <= 1 && (self.decay == Decay::Constant || self.decay == Decay::Power(0.0))
    }

    /// `η_t`, for `t < T`; after the run a constant or a power goes on, all others are 0.
    pub fn rate_at(&self, step: u64) -> f64 {
        if step < self.warmup {
            return self.rate * ((step + 1) as f64 / self.warmup as f64);
        }
        let left = self.steps.saturating_sub(step) as f64;
        let share = left / (self.steps - self.warmup) as f64;
        self.rate
            * match self.decay {
                Decay::Constant => 1.0,
                Decay::Power(exponent) => {
                    (self.warmup.max(1) as f64 / (step + 1) as f64).powf(exponent)
                }
                Decay::Linear => share,
                Decay::Cosine => (0.5 * std::f64::consts::PI * (1.0 - share)).cos().powi(2),
                Decay::Cooldown(end) => (left / (end * self.steps as f64)).min(1.0),
            }
    }

    /// `Σ_{t < step} η_t`, the time of gradient flow that so many steps stand for, as it follows
    /// from [`Schedule::rate_at`]. Relative accuracy 1e-12, in closed form at any `step`.
    ///
    /// ```
    /// use asymscale_model::{Decay, Schedule};
    /// let schedule = Schedule::new(0.5, 100)?.with_decay(Decay::Linear)?;
    /// assert!((schedule.time(100) - 25.25).abs() < 1e-12);
    /// # Ok::<(), asymscale_model::ModelError>(())
    /// ```
    pub fn time(&self, step: u64) -> f64 {
        let warm = step.min(self.warmup) as f64;
        let rising = warm * (warm + 1.0) / (2.0 * self.warmup.max(1) as f64);
        self.rate * (rising + self.falling_time(step))
    }

    /// The part after the warm-up, in units of the rate.
    fn falling_time(&self, step: u64) -> f64 {
        let ended = step.min(self.steps);
        let length = (self.steps - self.warmup) as f64;
        // Steps after the warm-up, all of them and those within the run.
        let (all, count) =
            (step.saturating_sub(self.warmup) as f64, ended.saturating_sub(self.warmup) as f64);
        match self.decay {
            Decay::Constant => all,
            Decay::Power(exponent) => {
                let from = self.warmup as f64 + 1.0;
                scaled_power_sum(self.warmup.max(1) as f64, exponent, from, from + all)
            }
            Decay::Linear => count - count * (count - 1.0) / (2.0 * length),
            Decay::Cosine => {
                // Of ½(1 + cos kφ).
                let angle = std::f64::consts::PI / length;
                let cosines = (0.5 * count * angle).sin() * (0.5 * (count - 1.0) * angle).cos()
                    / (0.5 * angle).sin();
                0.5 * (count + cosines)
            }
            Decay::Cooldown(end) => {
                // Of min(1, left/end) for `left` from `length` down to `last`.
                let (end, last) = (end * self.steps as f64, length - count + 1.0);
                let flat = (length - last.max(end.ceil()) + 1.0).max(0.0);
                let top = length.min(end.ceil() - 1.0);
                let ramp = if top < last { 0.0 } else { 0.5 * (top - last + 1.0) * (top + last) };
                flat + ramp / end
            }
        }
    }
}

impl Decay {
    fn check(self) -> Result<(), ModelError> {
        let valid = match self {
            Self::Constant | Self::Linear | Self::Cosine => true,
            Self::Power(exponent) => (0.0..=4.0).contains(&exponent),
            Self::Cooldown(share) => share > 0.0 && share <= 1.0,
        };
        if valid { Ok(()) } else { Err(ModelError::Decay(self.to_string())) }
    }
}

impl fmt::Display for Decay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant => f.pad("constant"),
            Self::Power(exponent) => write!(f, "power:{exponent}"),
            Self::Linear => f.pad("linear"),
            Self::Cosine => f.pad("cosine"),
            Self::Cooldown(share) => write!(f, "cooldown:{share}"),
        }
    }
}

impl FromStr for Decay {
    type Err = ModelError;

    /// `constant`, `linear`, `cosine`, `power:EXPONENT` or `cooldown:SHARE`.
    fn from_str(word: &str) -> Result<Self, ModelError> {
        let wrong = || ModelError::Decay(word.to_owned());
        let decay = match word.split_once(':') {
            None => match word {
                "constant" => Self::Constant,
                "linear" => Self::Linear,
                "cosine" => Self::Cosine,
                _ => return Err(wrong()),
            },
            Some((name, number)) => {
                let number = number.parse().map_err(|_| wrong())?;
                match name {
                    "power" => Self::Power(number),
                    "cooldown" => Self::Cooldown(number),
                    _ => return Err(wrong()),
                }
            }
        };
        decay.check()?;
        Ok(decay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip_and_others_are_refused() {
        for word in ["constant", "linear", "cosine", "power:0.5", "cooldown:0.2"] {
            assert_eq!(word.parse::<Decay>().unwrap().to_string(), word);
        }
        for word in ["", "step", "power", "power:", "power:x", "power:5", "cooldown:0", "linear:1"]
        {
            let error = word.parse::<Decay>().unwrap_err();
            assert_eq!(error, ModelError::Decay(word.to_owned()));
        }
    }

    #[test]
    fn every_decay_begins_at_the_rate_and_no_step_size_is_above_it() {
        let decays = [
            Decay::Constant,
            Decay::Power(0.7),
            Decay::Linear,
            Decay::Cosine,
            Decay::Cooldown(0.25),
        ];
        for decay in decays {
            for warmup in [0, 1, 10] {
                let schedule = Schedule::new(0.3, 200).unwrap().with_warmup(warmup).unwrap();
                let schedule = schedule.with_decay(decay).unwrap();
                let start = schedule.rate_at(warmup.saturating_sub(1));
                assert!((start - 0.3).abs() < 1e-15, "{decay} {start}");
                let rates: Vec<f64> = (0..200).map(|t| schedule.rate_at(t)).collect();
                assert!(rates.iter().all(|rate| (0.0..=0.3).contains(rate)), "{decay}");
                let falls = rates[warmup as usize..].windows(2).all(|pair| pair[1] <= pair[0]);
                assert!(falls && rates[199] > 0.0, "{decay}");
            }
        }
    }

    /// Rounding of sums of up to 300 terms.
    #[test]
    fn the_time_is_the_sum_of_the_step_sizes() {
        let decays = [
            Decay::Constant,
            Decay::Power(0.0),
            Decay::Power(0.5),
            Decay::Power(1.0),
            Decay::Power(2.5),
            Decay::Linear,
            Decay::Cosine,
            Decay::Cooldown(0.137),
            Decay::Cooldown(0.25),
            Decay::Cooldown(1.0),
        ];
        for (decay, warmup) in decays.into_iter().flat_map(|d| [0, 1, 7, 150].map(|w| (d, w))) {
            let schedule = Schedule::new(0.3, 200).unwrap().with_warmup(warmup).unwrap();
            let schedule = schedule.with_decay(decay).unwrap();
            for step in [0, 1, 2, 7, 8, 100, 150, 151, 199, 200, 201, 300] {
                let sum: f64 = (0..step).map(|t| schedule.rate_at(t)).sum();
                let error = (schedule.time(step) - sum).abs();
                assert!(error <= 1e-12 * sum, "{decay} {warmup} {step}: {error}");
            }
        }
    }

    #[test]
    fn a_cosine_is_half_a_cosine_and_a_cooldown_is_its_last_share() {
        let run = Schedule::new(2.0, 100).unwrap();
        let cosine = run.with_decay(Decay::Cosine).unwrap();
        for step in [0, 25, 50, 99] {
            let exact = 1.0 + (std::f64::consts::PI * step as f64 / 100.0).cos();
            assert!((cosine.rate_at(step) - exact).abs() < 1e-14);
        }
        let cooldown = run.with_decay(Decay::Cooldown(0.2)).unwrap();
        assert_eq!([80, 90, 95].map(|step| cooldown.rate_at(step)), [2.0, 1.0, 0.5]);
    }

    #[test]
    fn what_is_outside_is_refused_with_name_value_and_range() {
        let run = Schedule::new(0.1, 10).unwrap();
        let message = |error: ModelError| error.to_string();
        assert_eq!(
            message(Schedule::new(f64::NAN, 1).unwrap_err()),
            "rate = NaN: the step size must be a number in 1e-100..1e30"
        );
        assert_eq!(
            message(Schedule::new(0.1, 0).unwrap_err()),
            "steps = 0: the length of a run must be a whole number in 1..9e15"
        );
        assert_eq!(
            message(run.with_warmup(10).unwrap_err()),
            "warmup = 10: must be below the 10 steps of the run"
        );
        assert_eq!(
            message(run.with_decay(Decay::Cooldown(1.5)).unwrap_err()),
            "schedule = cooldown:1.5: must be constant, linear, cosine, power:EXPONENT with an \
             exponent in 0..4, or cooldown:SHARE with a share above 0 and up to 1"
        );
    }
}
