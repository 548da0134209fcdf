//! Memory that a request takes, estimated before anything is drawn, and refused beyond a limit.
//!
//! An estimate is a function of the numbers of the request that it grows with. Where it is too
//! large, the error names the number that would help most if it were as small as it can be, and the
//! largest value that fits while all others stay.

use crate::MonteCarloError;
use asymscale_model::{Activity, ModelSize, SparseModel};
use asymscale_numerics::{Bracket, bisect};
use asymscale_sampling::DesignSize;

/// Most bytes that a request may take in all: its results, and the working sets of the designs
/// treated at a time.
pub const MOST_BYTES: f64 = 8.0 * 1024.0 * 1024.0 * 1024.0;

/// A number of the request.
pub(crate) struct Flag {
    /// As on the command line.
    pub(crate) name: &'static str,
    pub(crate) value: f64,
}

/// Refuses a request that takes too much; `bytes` takes the values of the flags in their order.
fn check(flags: &[Flag], bytes: impl Fn(&[f64]) -> f64) -> Result<(), MonteCarloError> {
    let values: Vec<f64> = flags.iter().map(|flag| flag.value).collect();
    let needed = bytes(&values);
    // What has no end is the sampler's to refuse.
    if needed <= MOST_BYTES || !needed.is_finite() {
        return Ok(());
    }
    let with = |k: usize, value: f64| {
        let mut values = values.clone();
        values[k] = value;
        bytes(&values)
    };
    let least = |k: &usize| with(*k, 1.0);
    let k = (0..flags.len()).min_by(|a, b| least(a).total_cmp(&least(b))).unwrap_or(0);
    let allowed = largest(flags[k].value, |value| with(k, value) <= MOST_BYTES);
    let Flag { name, value } = flags[k];
    Err(MonteCarloError::Memory { name, value, allowed, needed, most: MOST_BYTES })
}

/// The largest value from 1 on that fits, to two digits; 1 if none does.
fn largest(value: f64, fits: impl Fn(f64) -> bool) -> f64 {
    let range = Bracket::new(0.0, value.max(1.0).ln());
    let found = bisect(range, 60, |log| fits(log.exp())).low().exp();
    let unit = 10f64.powf((found.log10().floor() - 1.0).max(0.0));
    (found / unit).floor() * unit
}

/// How many designs fit side by side of which each is decomposed, with infinitely many features or
/// drawn ones, and kept at `points` numbers.
///
/// # Errors
/// [`MonteCarloError::Memory`] if not even one does.
pub fn descent_fits(
    model: &SparseModel,
    samples: usize,
    features: ModelSize,
    repeats: usize,
    points: usize,
) -> Result<usize, MonteCarloError> {
    let flag = |name, value| Flag { name, value };
    let mut flags = vec![flag("repeats", repeats as f64), flag("samples", samples.max(1) as f64)];
    flags.push(flag("features", features.finite().unwrap_or(1) as f64));
    flags.extend(onset(model).map(|onset| flag("onset", onset)));
    let iid = model.has_iid_teacher();
    let parts = |values: &[f64]| {
        let model = values.get(3).map_or_else(|| model.clone(), |onset| with_onset(model, *onset));
        let sizes = Sizes::of(&model, values[1]);
        // Teachers that are not iid are drawn, and infinitely many features are the coordinates.
        let columns = if features.is_infinite() { sizes.seen } else { values[2] };
        let smaller = sizes.samples.min(columns);
        let drawn = 8.0 * (columns * (sizes.seen + 8.0 * sizes.samples) + 8.0 * smaller * smaller);
        let averaged = features.is_infinite() && iid;
        let replicate = sizes.design() + if averaged { sizes.decomposition() } else { drawn };
        (values[0] * (100.0 + 24.0 * points as f64), replicate)
    };
    fits(&flags, parts)
}

/// How many replicates fit side by side, from the bytes of results and of a replicate; refuses a
/// request of which not even one does.
pub(crate) fn fits(
    flags: &[Flag],
    parts: impl Fn(&[f64]) -> (f64, f64),
) -> Result<usize, MonteCarloError> {
    let bytes = |values: &[f64]| {
        let (results, replicate) = parts(values);
        results + replicate
    };
    check(flags, bytes)?;
    let (results, replicate) = parts(&flags.iter().map(|flag| flag.value).collect::<Vec<_>>());
    Ok(if replicate.is_finite() { side_by_side(results, replicate) } else { 1 })
}

