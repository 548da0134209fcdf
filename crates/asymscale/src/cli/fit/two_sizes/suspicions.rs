//! What in a table of runs, or in what a fit leaves of it, should make its owner look again.

use crate::cli::fit::answer::digits::{digits, p_value};
use crate::cli::fit::{Best, FitFlags};
use crate::fitting::{Fit, FitQuality, Runs};
use asymscale_numerics::{sorted, upper_median};
use asymscale_tables::{Lines, many};

/// Correlation of neighbours from which runs of the same N err alike.
const ALIKE: f64 = 0.5;
/// A p-value below which residuals have a pattern.
const PATTERN: f64 = 0.01;
/// Tokens per parameter that no run has: D holds something else.
const MOST_RATIO: f64 = 1e6;
/// Tokens per parameter outside of which language models are hardly trained, in the middle of a
/// table.
const USUAL_RATIOS: [f64; 2] = [0.1, 2e4];
/// Operations beyond any machine there is.
const MOST_COMPUTE: f64 = 1e28;
/// Largest D/N over the smallest below which runs are of one shape.
const ONE_SHAPE: f64 = 1.5;
/// One row in so many that repeats another hardly narrows an interval.
const FEW_REPEATED: usize = 20;
/// A rise of the loss with D that is no error: so much of the loss, and so many times what
/// neighbours in D bend by.
const RISE: f64 = 0.02;
const BENDS: f64 = 4.0;

/// Patterns of residuals that errors of independent runs of the law would hardly have.
pub(in crate::cli::fit) struct Patterns {
    /// Correlation of runs of the same N next to each other in D, and the number of pairs.
    alike: Option<(f64, usize)>,
    /// p-value of the test of lack of fit.
    misfit: Option<f64>,
    /// Along what residuals of one sign stand together, with p-values.
    along: Vec<String>,
    /// Whether many rows are repeated.
    repeated: bool,
    /// Runs below the law of an asymmetric objective, where they are few.
    below: Option<f64>,
}

impl Patterns {
    pub(in crate::cli::fit) fn of(flags: &FitFlags, quality: &FitQuality, rows: usize) -> Self {
        let grouped = flags.group_column.is_some();
        let unrepeated = quality.repeated.is_empty();
        // Of an asymmetric objective most residuals are of one sign: neighbours seem alike, and
        // means lie above the law.
        let symmetric = !flags.penalty.is_asymmetric();
        let alike = quality
            .neighbours
            .filter(|found| found.0 > ALIKE && unrepeated && !grouped && symmetric);
        // Rows that err together stand together whatever the law. Three tests.
        let single = alike.is_none() && unrepeated && quality.replicated.0 == 0 && !grouped;
        let bent = ["N", "D", "C"]
            .iter()
            .zip(quality.sign_runs)
            .filter(|(_, p)| single && 3.0 * p < PATTERN);
        Self {
            alike,
            misfit: quality.lack_of_fit.filter(|p| *p < PATTERN && symmetric),
            along: bent.map(|(name, p)| format!("{name} ({})", p_value(p))).collect(),
            repeated: quality.repeated.len() * FEW_REPEATED > rows,
            below: flags.penalty.few_below(rows),
        }
    }

    /// Why nobody knows how sure an answer is.
    pub(in crate::cli::fit) fn doubt(&self) -> Option<&'static str> {
        match self {
            Self { misfit: Some(_), .. } => Some("since the law misses these runs"),
            Self { alike: Some(_), .. } => Some("since runs of the same N err alike"),
            Self { along, .. } if !along.is_empty() => {
                Some("since the law bends otherwise than the runs")
            }
            Self { repeated: true, .. } => Some("since rows are repeated"),
            Self { below: Some(_), .. } => Some("since few runs lie below the law"),
            _ => None,
        }
    }

    fn told(&self, found: &mut Vec<String>) {
        if let Some(below) = self.below {
            found.push(format!(
                "by --penalty about {below:.0} runs lie below the law and hold it: so few that intervals are too narrow"
            ));
        }
        if let Some(p) = self.misfit {
            found.push(format!(
                "the law misses the means of runs of one size by more than these runs differ ({}): what is said of it need not \
                 hold of the runs",
                p_value(p)
            ));
        }
        if let Some((correlation, pairs)) = self.alike {
            found.push(format!(
                "runs of the same N err alike from one D to the next (correlation {correlation:.2} of {pairs} pairs), as \
                 checkpoints of one run do, and as all runs do where the law bends otherwise: intervals and p-values are too \
                 small; if they are checkpoints, --group-column names the column that tells runs apart"
            ));
        }
        if !self.along.is_empty() {
            found.push(format!(
                "residuals of one sign stand together along {}: the law bends otherwise than the runs",
                self.along.join(", ")
            ));
        }
    }
}

