//! Forecasts held against the truth: relative errors and their summary.

use crate::ChapterError;
use asymscale_montecarlo::Estimate;
use asymscale_sweep::{Table, row};

/// Relative errors of one method's column against the column `truth`.
///
/// # Errors
/// A table without these columns.
pub fn relative_errors(rows: &Table, method: &str) -> Result<Vec<f64>, ChapterError> {
    let pairs = rows.floats(method)?.into_iter().zip(rows.floats("truth")?);
    Ok(pairs.map(|(value, truth)| value / truth - 1.0).collect())
}

/// Root mean square of the finite ones.
pub fn rms(errors: impl Iterator<Item = f64>) -> f64 {
    let squares: Vec<f64> = errors.filter(|error| error.is_finite()).map(|error| error * error).collect();
    (squares.iter().sum::<f64>() / squares.len() as f64).sqrt()
}

const METHODS: [&str; 5] = ["recommended", "good_toulmin", "smoothed", "power_law", "bent_law"];

/// For each quantity, part, factor and method: the mean forecast and its mean interval, bias, spread and root mean square of
/// its relative errors.
///
/// # Errors
/// A table without these columns.
pub fn forecast_summary(rows: &Table) -> Result<Table, ChapterError> {
    let mut data = Table::default();
    for (key, rows) in rows.group_by(&["quantity", "part", "factor"])? {
        let mean =
            |column: &str| -> Result<f64, ChapterError> { Ok(Estimate::of(&rows.floats(column)?).mean) };
        for method in METHODS {
            let errors: Vec<f64> =
                relative_errors(&rows, method)?.into_iter().filter(|e| e.is_finite()).collect();
            if errors.is_empty() {
                continue;
            }
            let (of, own) = (Estimate::of(&errors), method == "recommended");
            data.push(row! {
                quantity: key[0].clone(), part: key[1].clone(), factor: key[2].clone(), method, subsets: errors.len() as i64,
                truth: mean("truth")?, forecast: mean("truth")? * (1.0 + of.mean),
                low: if own { mean("low")? } else { f64::NAN }, high: if own { mean("high")? } else { f64::NAN },
                bias: of.mean, spread: of.standard_error * (errors.len() as f64).sqrt(), rms: rms(errors.into_iter())
            })?;
        }
    }
    Ok(data)
}
