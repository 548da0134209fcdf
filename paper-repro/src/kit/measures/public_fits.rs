//! Fits of public runs, and how often intervals and tests are right on runs that are drawn from
//! known laws.

use super::public_runs::{TrainedModel, public_models, runs_of};
use crate::ChapterError;
use crate::kit::Entry;
use asymscale_fitting::{
    BootstrapInterval, CoverageOptions, FitBootstrapOptions, FitOptions, FittedLaw, Objective,
    Parameter, SyntheticRuns, fit_law, interval_coverage, symmetry_test, symmetry_test_size,
};
use asymscale_sampling::Key;

type Rows = Result<Vec<Entry>, ChapterError>;

/// Number of parameters above which a model counts as large.
const LARGE: f64 = 1e9;

/// A fit of all runs of a training set, with profile intervals and the p-value of one common
/// exponent; and predictions of the large models from a fit of the small ones.
///
/// # Errors
/// As [`fit_law`].
pub fn public_fit_entries(
    set: &str,
    evaluation: &str,
    resamples: usize,
    options: &FitOptions,
    key: &Key,
) -> Rows {
    let mut rows = Vec::new();
    let (models, of) = (public_models(set, evaluation)?, format!("{set} {evaluation}"));
    let all = runs_of(&models)?;
    let fit = fit_law(&all, options)?;
    for parameter in Parameter::ALL {
        let interval = fit.profile_interval(parameter, 0.95)?;
        let entry = Entry::new("fit", &of, parameter.name(), interval.estimate, all.len());
        rows.push(entry.within((interval.lower, interval.upper)));
    }
    let test = symmetry_test(&all, options, 0, &mut key.stream())?;
    rows.push(Entry::new("p-value", &of, "one exponent", test.p_value, all.len()));
    let (large, small): (Vec<&TrainedModel>, Vec<&TrainedModel>) =
        models.iter().partition(|model| model.size.0 > LARGE);
    let fit = fit_law(&runs_of(small)?, options)?;
    let resampling = FitBootstrapOptions { resamples, audit: 0.0, ..Default::default() };
    let refits = fit.bootstrap(&resampling, &mut key.label("rows").stream())?;
    let large: Vec<TrainedModel> = large.into_iter().cloned().collect();
    let found = FittedLaw::new(&fit, Some(&refits)).validate(&runs_of(&large)?, 0.95)?;
    for (model, forecast) in large.iter().zip(&found.forecasts) {
        let error = |loss: f64| loss / model.loss - 1.0;
        let ends =
            forecast.run.map_or((f64::NAN, f64::NAN), |run| (error(run.lower), error(run.upper)));
        let entry =
            Entry::new("held-out", &of, &model.name, error(forecast.loss), fit.runs().len());
        rows.push(entry.within(ends));
    }
    let shift = found.shift;
    let entry = Entry::new("held-out mean", &of, "all", shift.estimate, large.len());
    rows.push(entry.within((shift.lower, shift.upper)));
    Ok(rows)
}

#[rustfmt::skip]
const FIVE: [&str; 5] = ["d=96_l=8_h=4-1.0", "d=512_l=8_h=4-1.0", "d=576_l=24_h=8-1.0", "d=1024_l=24_h=8-1.0", "d=96_l=8_h=4-16.0"];
/// The published parameters.
#[rustfmt::skip]
pub(in crate::kit) const PUBLISHED: [(&str, f64); 4] = [("E", 1.836_648_4), ("b", -0.272_850_7), ("a", 166.2110), ("a'", 366.6872)];
/// The large models: in findings, in the file, and their published errors in per cent.
pub(in crate::kit) const TARGETS: [(&str, &str, f64); 2] =
    [("1b", "open_lm_1b-32.0", 0.7103), ("7b", "open_lm_7b-1.0", 0.7320)];

/// The five-point fit: its parameters, and its errors at the large models in per cent.
///
/// # Errors
/// As [`fit_law`].
pub fn five_point_entries(tied: &FitOptions) -> Rows {
    let mut rows = Vec::new();
    let models = public_models("rpj", "c4_val")?;
    let named = |name: &str| {
        models.iter().find(|m| m.name == format!("rpj-{name}")).ok_or(format!("no model {name}"))
    };
    let small = FIVE.into_iter().map(named).collect::<Result<Vec<_>, _>>()?;
    let squares = FitOptions { objective: Objective::Squares, minimum_rows: 5, ..tied.clone() };
    let law = fit_law(&runs_of(small)?, &squares)?.parameters;
    let values = [law.e, -law.alpha, law.a, law.b * 6f64.powf(0.5 * law.alpha)];
    for ((name, _), value) in PUBLISHED.into_iter().zip(values) {
        rows.push(Entry::new("five", "parameters", name, value, 5));
    }
    for (id, name, _) in TARGETS {
        let model = named(name)?;
        let error = 100.0 * (law.loss(model.size.0, model.size.1) / model.loss - 1.0).abs();
        rows.push(Entry::new("five", "errors", id, error, 5));
    }
    Ok(rows)
}

/// Among data sets drawn from a law, how many have each parameter in its interval: a row for each
/// parameter and kind of interval.
///
/// # Errors
/// As [`interval_coverage`].
pub fn coverage_entries(
    name: &str,
    law: &SyntheticRuns,
    (sets, resamples): (usize, usize),
    options: &FitOptions,
    key: &Key,
) -> Rows {
    let mut rows = Vec::new();
    let bootstrap = (resamples > 0).then(|| FitBootstrapOptions {
        resamples,
        audit: 0.0,
        ..Default::default()
    });
    let asked = CoverageOptions { fit: options.clone(), bootstrap, level: 0.95, sets };
    for found in interval_coverage(law, &asked, &mut key.stream())? {
        let (of, covered) =
            (found.interval.map_or("profile", BootstrapInterval::name), found.covered as f64);
        rows.push(Entry::new(of, name, found.parameter.name(), covered, found.sets));
    }
    Ok(rows)
}

/// How often the test of one common exponent rejects a law that has one.
///
/// # Errors
/// As [`symmetry_test_size`].
pub fn size_entries(
    name: &str,
    law: &SyntheticRuns,
    sets: usize,
    options: &FitOptions,
    key: &Key,
) -> Rows {
    let tests = symmetry_test_size(law, options, 0, sets, &mut key.stream())?;
    let rejected = tests.iter().filter(|(p, _)| *p < 0.05).count() as f64;
    Ok(vec![Entry::new("size", name, "rejected", rejected, sets)])
}
