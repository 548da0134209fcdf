//! What the losses on a design take of memory, and how many designs fit side by side.

use super::{MOST_DECOMPOSED, Method, Settings};
use crate::MonteCarloError;
use crate::memory::{self, Flag, Sizes};
use asymscale_model::SparseModel;

/// How many designs may be treated side by side; an error if not even one.
pub(super) fn check(model: &SparseModel, settings: &Settings) -> Result<usize, MonteCarloError> {
    let largest = settings.features.iter().filter_map(|size| size.finite()).max().unwrap_or(1);
    let flag = |name, value| Flag { name, value };
    let mut flags = vec![
        flag("repeats", settings.repeats as f64),
        flag("samples", settings.samples.max(1) as f64),
    ];
    if settings.method.averages() {
        flags.push(flag("probes", settings.probes as f64));
    } else {
        flags.push(flag("teachers", settings.teachers as f64));
        flags.push(flag("features", largest as f64));
    }
    let base = flags.len();
    flags.extend(memory::onset(model).map(|onset| flag("onset", onset)));
    let parts = |values: &[f64]| {
        let model = values
            .get(base)
            .map_or_else(|| model.clone(), |onset| memory::with_onset(model, *onset));
        let sizes = Sizes::of(&model, values[1]);
        let results = values[0] * (RESULT + 40.0 * settings.features.len() as f64);
        (results, sizes.design() + working(&sizes, settings, &values[2..base]))
    };
    memory::fits(&flags, parts)
}

/// Bytes of a replicate without its model sizes: vectors, and the copies made while they are
/// collected.
const RESULT: f64 = 500.0;

/// Bytes to compute the losses on one design, an estimate from above.
fn working(sizes: &Sizes, settings: &Settings, numbers: &[f64]) -> f64 {
    let (rank, seen) = (sizes.rank(), sizes.seen);
    if let [teachers, features] = *numbers {
        let solved = features * rank * 5.0
            + teachers * (2.0 * seen + features * settings.features.len() as f64);
        let drawn =
            if settings.method == Method::Explicit { features * seen } else { rank * rank * 2.0 };
        return 8.0 * (solved + drawn) + sizes.decomposition();
    }
    let probes = numbers[0].max(2.0);
    let iterative = sizes.sparse_gram() + 8.0 * seen * 6.0 * probes.max(16.0);
    let is_large = seen > MOST_DECOMPOSED as f64 && sizes.samples > 2.0 * seen;
    if settings.method == Method::Iterative || is_large { iterative } else { sizes.decomposition() }
}
