//! Forecasts held against the truth: relative errors, intervals, and their summary.

use super::names::text_in_words;
use super::statistics::{bootstrap_interval, z_bound};
use crate::kit::SEED;
use crate::{ChapterError, Finding, Prediction, Statement, Tolerance};
use asymscale_montecarlo::wilson_interval;
use asymscale_sweep::{Table, row};
use std::collections::BTreeMap;

/// Columns of forecasts: as a row has them, and in words.
pub const FORECASTS: [(&str, &str); 6] = [
    ("recommended", "recommended"),
    ("rational_groups", "rational, by chapters"),
    ("rational_samples", "rational, by verses"),
    ("chao", "Chao, by chapters"),
    ("smoothed", "smoothed series"),
    ("bare", "diagnosis, by verses"),
];

/// The words for a method where groups are not chapters, and samples not verses.
pub(super) fn in_general(method: &str) -> String {
    method.replace("chapters", "groups").replace("verses", "samples")
}

/// Those that come with an interval, and the columns of its ends.
const INTERVALS: [(&str, [&str; 2]); 2] =
    [("recommended", ["low", "high"]), ("bare", ["bare_low", "bare_high"])];

/// Relative errors of one method's column against the column `truth`.
fn relative_errors(rows: &Table, method: &str) -> Result<Vec<f64>, ChapterError> {
    let pairs = rows.floats(method)?.into_iter().zip(rows.floats("truth")?);
    Ok(pairs.map(|(value, truth)| value / truth - 1.0).collect())
}

/// Root mean square of the finite ones.
fn rms(errors: impl Iterator<Item = f64>) -> f64 {
    let squares: Vec<f64> =
        errors.filter(|error| error.is_finite()).map(|error| error * error).collect();
    (squares.iter().sum::<f64>() / squares.len() as f64).sqrt()
}

/// Of the forecasts whose interval is known: how many there are, and how many intervals hold the
/// truth.
fn held(rows: &Table, method: &str) -> Result<Option<(f64, f64)>, ChapterError> {
    let Some((_, [low, high])) = INTERVALS.iter().find(|(name, _)| *name == method) else {
        return Ok(None);
    };
    let (low, high, truth) = (rows.floats(low)?, rows.floats(high)?, rows.floats("truth")?);
    let known = || (0..truth.len()).filter(|&k| low[k].is_finite() && high[k].is_finite());
    let held = known().filter(|&k| low[k] <= truth[k] && truth[k] <= high[k]).count();
    Ok(Some((known().count() as f64, held as f64)))
}

/// For each text, quantity, part, factor and method: in how many sets there is a forecast, its
/// mean, bias, spread and root mean square relative error, and that over the error of the rational
/// extrapolation by groups in the sets where both say something; with an interval also its mean
/// ends and the share that hold the truth.
///
/// # Errors
/// A table without these columns.
pub fn forecast_summary(rows: &Table) -> Result<Table, ChapterError> {
    let mut data = Table::default();
    for (key, rows) in rows.group_by(&["text", "quantity", "part", "factor"])? {
        let mean =
            |column: &str| -> Result<f64, ChapterError> { Ok(mean_known(&rows.floats(column)?)) };
        for (method, _) in FORECASTS {
            let all = relative_errors(&rows, method)?;
            let errors: Vec<f64> = all.iter().copied().filter(|e| e.is_finite()).collect();
            // Of the recommended forecast it is told that nothing is known.
            if errors.is_empty() && method != "recommended" {
                continue;
            }
            let ends = INTERVALS.iter().find(|(name, _)| *name == method).map(|(_, ends)| ends);
            let end = |k: usize| ends.map_or(Ok(f64::NAN), |ends| mean(ends[k]));
            let covered = held(&rows, method)?.map_or(f64::NAN, |(known, held)| held / known);
            let spread = rms(errors.iter().map(|error| error - mean_known(&errors)));
            data.push(row! {
                text: key[0].clone(), quantity: key[1].clone(), part: key[2].clone(), factor: key[3].clone(), method,
                sets: all.len() as i64, known: errors.len() as i64, truth: mean("truth")?, forecast: mean(method)?,
                low: end(0)?, high: end(1)?, covered, bias: mean_known(&errors), spread, rms: rms(errors.into_iter()),
                over_rational: error_ratio(&rows, [method, "rational_groups"])?
            })?;
        }
    }
    Ok(data)
}

fn mean_known(values: &[f64]) -> f64 {
    let known: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    known.iter().sum::<f64>() / known.len() as f64
}

/// Errors of two methods in one set where both say something, with the text and the part they are
/// of.
type Pairs = Vec<((String, i64), f64, f64)>;

fn pairs(rows: &Table, [method, other]: [&str; 2]) -> Result<Vec<Pairs>, ChapterError> {
    let errors = relative_errors(rows, method)?.into_iter().zip(relative_errors(rows, other)?);
    let mut sets: BTreeMap<i64, Pairs> = BTreeMap::new();
    let of = rows.texts("text")?.into_iter().map(str::to_owned).zip(rows.ints("part")?);
    for ((of, set), (own, its)) in of.zip(rows.ints("set")?).zip(errors) {
        if own.is_finite() && its.is_finite() {
            sets.entry(set).or_default().push((of, own, its));
        }
    }
    Ok(sets.into_values().collect())
}

