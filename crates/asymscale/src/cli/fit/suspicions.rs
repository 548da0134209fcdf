//! What in a table of runs, or in what a fit leaves of it, should make its owner look again.

use super::{Best, Fit as Question};
use asymscale::fitting::{Fit, FitQuality};
use asymscale_tables::Lines;

/// Correlation of neighbours from which runs of the same N err alike.
const ALIKE: f64 = 0.5;
/// A p-value below which residuals have a pattern.
const PATTERN: f64 = 0.01;
/// Tokens per parameter that no run has: D holds something else.
const MOST_RATIO: f64 = 1e6;
/// Operations beyond any machine there is.
const MOST_COMPUTE: f64 = 1e28;
/// Largest D/N over the smallest below which runs are of one shape.
const ONE_SHAPE: f64 = 1.5;

pub(super) fn suspicions(question: &Question, fit: &Fit, quality: &FitQuality, lines: &Lines) -> Vec<String> {
    let mut found = Vec::new();
    sizes(question, fit, &mut found);
    found.extend(repeats(quality, lines, "N, D"));
    let (sizes, rows) = quality.replicated;
    if sizes > 0 && question.best == Best::All {
        let what = format!(
            "{rows} runs share {sizes} sizes (N, D) with others of another loss; the law goes through their middle"
        );
        found.push(format!(
            "{what}: --best lower-envelope takes the best of each size, --filter-column those of one kind"
        ));
    }
    if let Some(p) = quality.lack_of_fit.filter(|p| *p < PATTERN) {
        let p = super::words::p_value(p);
        found.push(format!("the law misses the means of runs of one size by more than these differ ({p}): it is not the law of these runs"));
    }
    let alike = quality.neighbours.filter(|found| found.0 > ALIKE && quality.repeated.is_empty());
    if let Some((correlation, pairs)) = alike.filter(|_| question.group_column.is_none()) {
        found.push(format!(
            "runs of the same N err alike from one D to the next (correlation {correlation:.2} of {pairs} pairs), as \
             checkpoints of one run do: intervals and p-values are too small unless --group-column names the column that tells runs apart"
        ));
    }
    // Rows that err together stand together whatever the law. Three tests.
    let single =
        alike.is_none() && quality.repeated.is_empty() && sizes == 0 && question.group_column.is_none();
    let bent = ["N", "D", "C"].iter().zip(quality.sign_runs).filter(|(_, p)| single && 3.0 * p < PATTERN);
    let along: Vec<String> = bent.map(|(name, p)| format!("{name} ({})", super::words::p_value(p))).collect();
    if !along.is_empty() {
        found.push(format!(
            "residuals of one sign stand together along {}: the law bends otherwise than the runs",
            along.join(", ")
        ));
    }
    found
}

/// Rows that stand twice.
pub(super) fn repeats(quality: &FitQuality, lines: &Lines, sizes: &str) -> Option<String> {
    let (count, which) = (quality.repeated.len(), lines.name(&quality.repeated));
    let (rows, repeat) = if count == 1 { ("row", "repeats") } else { ("rows", "repeat") };
    (count > 0).then(|| {
        format!("{count} {rows} {repeat} an earlier one in {sizes} and loss ({which}): intervals take them for runs of their own")
    })
}

/// Whether N and D are what they are called, and tell each other apart.
fn sizes(question: &Question, fit: &Fit, found: &mut Vec<String>) {
    let runs = fit.runs();
    let mut ratios: Vec<f64> = runs.samples().iter().zip(runs.features()).map(|(d, n)| d / n).collect();
    ratios.sort_by(f64::total_cmp);
    let (least, middle, most) = (ratios[0], ratios[ratios.len() / 2], ratios[ratios.len() - 1]);
    let compute =
        runs.samples().iter().zip(runs.features()).map(|(d, n)| question.factor * d * n).fold(0.0, f64::max);
    if middle > MOST_RATIO || compute > MOST_COMPUTE {
        found.push(format!(
            "D is {middle:.1e} times N in the middle, and the largest C = {}·N·D is {compute:.1e}: if the column of D holds FLOPs, \
             --compute-column names it",
            question.factor
        ));
    }
    if most < ONE_SHAPE * least {
        found.push(format!(
            "D/N is nearly the same in all runs ({least:.3} to {most:.3}): what is due to N can hardly be told from what is due to D; vary it"
        ));
    }
}
