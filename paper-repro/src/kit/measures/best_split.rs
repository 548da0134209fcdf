//! The best split of a compute budget in theory, as a row.

use crate::ChapterError;
use asymscale_model::SparseModel;
use asymscale_theory::{Budget, Ridge, SampleTheory, frontier, frontier_exponents};

/// The budget, the best features and samples, their loss, the threshold there, and the ratio of the
/// minima on its two sides. For dense data these tie, and the larger model is followed.
///
/// # Errors
/// Those of theory, and a budget with one side.
pub fn best_split(
    model: &SparseModel,
    compute: f64,
    ridge: Ridge,
) -> Result<[f64; 6], ChapterError> {
    let frontier = frontier(model, Budget { compute, factor: 1.0, ridge, noise: 0.0 })?;
    let (under, over) = frontier
        .underparameterized
        .zip(frontier.overparameterized)
        .ok_or("a budget with one side")?;
    let tie = (under.loss / over.loss - 1.0).abs() < 0.02
        && frontier_exponents(model).is_some_and(|law| law.samples == 0.5);
    let best = if tie { over } else { frontier.best() };
    let threshold = SampleTheory::new(model, best.samples)?.coverage().threshold;
    Ok([compute, best.features, best.samples, best.loss, threshold, under.loss / over.loss])
}
