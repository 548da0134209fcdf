//! The interval of a probability from counted events.

use statrs::distribution::{ContinuousCDF, Normal};

/// The two-sided Wilson score interval of a probability, from `events` among `trials`.
///
/// `events` may be a sum of independent values in `[0, 1]` instead of a count: their variance is at
/// most that of a coin of the same mean, so the interval is then conservative. Right also for no
/// events. For no trials: `(0, 1)`.
///
/// Source: E. B. Wilson, *Probable inference, the law of succession, and statistical inference*
/// (1927), doi:10.2307/2276774.
///
/// ```
/// use asymscale_montecarlo::wilson_interval;
/// let (low, high) = wilson_interval(10.0, 100.0, 0.95);
/// assert!((low - 0.0552).abs() < 1e-4 && (high - 0.1744).abs() < 1e-4);
/// assert_eq!(wilson_interval(0.0, 100.0, 0.95).0, 0.0);
/// ```
pub fn wilson_interval(events: f64, trials: f64, level: f64) -> (f64, f64) {
    if trials <= 0.0 {
        return (0.0, 1.0);
    }
    let z = Normal::standard().inverse_cdf(0.5 + 0.5 * level);
    let (share, unit) = (events / trials, z * z / trials);
    let middle = (share + 0.5 * unit) / (1.0 + unit);
    let half = (unit * (share * (1.0 - share) + 0.25 * unit)).sqrt() / (1.0 + unit);
    let low = if events <= 0.0 { 0.0 } else { (middle - half).max(0.0) };
    (low, (middle + half).min(1.0))
}