/// What looks suspicious in the table and, where a law is told, in the law.
pub(in crate::cli::fit) fn suspicions(
    flags: &FitFlags,
    fit: &Fit,
    quality: &FitQuality,
    patterns: Option<&Patterns>,
    (is_rising, is_mixed): (bool, bool),
    lines: &Lines,
) -> Vec<String> {
    let mut found = Vec::new();
    sizes(flags, fit, &mut found);
    found.extend(repeats(quality, lines, "N, D"));
    // Runs of several kinds have no law that could go through the middle of those of one size.
    if !is_mixed {
        several(flags, quality, &mut found);
    }
    if let Some(patterns) = patterns {
        patterns.told(&mut found);
    }
    if let Some(rows) = rising(fit.runs()).filter(|_| !is_rising) {
        found.push(format!(
            "the loss rises again with D at the same N ({}), as with data repeated too often or a run gone wrong: the law only \
             falls",
            lines.name(&rows)
        ));
    }
    found
}

/// Several runs of one size.
fn several(flags: &FitFlags, quality: &FitQuality, found: &mut Vec<String>) {
    let (sizes, rows) = quality.replicated;
    if sizes > 0 && flags.best == Best::All {
        let where_to = if flags.penalty.is_asymmetric() {
            "the law goes below most of them, as --penalty asks"
        } else {
            "the law goes through their middle, which is right where they differ by seed alone. Where some are badly tuned, \
             --best lower-envelope takes the best of each size, and --penalty 0.1 lets runs above the law count a tenth; where \
             they are of several kinds, --filter-column picks one"
        };
        found.push(format!(
            "{rows} runs share {} (N, D) with others of another loss: {where_to}",
            many(sizes, "size")
        ));
    }
}

/// Rows that stand twice.
pub(in crate::cli::fit) fn repeats(
    quality: &FitQuality,
    lines: &Lines,
    sizes: &str,
) -> Option<String> {
    let (count, which) = (quality.repeated.len(), lines.name(&quality.repeated));
    let (rows, repeat) = if count == 1 { ("row", "repeats") } else { ("rows", "repeat") };
    (count > 0).then(|| {
        format!("{count} {rows} {repeat} an earlier one in {sizes} and loss ({which}): intervals take them for runs of their own")
    })
}

/// Whether N and D are what they are called, and tell each other apart.
fn sizes(flags: &FitFlags, fit: &Fit, found: &mut Vec<String>) {
    let runs = fit.runs();
    let ratios = sorted(runs.samples().iter().zip(runs.features()).map(|(d, n)| d / n));
    let (least, middle, most) = (ratios[0], upper_median(&ratios), ratios[ratios.len() - 1]);
    let compute = runs
        .samples()
        .iter()
        .zip(runs.features())
        .map(|(d, n)| flags.factor * d * n)
        .fold(0.0, f64::max);
    if middle > MOST_RATIO || compute > MOST_COMPUTE {
        found.push(format!(
            "the median of D/N is {}, and the largest C = {}·N·D is {}: if the column of D holds FLOPs, --compute-column names it; \
             if N or D stands in another unit, --features-unit or --samples-unit does",
            digits(middle),
            flags.factor,
            digits(compute)
        ));
    } else if !(USUAL_RATIOS[0]..=USUAL_RATIOS[1]).contains(&middle) {
        found.push(format!(
            "the median of D/N is {}, and language models are mostly trained on 1 to 1e4 tokens per parameter: if these are such, look \
             whether N and D are swapped, or one of them stands in another unit",
            digits(middle)
        ));
    }
    if most < ONE_SHAPE * least {
        found.push(format!(
            "D/N is nearly the same in all runs ({} to {}): what is due to N can hardly be told from what is due to D; vary it",
            digits(least),
            digits(most)
        ));
    }
}

/// Rows, ascending, at which the loss has risen with D at the same N, twice in turn and by more
/// than errors do.
fn rising(runs: &Runs) -> Option<Vec<usize>> {
    let (n, d) = (runs.features(), runs.samples());
    let mut order: Vec<usize> = (0..runs.len()).collect();
    order.sort_by(|&a, &b| n[a].total_cmp(&n[b]).then(d[a].total_cmp(&d[b])));
    let curves: Vec<&[usize]> = order
        .chunk_by(|&a, &b| n[a] == n[b])
        .filter(|rows| rows.len() >= 4 && rows.windows(2).all(|pair| d[pair[0]] < d[pair[1]]))
        .collect();
    let log = |row: usize| runs.losses()[row].ln();
    let bend = |three: &[usize]| (log(three[0]) - 2.0 * log(three[1]) + log(three[2])).abs();
    let bends = sorted(curves.iter().flat_map(|rows| rows.windows(3).map(bend)));
    if bends.is_empty() {
        return None;
    }
    let limit = RISE.max(BENDS * upper_median(&bends));
    let mut found: Vec<usize> = Vec::new();
    for rows in curves {
        let mut least = f64::INFINITY;
        for three in rows.windows(3) {
            least = least.min(log(three[0]));
            let [one, two, last] = [three[0], three[1], three[2]].map(log);
            if last > two && two > one && last - least > limit {
                found.push(three[2]);
            }
        }
    }
    found.sort_unstable();
    (!found.is_empty()).then_some(found)
}
