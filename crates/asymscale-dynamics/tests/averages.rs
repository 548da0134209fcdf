//! Averages over features and designs against what is iterated: the formulas of `asymscale-solvers`
//! given the design, and those of `asymscale-theory`.

use asymscale_dynamics::{flow_loss, step_loss};
use asymscale_model::{Amplitude, SparseModel};
use asymscale_numerics::mean_and_standard_error;
use asymscale_sampling::{Design, Key};
use asymscale_solvers::DesignSpectrum;
use asymscale_theory::SampleTheory;
use faer::Mat;
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// The loss at each step averaged over teachers and over the features' weights on what the design
/// does not span, given the others `G`: `Σ_k b_k [e S eᵀ]_kk/s_k + b_⊥ (1 + tr S(1−e)²W⁺/N)` with
/// `W = S^½GᵀGS^½`, `e = (1 − ηW)^t`.
fn given_features(
    spectrum: &DesignSpectrum,
    features: usize,
    rate: f64,
    steps: &[u32],
    rng: &mut impl Rng,
) -> Vec<f64> {
    let (s, b) = (spectrum.eigenvalues(), spectrum.weights());
    let (rank, n) = (s.len(), features as f64);
    let g = Mat::from_fn(features, rank, |_, k| {
        (s[k] / n).sqrt() * rng.sample::<f64, _>(StandardNormal)
    });
    let svd = g.svd().unwrap();
    let v = svd.V();
    let w = |k: usize| if k < features.min(rank) { svd.S()[k].powi(2) } else { 0.0 };
    let rotated = |scale: &dyn Fn(usize) -> f64| {
        Mat::<f64>::from_fn(rank, rank, |j, k| scale(j) * v[(j, k)]).transpose() * v
    };
    let (variances, weights) = (rotated(&|k| s[k]), rotated(&|k| b[k] / s[k]));
    let loss = |t: &u32| {
        let left: Vec<f64> = (0..rank).map(|k| (1.0 - rate * w(k)).powi(*t as i32)).collect();
        let pair = |j: usize, k: usize| weights[(j, k)] * left[j] * variances[(j, k)] * left[k];
        let on: f64 =
            (0..rank).flat_map(|j| (0..rank).map(move |k| (j, k))).map(|(j, k)| pair(j, k)).sum();
        let size = |k: usize| {
            if w(k) > 0.0 { variances[(k, k)] * (1.0 - left[k]).powi(2) / w(k) } else { 0.0 }
        };
        on + spectrum.residual_mass() * (1.0 + (0..rank).map(size).sum::<f64>() / n)
    };
    steps.iter().map(loss).collect()
}

/// 1500 draws of features, seed 5, on two designs of 60 samples: rank 60 with many coordinates
/// active, 31 with few. Four standard errors (two-sided α = 6e-5 for each of 90), of which the
/// largest is 0.5 %; what the next order may be, `1/N²`; and for `N = r` two per cent late, where
/// the order that is summed is as large as what it corrects.
#[test]
fn the_loss_over_features_samples_and_steps_is_that_of_averaged_iterates() {
    for onset in [20.0, 1.0] {
        let model = SparseModel::power_law(1.0, 1.5, onset).unwrap();
        let key = Key::new(5).index(onset as u64);
        let design = Design::sample(&model, 60, &mut key.label("design").stream()).unwrap();
        let spectrum = DesignSpectrum::new(&design).unwrap();
        let (rate, steps) = (0.3, [1, 2, 5, 9, 10, 30, 100, 1000, 10_000]);
        for features in [10, 20, 40, 60, 80] {
            let formula = spectrum.descent_curve(f64::from(features), rate, &steps).unwrap();
            let mut rng = key.label("features").index(features as u64).stream();
            let mut drawn = vec![Vec::new(); steps.len()];
            for _ in 0..1500 {
                let losses = given_features(&spectrum, features as usize, rate, &steps, &mut rng);
                drawn.iter_mut().zip(losses).for_each(|(drawn, loss)| drawn.push(loss));
            }
            let near = if features as usize == spectrum.rank() { 0.02 } else { 0.0 };
            let next = f64::from(features).powi(-2) + near;
            for ((step, formula), drawn) in steps.iter().zip(formula).zip(drawn) {
                let (mean, error) = mean_and_standard_error(&drawn);
                println!(
                    "N = {features}, t = {step}: formula {formula:.5}, drawn {mean:.5} ± {error:.5}"
                );
                assert!(
                    (formula - mean).abs() < 4.0 * error + next * mean,
                    "N = {features}, t = {step}"
                );
            }
        }
    }
}

