//! The fit of all rows: where they are many, from the ends of a fit of a part of them.

use crate::cli::fit::FitFlags;
use crate::cli::progress::Progress;
use crate::fitting::{Fit, FitOptions, FittingError, Runs, Starts, fit_law};

/// Rows of which every start can be tried in a second or two.
pub(in crate::cli::fit) const ALL_STARTS: usize = 20_000;

/// The fit of all rows with its options. Where rows are many it starts from the ends of a fit of a
/// part of them.
pub(in crate::cli::fit) fn fitted(
    flags: &FitFlags,
    runs: &Runs,
    progress: &Progress,
) -> Result<(FitOptions, Fit), FittingError> {
    let mut options = flags.options();
    if let Some(part) = fit_of_part(runs, &options) {
        progress.known(&in_short(&part));
        options.starts = best_ends(&part);
    }
    progress.stage(format!("fitting {} rows", runs.len()));
    let fit = fit_law(runs, &options)?;
    progress.known(&in_short(&fit));
    check_groups(&fit)?;
    Ok((options, fit))
}

/// The fit of a part of the rows, where these are many; `None` where they are few, or that part
/// cannot be fitted.
fn fit_of_part(runs: &Runs, options: &FitOptions) -> Option<Fit> {
    (runs.len() > ALL_STARTS)
        .then(|| fit_law(&runs.pick(&runs.thinned(ALL_STARTS)), options).ok())
        .flatten()
}

/// The best ends of all starts on a part of the rows, where these are many; `None` where they are
/// few.
pub(in crate::cli::fit) fn thinned_starts(runs: &Runs, options: &FitOptions) -> Option<Starts> {
    fit_of_part(runs, options).map(|fit| best_ends(&fit))
}

/// The best ends of all starts that differ.
fn best_ends(fit: &Fit) -> Starts {
    let mut ends = fit.endpoints.clone();
    ends.retain(|end| end.objective.is_finite());
    ends.sort_by(|a, b| a.objective.total_cmp(&b.objective));
    ends.dedup_by(|b, a| b.objective < a.objective * (1.0 + 1e-6));
    Starts::Given(ends.into_iter().take(3).map(|end| end.parameters).collect())
}

/// Fewer groups than this have no resamples.
fn check_groups(fit: &Fit) -> Result<(), FittingError> {
    let needed = fit.free_parameters() + 1;
    match fit.runs().groups() {
        Some(found) if found < needed => Err(FittingError::TooFewGroups { found, needed }),
        _ => Ok(()),
    }
}

/// The exponents, and of how many rows.
fn in_short(fit: &Fit) -> String {
    let law = fit.parameters;
    format!(
        "E = {:.3}, alpha = {:.3}, beta = {:.3} of {} rows",
        law.e,
        law.alpha,
        law.beta,
        fit.runs().len()
    )
}
