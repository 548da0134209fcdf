//! Golden values: every row of the table within its own tolerance, every bad row printed.

use asymscale_model::{Amplitude, SparseModel};
use asymscale_theory::SampleTheory;

/// One row of `data/golden.csv`; its header says where the values come from.
struct Row<'a> {
    quantity: &'a str,
    model: SparseModel,
    features: f64,
    samples: f64,
    value: f64,
    tolerance: f64,
}

fn parse(line: &str) -> Row<'_> {
    let fields: Vec<&str> = line.split(',').collect();
    let number = |k: usize| fields[k].parse::<f64>().ok();
    let amplitude: Amplitude = fields[1].parse().unwrap_or_default();
    // Where a parameter does not matter the table has a dash.
    let (beta, onset) = (number(3).unwrap_or(1.5), number(4).unwrap_or(1.0));
    let model =
        SparseModel::power_law(number(2).unwrap(), beta, onset).unwrap().with_amplitude(amplitude);
    Row {
        quantity: fields[0],
        model,
        features: number(5).unwrap_or(f64::NAN),
        samples: number(6).unwrap(),
        value: number(7).unwrap(),
        tolerance: number(8).unwrap(),
    }
}

fn computed(row: &Row) -> f64 {
    let theory = SampleTheory::new(&row.model, row.samples).unwrap();
    match row.quantity {
        "seen" => theory.coverage().seen,
        "unseen_mass" => theory.coverage().unseen_mass,
        "rank" => theory.rank(),
        "loss" | "loss_infinite_data" => theory.loss(row.features).unwrap(),
        other => panic!("unknown quantity {other}"),
    }
}

#[test]
fn every_golden_row_is_met() {
    let table = include_str!("data/golden.csv");
    let lines = table.lines().filter(|line| !line.starts_with(['#', 'q']));
    let (mut rows, mut bad) = (0, 0);
    for line in lines {
        let row = parse(line);
        let got = computed(&row);
        let error = (got / row.value - 1.0).abs();
        rows += 1;
        if error.is_nan() || error > row.tolerance {
            bad += 1;
            println!("{line}: got {got}, relative error {error:.1e}");
        }
    }
    assert!(rows > 150, "only {rows} rows");
    assert_eq!(bad, 0, "of {rows} rows");
}
