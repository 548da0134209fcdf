//! Diagnosis of counts that stand in a frame, and its forecasts as one.

use asymscale_tables::polars::prelude::{Column, DataFrame};
use rand::Rng;

use super::FrameError;
use super::groups::numbers;
use crate::FittingError;
use crate::diagnosis::{
    ActivationCounts, Diagnosis, DiagnosisOptions, Estimate, Method, Prediction, diagnose,
};

/// Which columns of a frame hold what. A row is a feature; columns are numeric, without nulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountColumns<'a> {
    /// In how many samples the feature was active.
    pub count: &'a str,
    /// The mean of its square over **all** samples, if known.
    pub second_moment: Option<&'a str>,
}

/// The counts of a frame.
///
/// # Errors
/// No rows; a column that is missing, not numeric or has a null; what [`ActivationCounts`] refuses,
/// with the row.
pub fn counts_from_frame(
    frame: &DataFrame,
    columns: CountColumns<'_>,
    samples: f64,
) -> Result<ActivationCounts, FittingError> {
    if frame.height() == 0 {
        return Err(FrameError::Empty.into());
    }
    let counts = ActivationCounts::from_numbers(&numbers(frame, columns.count)?, samples)?;
    match columns.second_moment {
        Some(name) => counts.with_second_moments(&numbers(frame, name)?),
        None => Ok(counts),
    }
}

/// [`diagnose`] on the counts of a frame.
///
/// # Errors
/// As [`counts_from_frame`] and [`diagnose`].
///
/// ```
/// use asymscale_fitting::diagnosis::DiagnosisOptions;
/// use asymscale_fitting::frame::{CountColumns, diagnose_counts};
/// use asymscale_tables::polars::prelude::df;
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
/// let words = df!("word" => ["the", "of", "lichen", "quince"], "texts" => [90, 70, 1, 1]).expect("of one length");
/// let columns = CountColumns { count: "texts", second_moment: None };
/// let rng = &mut Xoshiro256PlusPlus::seed_from_u64(1);
/// let diagnosis = diagnose_counts(&words, columns, 100.0, &DiagnosisOptions::default(), rng)?;
/// let unseen = diagnosis.unseen.expect("no words were left out");
/// assert!((unseen.activity.value - 0.02).abs() < 1e-12); // two words seen once in 100 texts
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub fn diagnose_counts<R: Rng + ?Sized>(
    frame: &DataFrame,
    columns: CountColumns<'_>,
    samples: f64,
    options: &DiagnosisOptions,
    rng: &mut R,
) -> Result<Diagnosis, FittingError> {
    diagnose(&counts_from_frame(frame, columns, samples)?, options, rng)
}

/// Forecasts as a frame: one row per factor and quantity (`new_features`, `unseen_activity` and,
/// with second moments, `unseen_energy`).
///
/// Columns: `factor`, `samples`, `quantity`, `method` (the recommended one), `value`, `lower`,
/// `upper` (null where not known, the method `not_known`), `at_most`, and the values of each
/// method, `good_toulmin` (null beyond factor 2), `smoothed`, `power_law`, `bent_law`, `finite_law`
/// and `gamma_law` (null without such a law).
///
/// # Errors
/// None in practice: columns of one length make a frame.
pub fn forecast_frame(diagnosis: &Diagnosis) -> Result<DataFrame, FittingError> {
    let mut rows: Vec<(f64, &'static str, Prediction)> = Vec::new();
    for forecast in &diagnosis.forecasts {
        rows.push((forecast.factor, "new_features", forecast.new_features));
        rows.push((forecast.factor, "unseen_activity", forecast.unseen_activity));
        rows.extend(
            forecast.unseen_energy.map(|energy| (forecast.factor, "unseen_energy", energy)),
        );
    }
    let option = |name: &str, value: fn(&Prediction) -> Option<Estimate>| {
        super::options(name, rows.iter().map(|row| value(&row.2).map(|estimate| estimate.value)))
    };
    let columns: Vec<Column> = vec![
        super::numbers("factor", rows.iter().map(|row| row.0)),
        super::numbers("samples", rows.iter().map(|row| row.0 * diagnosis.samples)),
        super::words("quantity", rows.iter().map(|row| row.1)),
        super::words(
            "method",
            rows.iter().map(|row| row.2.recommended.map_or("not_known", Method::name)),
        ),
        super::options(
            "value",
            rows.iter().map(|row| row.2.estimate.map(|estimate| estimate.value)),
        ),
        super::options(
            "lower",
            rows.iter().map(|row| row.2.estimate.map(|estimate| estimate.lower)),
        ),
        super::options(
            "upper",
            rows.iter().map(|row| row.2.estimate.map(|estimate| estimate.upper)),
        ),
        super::options("at_most", rows.iter().map(|row| row.2.at_most)),
        option("good_toulmin", |row| row.good_toulmin),
        option("smoothed", |row| row.smoothed),
        option("power_law", |row| row.power_law),
        option("bent_law", |row| row.lognormal_law),
        option("finite_law", |row| row.finite_law),
        option("gamma_law", |row| row.gamma_law),
    ];
    DataFrame::new(rows.len(), columns)
        .map_err(|error| FrameError::Polars(error.to_string()).into())
}
