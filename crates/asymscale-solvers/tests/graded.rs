//! Designs whose amplitudes span many decades, held to golden values of arithmetic with hundreds
//! of digits.
//!
//! The generator, `golden/graded.py`, says how the values were made. Every number of a row has the
//! row's relative tolerance; every bad point is printed.

use asymscale_sampling::{Column, Design, Key, TeacherLaw, Teachers, feature_column};
use asymscale_solvers::{
    DesignSpectrum, Regression, SolverError, conditional_mean_curve, explicit_curve, residual_mass,
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Eigenvalues closer than this share of each other have weights that are compared together.
const CLOSE: f64 = 1e-3;

/// A design with fewer numbers than this, as a dense matrix, is not decomposed in coordinates.
const TALL: usize = (1 << 25) + 1;

/// One design of `golden/graded.json`, and what is known of it.
#[derive(Deserialize)]
struct Golden {
    name: String,
    /// None for a design made by hand.
    alpha: Option<f64>,
    samples: usize,
    unseen: f64,
    columns: Vec<Shown>,
    rank: usize,
    residual: f64,
    tolerance: f64,
    /// Ascending; not there for large ranks.
    #[serde(default)]
    eigenvalues: Vec<f64>,
    #[serde(default)]
    weights: Vec<f64>,
    /// Method, features (infinite if none), ridge, noise, loss.
    #[serde(default)]
    losses: Vec<(String, Option<f64>, f64, f64, f64)>,
    /// Features, ridge, loss of each teacher, as `golden/features.json` has them drawn.
    #[serde(default)]
    explicit: Vec<(usize, f64, Vec<f64>)>,
    /// None where results rest on exact dependencies of columns.
    #[serde(default)]
    condition: Option<[f64; 3]>,
    #[serde(default)]
    rate: f64,
    /// Steps and loss.
    #[serde(default)]
    descent: Vec<(u32, f64)>,
}

/// A column: index, variance, samples and values.
#[derive(Deserialize)]
struct Shown(f64, f64, Vec<(u32, f64)>);

impl Golden {
    fn table() -> Vec<Self> {
        serde_json::from_str(include_str!("golden/graded.json")).unwrap()
    }

    /// The design among `samples` samples, of which the last may be empty.
    fn design(&self, samples: usize) -> Design {
        let column = |Shown(index, eigenvalue, entries): &Shown| Column {
            index: *index,
            eigenvalue: *eigenvalue,
            entries: entries.clone(),
        };
        Design::from_columns(samples, self.columns.iter().map(column).collect(), self.unseen)
            .unwrap()
    }
}

/// What the crate drew for a design when the golden values were made.
#[derive(Deserialize)]
struct Drawn {
    name: String,
    /// Of each seen coordinate.
    features: Vec<Vec<f64>>,
    teachers: Vec<[f64; 2]>,
}

/// The relative errors of all points, the bad ones printed.
#[derive(Default)]
struct Errors {
    points: usize,
    bad: usize,
    /// The worst error of each quantity for each `alpha`, and how many points of it are bad.
    worst: BTreeMap<(String, String), (f64, usize, usize)>,
}

impl Errors {
    fn point(&mut self, golden: &Golden, quantity: &str, at: &str, got: f64, expected: f64) {
        let error = if got == expected { 0.0 } else { (got / expected - 1.0).abs() };
        let bad = error.is_nan() || error > golden.tolerance;
        if bad {
            println!(
                "{}: {quantity}{at}: {got:e} for {expected:e}, off by {error:.1e}",
                golden.name
            );
        }
        self.points += 1;
        self.bad += usize::from(bad);
        let alpha = match (golden.alpha, golden.condition) {
            (Some(alpha), _) => format!("{alpha:5}"),
            (None, Some(_)) => "by hand".to_owned(),
            (None, None) => "by hand, exactly dependent".to_owned(),
        };
        let worst = self.worst.entry((quantity.to_owned(), alpha)).or_default();
        let error = if error.is_nan() { f64::INFINITY } else { error };
        *worst = (worst.0.max(error), worst.1 + usize::from(bad), worst.2 + 1);
    }

    /// Rank, residual mass, eigenvalues and weights of a decomposition by this route.
    fn spectrum(&mut self, golden: &Golden, spectrum: &DesignSpectrum, route: &str) {
        self.point(golden, &format!("{route}rank"), "", spectrum.rank() as f64, golden.rank as f64);
        self.point(
            golden,
            &format!("{route}residual mass"),
            "",
            spectrum.residual_mass(),
            golden.residual,
        );
        if spectrum.rank() != golden.eigenvalues.len() {
            return;
        }
        let scale = spectrum.samples() / golden.samples as f64;
        let mut first = 0;
        for (k, expected) in golden.eigenvalues.iter().enumerate() {
            let got = spectrum.eigenvalues()[k] * scale;
            self.point(golden, &format!("{route}eigenvalue"), &format!(" {k}"), got, *expected);
            let next = golden.eigenvalues.get(k + 1);
            if next.is_none_or(|next| *next > (1.0 + CLOSE) * expected) {
                let [got, expected] = [spectrum.weights(), &golden.weights]
                    .map(|all| all[first..=k].iter().sum::<f64>());
                self.point(
                    golden,
                    &format!("{route}weight"),
                    &format!(" {first}..={k}"),
                    got,
                    expected,
                );
                first = k + 1;
            }
        }
    }

    fn losses(&mut self, golden: &Golden, spectrum: &DesignSpectrum) {
        for (method, features, ridge, noise, expected) in &golden.losses {
            let features = features.unwrap_or(f64::INFINITY);
            let regression = Regression::new(*ridge, *noise).unwrap();
            let got = match method.as_str() {
                "averaged" => spectrum.averaged_loss(features, regression).unwrap(),
                "corrected" => {
                    let corrected = spectrum.corrected_loss(features, regression).unwrap();
                    // An expansion that says of itself that its loss is not known: its orders
                    // cancel.
                    if corrected.truncation > corrected.loss {
                        continue;
                    }
                    corrected.loss
                }
                other => panic!("unknown method {other}"),
            };
            self.point(
                golden,
                method,
                &format!(", N = {features}, {regression:?}"),
                got,
                *expected,
            );
        }
        let steps: Vec<u32> = golden.descent.iter().map(|(step, _)| *step).collect();
        if !steps.is_empty() {
            let curve = spectrum.descent_curve(f64::INFINITY, golden.rate, &steps).unwrap();
            for ((step, expected), got) in golden.descent.iter().zip(curve) {
                self.point(golden, "descent", &format!(" of {step} steps"), got, *expected);
            }
        }
    }

    /// Fails if there was a bad point, or too few at all.
    fn settle(&self, least: usize) {
        for ((quantity, alpha), (worst, bad, points)) in &self.worst {
            println!("{quantity:20} alpha {alpha:7}: worst {worst:8.1e}, bad {bad} of {points}");
        }
        assert!(self.points >= least, "only {} points", self.points);
        assert_eq!(self.bad, 0, "bad of {} points", self.points);
    }
}

/// Designs whose samples, not only coordinates, have lengths over many decades: these are refused,
/// and no other.
const REFUSED: [&str; 2] = ["samples over 36 decades", "samples over 24 decades, columns over 52"];

/// A design whose unit columns are independent by less than rounding, so that its numerical rank is
/// lower: the limit that is documented on `DesignSpectrum`.
const DEPENDENT_TO_ROUNDING: &str = "decades that multiply";

/// The answer, or nothing where it is rightly refused or beyond the documented limit.
fn answered<T>(golden: &Golden, answer: Result<T, SolverError>) -> Option<T> {
    let refused = REFUSED.contains(&golden.name.as_str());
    match answer {
        Err(SolverError::FaintSample { .. }) if refused => None,
        Ok(_) | Err(SolverError::Precision { .. }) if golden.name == DEPENDENT_TO_ROUNDING => None,
        Ok(answer) if !refused => Some(answer),
        other => panic!("{}: {:?}", golden.name, other.err()),
    }
}

#[test]
fn every_golden_value_is_met() {
    let mut errors = Errors::default();
    for golden in Golden::table() {
        if let Some(spectrum) =
            answered(&golden, DesignSpectrum::new(&golden.design(golden.samples)))
        {
            errors.spectrum(&golden, &spectrum, "");
            errors.losses(&golden, &spectrum);
        }
    }
    errors.settle(8000);
}

#[test]
fn the_residual_mass_without_a_decomposition_is_met() {
    let mut errors = Errors::default();
    for golden in Golden::table() {
        if let Some(got) = answered(&golden, residual_mass(&golden.design(golden.samples))) {
            errors.point(&golden, "residual_mass()", "", got, golden.residual);
        }
    }
    errors.settle(20);
}

/// Samples that show nothing change no sum over samples, and make the design one that is decomposed
/// in coordinates.
#[test]
fn a_decomposition_in_coordinates_gives_the_same() {
    let mut errors = Errors::default();
    for golden in Golden::table() {
        let seen = golden.columns.len();
        if (12..100).contains(&seen) {
            let padded = golden.design((TALL.div_ceil(seen)).max(seen + 1));
            if let Some(spectrum) = answered(&golden, DesignSpectrum::new(&padded)) {
                errors.spectrum(&golden, &spectrum, "tall: ");
            }
        }
    }
    errors.settle(200);
}

/// With features and teachers that are still drawn as when the golden values were made.
#[test]
fn explicit_losses_are_met() {
    let all: Vec<Drawn> = serde_json::from_str(include_str!("golden/features.json")).unwrap();
    let key = Key::new(1);
    let mut errors = Errors::default();
    for golden in Golden::table().into_iter().filter(|golden| !golden.explicit.is_empty()) {
        let drawn = all.iter().find(|drawn| drawn.name == golden.name).unwrap();
        let design = golden.design(golden.samples);
        let teachers = Teachers::draw(&design, 2, TeacherLaw::Gaussian, &key.label("teachers"));
        for (j, (features, weights)) in drawn.features.iter().zip(&drawn.teachers).enumerate() {
            let mut again = vec![0.0; features.len()];
            feature_column(&key.label("features"), design.index(j), &mut again);
            assert_eq!(
                (&again[..], teachers.weights(j)),
                (&features[..], &weights[..]),
                "{}",
                golden.name
            );
        }
        for (features, ridge, expected) in &golden.explicit {
            let regression = Regression::new(*ridge, 0.0).unwrap();
            let curve = explicit_curve(&design, &teachers, &[*features], regression, &key);
            let Some(curve) = answered(&golden, curve) else { continue };
            for (got, expected) in curve.losses[0].iter().zip(expected) {
                errors.point(
                    &golden,
                    "explicit",
                    &format!(", N = {features}, {regression:?}"),
                    *got,
                    *expected,
                );
            }
        }
    }
    errors.settle(200);
}

/// Above the rank the loss given the features is the residual mass times what depends on the rank
/// and the features alone.
#[test]
fn conditional_losses_above_the_rank_are_met() {
    let key = Key::new(2);
    let mut errors = Errors::default();
    for golden in Golden::table().into_iter().filter(|golden| golden.rank > 0) {
        let sizes = [golden.rank + 2, 2 * golden.rank + 1];
        let curve = |design| conditional_mean_curve(&design, &sizes, Regression::default(), &key);
        let unit = |k| Column { index: f64::from(k + 1), eigenvalue: 0.0, entries: vec![(k, 1.0)] };
        let units = (0..golden.rank as u32).map(unit).collect();
        let factors = curve(Design::from_columns(golden.rank, units, 1.0).unwrap()).unwrap();
        let Some(losses) = answered(&golden, curve(golden.design(golden.samples))) else {
            continue;
        };
        for (n, (loss, factor)) in sizes.iter().zip(losses.iter().zip(factors)) {
            errors.point(
                &golden,
                "conditional",
                &format!(", N = {n}"),
                *loss,
                factor * golden.residual,
            );
        }
    }
    errors.settle(100);
}
