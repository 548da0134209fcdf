//! Controls leave means alone, take variance away, and their intervals cover as they claim.

use asymscale_model::{Amplitude, Coordinates, ModelSize, SparseModel};
use asymscale_montecarlo::{Estimate, Replicate, Settings, simulate};

fn replicates(
    model: &SparseModel,
    samples: usize,
    features: &[ModelSize],
    repeats: usize,
) -> Vec<Replicate> {
    let settings =
        Settings { samples, features: features.to_vec(), repeats, seed: 5, ..Settings::default() };
    simulate(model, &settings).unwrap().replicates
}

fn models() -> Vec<(&'static str, SparseModel)> {
    let sparse = |alpha, beta, onset| SparseModel::power_law(alpha, beta, onset).unwrap();
    vec![
        ("dense", sparse(1.0, 0.0, 1.0).with_coordinates(Coordinates::Finite(600)).unwrap()),
        ("many active", sparse(1.0, 1.5, 20.0)),
        ("few active", sparse(1.0, 1.5, 1.0)),
        ("few active, Rademacher", sparse(0.5, 2.0, 2.0).with_amplitude(Amplitude::Rademacher)),
    ]
}

fn losses(replicates: &[Replicate], n: usize) -> Vec<f64> {
    replicates.iter().map(|r| r.losses[n]).collect()
}

fn deviations(replicates: &[Replicate], n: usize) -> Vec<f64> {
    replicates.iter().map(|r| r.deviations[n]).collect()
}

#[test]
fn deviations_have_mean_zero() {
    let features = [6.into(), 12.into(), 100.into(), 400.into(), ModelSize::Infinite];
    for (name, model) in models() {
        let designs = replicates(&model, 64, &features, 1000);
        for (n, size) in features.iter().enumerate() {
            let deviation = Estimate::of(&deviations(&designs, n));
            // n = 1000 designs, 20 tests: beyond 4 standard errors by chance in 0.1 % of runs.
            assert!(deviation.standard_error > 0.0, "{name}, N = {size}");
            assert!(
                deviation.mean.abs() < 4.0 * deviation.standard_error,
                "{name}, N = {size}: {deviation:?}"
            );
        }
    }
}

#[test]
fn they_explain_most_of_the_variance_where_it_matters_and_do_no_harm_elsewhere() {
    let features = [6.into(), 12.into(), 100.into(), 400.into(), ModelSize::Infinite];
    for (name, model) in models() {
        let designs = replicates(&model, 64, &features, 1000);
        for (n, size) in features.iter().enumerate() {
            let (losses, deviations) = (losses(&designs, n), deviations(&designs, n));
            let plain = Estimate::of(&losses);
            let left = (Estimate::controlled(&losses, &deviations, 1.0).standard_error
                / plain.standard_error)
                .powi(2);
            // A coefficient from 1000 designs costs a share 1/1000 of the variance if the control
            // explains nothing.
            assert!(left < 1.004, "{name}, N = {size}: {left}");
            // A design with few active coordinates is mostly what it shows of them; the relative
            // error of a variance is 5 %.
            assert!(
                *size < 100.into() || !name.starts_with("few") || left < 0.4,
                "{name}, N = {size}: {left}"
            );
        }
    }
}

#[test]
fn intervals_cover() {
    let (model, features) = (
        SparseModel::power_law(1.0, 1.5, 20.0).unwrap(),
        [12, 30, 120, 400].map(ModelSize::Finite),
    );
    let designs = replicates(&model, 64, &features, 4000);
    let mean = |group: &[Replicate], n| {
        Estimate::controlled(&losses(group, n), &deviations(group, n), 1.0)
    };
    for (n, size) in features.iter().enumerate() {
        let truth = mean(&designs[2000..], n).mean;
        for group in [4, 10] {
            let count = 2000 / group;
            let covers = |group: &&[Replicate]| {
                let (low, high) = mean(group, n).interval(0.9);
                low <= truth && truth <= high
            };
            let covered =
                designs[..2000].chunks_exact(group).filter(covers).count() as f64 / count as f64;
            // n = 500 and 200 intervals: standard deviation 1.3 % and 2.1 % if values are normal.
            // Four of them, α = 0.05 % for eight tests.
            let allowed = 4.0 * (0.9 * 0.1 / count as f64).sqrt();
            assert!((covered - 0.9).abs() < allowed, "N = {size}, {group} designs: {covered}");
        }
    }
}

#[test]
fn there_are_none_where_they_mean_nothing() {
    let model = SparseModel::power_law(1.0, 1.5, 20.0).unwrap();
    let none = |settings: Settings| {
        let simulation = simulate(
            &model,
            &Settings { samples: 32, features: vec![4.into(), 32.into()], ..settings },
        )
        .unwrap();
        simulation.replicates[0].deviations.clone()
    };
    let all = none(Settings::default());
    assert!(all[0] != 0.0 && all[1] == 0.0, "{all:?}");
    assert_eq!(none(Settings { controls: false, ..Settings::default() }), [0.0, 0.0]);
    let ridge = asymscale_solvers::Regression::new(0.1, 0.0).unwrap();
    assert_eq!(none(Settings { regression: ridge, ..Settings::default() }), [0.0, 0.0]);
}