fn ratio(sets: &[&Pairs]) -> f64 {
    let mut squares: BTreeMap<&(String, i64), (f64, f64)> = BTreeMap::new();
    for (of, own, its) in sets.iter().copied().flatten() {
        let sums = squares.entry(of).or_default();
        *sums = (sums.0 + own * own, sums.1 + its * its);
    }
    let logs = squares.values().map(|(own, its)| 0.5 * (own / its).ln());
    (logs.sum::<f64>() / squares.len() as f64).exp()
}

/// The geometric mean over texts and parts of the error (root mean square) of one method over that
/// of another. Only sets count in which both say something.
fn error_ratio(rows: &Table, methods: [&str; 2]) -> Result<f64, ChapterError> {
    Ok(ratio(&pairs(rows, methods)?.iter().collect::<Vec<_>>()))
}

/// The same with an interval over sets drawn again.
fn error_ratio_interval(
    rows: &Table,
    methods: [&str; 2],
) -> Result<(f64, (f64, f64)), ChapterError> {
    let sets = pairs(rows, methods)?;
    Ok((error_ratio(rows, methods)?, bootstrap_interval(&sets, SEED, ratio)))
}

/// The share of intervals of a method that hold the truth, held against a bound: that of the text,
/// part, quantity and factor among `rows` where it is farthest on the wrong side. Sets in which
/// nothing is known are not counted.
///
/// # Errors
/// A table without the columns of forecasts; one without an interval.
pub fn coverage_finding(
    statement: Statement,
    rows: &Table,
    method: &str,
    bound: Prediction,
) -> Result<Finding, ChapterError> {
    let mut all = Vec::new();
    for (_, rows) in rows.group_by(&["text", "quantity", "part", "factor"])? {
        all.extend(held(&rows, method)?.filter(|(known, _)| *known > 0.0));
    }
    let share = |(known, held): &(f64, f64)| held / known;
    // Of equal shares that of the most sets.
    let sign = if matches!(bound, Prediction::AtMost(_)) { -1.0 } else { 1.0 };
    let sorted = |a: &(f64, f64), b: &(f64, f64)| {
        (sign * share(a)).total_cmp(&(sign * share(b))).then(b.0.total_cmp(&a.0))
    };
    let (known, held) = all.iter().copied().min_by(sorted).ok_or("no interval to count")?;
    let expected = bound.value();
    let width = z_bound(all.len()) * (expected * (1.0 - expected) / known).sqrt();
    Ok(statement
        .predicted(bound)
        .measured((held / known, wilson_interval(held, known, 0.95)))
        .within(Tolerance::statistical(width, "binomial, at 1 % over all that were looked at")))
}

/// The error of the recommended forecast of new features over that of another method, at so many
/// times the data, held against 1: at sixteen times the recommended one is to be nearer, before
/// that no farther off.
///
/// # Errors
/// A table without the columns of forecasts.
pub fn nearer_finding(
    rows: &Table,
    text: &str,
    factor: i64,
    other: &str,
) -> Result<Finding, ChapterError> {
    let words =
        rows.matching("text", text)?.matching("quantity", "words")?.matching("factor", factor)?;
    let tolerance = if factor == 16 {
        Tolerance::exact("the statement is a sign")
    } else {
        Tolerance::statistical(0.1, "the run is made to tell tenths")
    };
    let method =
        FORECASTS.iter().find(|(known, _)| *known == other).map_or(other, |(_, name)| name);
    let (of, method) = (text_in_words(text), in_general(method));
    let statement = format!(
        "{of}, new words in {factor} times the groups: error of the recommended forecast over that of: {method}"
    );
    Ok(Finding::of(format!("{text}-over-{other}-{factor}"), statement)
        .predicted(Prediction::AtMost(1.0))
        .measured(error_ratio_interval(&words, ["recommended", other])?)
        .within(tolerance))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[[f64; 5]]) -> Table {
        let mut table = Table::default();
        for (set, [part, own, its, low, high]) in (0..).zip(rows) {
            table
                .push(row! {
                    text: "a", quantity: "words", part: *part as i64, set: i64::from(set), factor: 2_i64, truth: 10.0,
                    recommended: *own, smoothed: *its, low: *low, high: *high
                })
                .unwrap();
        }
        table
    }

    #[test]
    fn ratios_are_taken_part_by_part() {
        // Errors of 0.1 over 0.2 in one part, 0.4 over 0.2 in the other; what only one method says
        // does not count.
        let rows = table(&[
            [2.0, 11.0, 8.0, 9.0, 12.0],
            [4.0, 6.0, 12.0, 9.0, 12.0],
            [4.0, f64::NAN, 15.0, 9.0, 12.0],
        ]);
        let ratio = error_ratio(&rows, ["recommended", "smoothed"]).unwrap();
        assert!((ratio - 1.0).abs() < 1e-12, "{ratio}");
    }

    #[test]
    fn the_part_with_the_least_coverage_is_told() {
        let rows = table(&[
            [2.0, 11.0, 8.0, 9.0, 12.0],
            [4.0, 6.0, 12.0, 9.0, 12.0],
            [4.0, 6.0, 12.0, 3.0, 9.0],
            [4.0, f64::NAN, 12.0, f64::NAN, f64::NAN],
        ]);
        let share = |bound| {
            let finding = coverage_finding(Finding::of("a", ""), &rows, "recommended", bound);
            finding.unwrap().measured.value()
        };
        let bounds = [Prediction::AtLeast(0.9), Prediction::AtMost(0.9)];
        assert_eq!(bounds.map(share), [0.5, 1.0]);
    }
}
