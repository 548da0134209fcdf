//! The check of a column of compute beside N and D against factor · N · D.

use crate::quote;
use crate::runs::RunTable;
use crate::runs::extras::Values;

/// Relative difference that rounding and embeddings explain.
const TOLERANCE: f64 = 0.05;

/// Takes the compute, which is the last of the further columns, out of the table, and describes how
/// it compares with N and D.
pub(crate) fn compare(title: &str, runs: &mut RunTable, factor: f64) -> Option<String> {
    let Some(Some(Values::Numbers(compute))) = runs.extras.pop() else { return None };
    let sizes = runs.features.iter().zip(&runs.samples);
    let ratios: Vec<f64> =
        compute.iter().zip(sizes).map(|(c, (n, d))| c / (factor * n * d)).collect();
    let mut sorted = ratios.clone();
    sorted.sort_by(f64::total_cmp);
    let (least, middle, most) = (sorted[0], sorted[sorted.len() / 2], sorted[sorted.len() - 1]);
    let title = quote::name(title);
    let one_ratio = most < (1.0 + TOLERANCE) * least;
    let off: Vec<usize> =
        (0..ratios.len()).filter(|&row| (ratios[row] - 1.0).abs() > TOLERANCE).collect();
    if off.is_empty() {
        return Some(format!(
            "C from column {title} agrees with {factor}·N·D within 5 % in all rows"
        ));
    }
    let (count, rows, which) = (off.len(), ratios.len(), runs.lines.name(&off));
    let taken = format!("N and D are taken as they stand, and compute is {factor}·N·D");
    let [low, mid, high] = [least, middle, most].map(digits);
    Some(if one_ratio {
        let other = digits(factor * middle);
        format!(
            "C from column {title} is about {mid} times {factor}·N·D: {taken}; --factor {other} would agree"
        )
    } else {
        format!(
            "C from column {title} is {low} to {high} times {factor}·N·D, {mid} times in the middle, more than 5 % off in \
             {count} of {rows} rows ({which}): {taken}"
        )
    })
}

/// Three decimals, or as a power of ten.
fn digits(value: f64) -> String {
    if (0.01..100.0).contains(&value) { format!("{value:.3}") } else { format!("{value:.2e}") }
}