/// How many replicates fit side by side, at least 1.
fn side_by_side(results: f64, replicate: f64) -> usize {
    ((MOST_BYTES - results) / replicate.max(1.0)).clamp(1.0, 1e6) as usize
}

/// The onset of a power law, which a request may be too large for.
pub(crate) fn onset(model: &SparseModel) -> Option<f64> {
    match *model.activity_law() {
        Activity::PowerLaw { onset, .. } => Some(onset),
        _ => None,
    }
}

/// The same model with another onset, where it has one.
pub(crate) fn with_onset(model: &SparseModel, onset: f64) -> SparseModel {
    let Activity::PowerLaw { beta, .. } = *model.activity_law() else { return model.clone() };
    let changed = Activity::power_law(beta, onset).ok().and_then(|activity| {
        let spectrum = model.spectrum().clone();
        SparseModel::new(spectrum, activity, model.amplitude(), model.coordinates()).ok()
    });
    changed.unwrap_or_else(|| model.clone())
}

/// Expected sizes of a design of a model, in numbers.
pub(crate) struct Sizes {
    pub(crate) samples: f64,
    pub(crate) seen: f64,
    pub(crate) entries: f64,
    /// Columns with so many entries that they are kept dense.
    pub(crate) dense: f64,
    /// Pairs of coordinates that meet in some sample.
    pairs: f64,
}

impl Sizes {
    pub(crate) fn of(model: &SparseModel, samples: f64) -> Self {
        let DesignSize { seen, entries } = DesignSize::expected(model, samples);
        let (dense, near) = match *model.activity_law() {
            Activity::PowerLaw { beta, onset } => {
                // D p_i p_j is above 1 for i j below this; as many pairs again, in the order of
                // magnitude, are beyond.
                let product = onset * onset * samples.powf(beta.recip());
                (onset * 8f64.powf(beta.recip()), 4.0 * product * (1.0 + product.max(1.0).ln()))
            }
            _ => (entries / samples * 8.0, f64::INFINITY),
        };
        let pairs = near.min(seen * seen).min(entries * entries / samples);
        Self { samples, seen, entries, dense: dense.min(seen), pairs }
    }

    /// Bytes of the design itself.
    pub(crate) fn design(&self) -> f64 {
        DesignSize { seen: self.seen, entries: self.entries }.bytes()
    }

    /// Bytes to decompose it: dense columns twice, entries sorted by samples, five matrices of the
    /// size of the rank, and one of it by coordinates where they are dense.
    pub(crate) fn decomposition(&self) -> f64 {
        let rank = self.rank();
        let dense = if self.seen < self.samples { rank.min(4096.0) } else { self.samples.max(8.0) };
        8.0 * (6.0 * rank * rank + 2.0 * dense * self.dense) + 24.0 * self.entries
    }

    /// Bytes of the sparse covariance while it is formed.
    pub(crate) fn sparse_gram(&self) -> f64 {
        40.0 * self.pairs
    }

    /// The rank, at most.
    pub(crate) fn rank(&self) -> f64 {
        self.samples.min(self.seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_names_what_helps_most_and_how_far() {
        let flags = [Flag { name: "samples", value: 1e6 }, Flag { name: "features", value: 1e6 }];
        let product = |values: &[f64]| 8.0 * values[0] * values[1].powi(2);
        let Err(MonteCarloError::Memory { name, allowed, .. }) = check(&flags, product) else {
            panic!()
        };
        // 8.6e9 bytes are 1074² · 8e6/8.
        assert_eq!((name, allowed), ("features", 32.0));
        assert!(check(&flags, |values| values[0]).is_ok());
        assert_eq!(largest(1e9, |value| value <= 12_345.0), 12_000.0);
        assert_eq!(largest(1e9, |value| value <= 7.9), 7.0);
        assert_eq!(
            (side_by_side(0.0, MOST_BYTES), side_by_side(MOST_BYTES / 2.0, MOST_BYTES / 10.0)),
            (1, 5)
        );
    }

    #[test]
    fn estimates_do_not_refuse_what_is_ordinary() {
        let model = SparseModel::power_law(1.0, 1.5, 20.0).unwrap();
        assert!(descent_fits(&model, 2000, ModelSize::Infinite, 100, 50).unwrap() >= 8);
        assert!(descent_fits(&model, 1_000_000, ModelSize::Infinite, 1, 1).is_err());
        assert!(descent_fits(&model, 1000, ModelSize::Finite(2000), 16, 50).unwrap() >= 8);
    }
}