#[test]
fn infinitely_many_features_descend_as_the_closed_form_says() {
    let model = SparseModel::power_law(1.0, 1.5, 2.0).unwrap();
    let design = Design::sample(&model, 80, &mut Key::new(2).stream()).unwrap();
    let spectrum = DesignSpectrum::new(&design).unwrap();
    for step in [0, 1, 50, 4000] {
        let direct = spectrum.descent_curve(f64::INFINITY, 0.4, &[step]).unwrap()[0];
        let many = spectrum.descent_curve(1e7, 0.4, &[step]).unwrap()[0];
        let closed = step_loss(&spectrum, 0.4, u64::from(step)).unwrap();
        assert!((direct / closed - 1.0).abs() < 1e-12);
        // Features add a relative r/N = 1e-5 or so; the loss grows with the time that is taken.
        assert!((many / closed - 1.0).abs() < 1e-4, "{step}: {many} {closed}");
    }
}

/// Designs of seed 7 at n = 60, D = 128 and n = 6, D = 1024. Four standard errors (α = 6e-5 each),
/// and 3 % and 1.5 % for the finite size.
#[test]
fn the_flow_of_theory_is_that_of_designs() {
    for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
        let model = SparseModel::power_law(1.0, 1.5, 20.0).unwrap().with_amplitude(amplitude);
        for (samples, designs, finite_size) in [(128, 60, 0.03), (1024, 6, 0.015)] {
            let times = [0.5, 5.0, 50.0, 500.0, 5e3, 5e4];
            let theory = SampleTheory::new(&model, samples as f64).unwrap().flow(&times).unwrap();
            let mut drawn = vec![Vec::new(); times.len()];
            for k in 0..designs {
                let design =
                    Design::sample(&model, samples, &mut Key::new(7).index(k).stream()).unwrap();
                let spectrum = DesignSpectrum::new(&design).unwrap();
                let losses = times.map(|time| flow_loss(&spectrum, time).unwrap());
                drawn.iter_mut().zip(losses).for_each(|(drawn, loss)| drawn.push(loss));
            }
            for ((time, theory), drawn) in times.iter().zip(theory).zip(drawn) {
                let (mean, error) = mean_and_standard_error(&drawn);
                println!(
                    "{amplitude} D = {samples} s = {time}: theory {theory:.5}, drawn {mean:.5} ± {error:.5}"
                );
                assert!(
                    (theory - mean).abs() < 4.0 * error + finite_size * mean,
                    "D = {samples}, s = {time}"
                );
            }
        }
    }
}

/// The average over designs at finite N: §"flow with features" of theory against that of the
/// formula given X, n = 60, D = 128, seed 9.
#[test]
fn the_flow_with_features_averages_over_designs() {
    let model = SparseModel::power_law(1.0, 1.5, 20.0).unwrap();
    let times = [0.5, 5.0, 50.0, 500.0, 5e3, 5e4];
    for features in [64.0, 256.0] {
        let theory =
            SampleTheory::new(&model, 128.0).unwrap().flow_with_features(features, &times).unwrap();
        let mut drawn = vec![Vec::new(); times.len()];
        for k in 0..60 {
            let design = Design::sample(&model, 128, &mut Key::new(9).index(k).stream()).unwrap();
            let losses =
                DesignSpectrum::new(&design).unwrap().flow_curve(features, &times).unwrap();
            drawn.iter_mut().zip(losses).for_each(|(drawn, loss)| drawn.push(loss));
        }
        for ((time, theory), drawn) in times.iter().zip(theory).zip(drawn) {
            let (mean, error) = mean_and_standard_error(&drawn);
            println!("N = {features} s = {time}: theory {theory:.5}, drawn {mean:.5} ± {error:.5}");
            // Four standard errors, and 3 % for the finite size.
            assert!(
                (theory - mean).abs() < 4.0 * error + 0.03 * mean,
                "N = {features}, s = {time}"
            );
        }
    }
}
