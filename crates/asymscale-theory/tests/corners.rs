//! Golden values over the whole box of parameters, corners and edges included: every row of the
//! table within its own tolerance.

use asymscale_model::{Coordinates, SparseModel};
use asymscale_theory::{Regression, SampleTheory, instability_probability};

/// One row of `data/corners.csv`; its header says where the values come from.
struct Row<'a> {
    quantity: &'a str,
    model: SparseModel,
    features: f64,
    samples: f64,
    regression: Regression,
    rate: f64,
    value: f64,
    tolerance: f64,
}

fn parse(line: &str) -> Row<'_> {
    let fields: Vec<&str> = line.split(',').collect();
    // Where a parameter does not matter the field is empty.
    let number = |k: usize| fields[k].parse::<f64>().unwrap_or(0.0);
    let coordinates = match number(5) {
        f64::INFINITY => Coordinates::Infinite,
        count => Coordinates::Finite(count as u64),
    };
    let model = SparseModel::power_law(number(2), number(3), number(4))
        .and_then(|model| {
            model.with_amplitude(fields[1].parse().unwrap()).with_coordinates(coordinates)
        })
        .unwrap();
    Row {
        quantity: fields[0],
        model,
        features: number(6),
        samples: number(7),
        regression: Regression::new(number(8), number(9)).unwrap(),
        rate: number(10),
        value: number(11),
        tolerance: number(12),
    }
}

fn computed(row: &Row) -> f64 {
    let theory = || SampleTheory::new(&row.model, row.samples).unwrap();
    match row.quantity {
        "seen" => theory().coverage().seen,
        "unseen_mass" => theory().coverage().unseen_mass,
        "rank" => theory().rank(),
        "loss" => theory().loss_with(row.features, row.regression).unwrap(),
        "instability" => instability_probability(&row.model, row.samples, row.rate).unwrap(),
        other => panic!("unknown quantity {other}"),
    }
}

#[test]
fn every_row_is_met() {
    /// Below this a float is as good as 0: what is there has no digits left.
    const NOTHING: f64 = 1e-300;
    let table = include_str!("data/corners.csv");
    let lines =
        table.lines().filter(|line| !line.starts_with('#') && !line.starts_with("quantity"));
    let (mut rows, mut bad) = (0, 0);
    for line in lines {
        let row = parse(line);
        let got = computed(&row);
        let error = (got - row.value).abs() / row.value.abs().max(NOTHING);
        rows += 1;
        if got.is_nan() || got < 0.0 || error > row.tolerance {
            bad += 1;
            println!("{line}: got {got}, relative error {error:.1e}");
        }
    }
    assert!(rows > 250, "only {rows} rows");
    assert_eq!(bad, 0, "of {rows} rows");
}

/// Infinitely many samples of finitely many coordinates, with noise: `∞/∞` is no noise.
#[test]
fn infinitely_many_samples_with_noise_have_a_finite_size_error() {
    let model = SparseModel::power_law(0.5, 1.5, 1.0)
        .unwrap()
        .with_coordinates(Coordinates::Finite(500))
        .unwrap();
    let theory = SampleTheory::new(&model, f64::INFINITY).unwrap();
    let noisy = Regression::new(0.0, 0.5).unwrap();
    let error = theory.finite_size_error_with(100.0, noisy).unwrap();
    assert_eq!(error, theory.finite_size_error(100.0).unwrap());
    assert!(error > 0.0 && error < 0.1, "{error}");
}
