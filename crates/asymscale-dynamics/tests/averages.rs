//! Averages over features and designs against what is iterated: the formulas of `asymscale-solvers` given the design, and
//! those of `asymscale-theory`.

use asymscale_dynamics::{ClosedForm, FeatureMap, Learner, flow_loss, step_loss};
use asymscale_model::{Amplitude, SparseModel};
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
use asymscale_solvers::DesignSpectrum;
use asymscale_theory::SampleTheory;

fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let square: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    (mean, (square / (n - 1.0) / n).sqrt())
}

/// 200 draws of features, 100 teachers each, D = 60, seed 5. Four standard errors (two-sided α = 6e-5 for each of 14), and
/// 1 % for the finite size.
#[test]
fn the_loss_over_features_samples_and_steps_is_that_of_averaged_iterates() {
    let model = SparseModel::power_law(1.0, 1.5, 20.0).unwrap();
    let key = Key::new(5);
    let design = Design::sample(&model, 60, &mut key.label("design").stream()).unwrap();
    let spectrum = DesignSpectrum::new(&design).unwrap();
    let (rate, steps) = (0.5, [1, 3, 10, 100, 1000, 3000, 10_000]);
    for features in [40, 90] {
        let formula = spectrum.descent_curve(f64::from(features), rate, &steps).unwrap();
        let mut drawn = vec![Vec::new(); steps.len()];
        for k in 0..200 {
            let key = key.index(k);
            let teachers = Teachers::draw(&design, 100, TeacherLaw::Gaussian, &key.label("teachers"));
            let map = FeatureMap::draw(&design, features as usize, &key).unwrap();
            let closed = ClosedForm::new(&design, &teachers, Learner::Features(&map)).unwrap();
            for (drawn, step) in drawn.iter_mut().zip(steps) {
                drawn.push(mean_and_error(&closed.losses(rate, u64::from(step)).unwrap()).0);
            }
        }
        for ((step, formula), drawn) in steps.iter().zip(formula).zip(drawn) {
            let (mean, error) = mean_and_error(&drawn);
            println!("N = {features}, t = {step}: formula {formula:.5}, iterates {mean:.5} ± {error:.5}");
            assert!((formula - mean).abs() < 4.0 * error + 0.01 * mean, "N = {features}, t = {step}");
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

/// Designs of seed 7 at n = 60, D = 128 and n = 6, D = 1024. Four standard errors (α = 6e-5 each), and 3 % and 1.5 % for the
/// finite size.
#[test]
fn the_flow_of_theory_is_that_of_designs() {
    for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
        let model = SparseModel::power_law(1.0, 1.5, 20.0).unwrap().with_amplitude(amplitude);
        for (samples, designs, finite_size) in [(128, 60, 0.03), (1024, 6, 0.015)] {
            let times = [0.5, 5.0, 50.0, 500.0, 5e3, 5e4];
            let theory = SampleTheory::new(&model, samples as f64).unwrap().flow(&times).unwrap();
            let mut drawn = vec![Vec::new(); times.len()];
            for k in 0..designs {
                let design = Design::sample(&model, samples, &mut Key::new(7).index(k).stream()).unwrap();
                let spectrum = DesignSpectrum::new(&design).unwrap();
                let losses = times.map(|time| flow_loss(&spectrum, time).unwrap());
                drawn.iter_mut().zip(losses).for_each(|(drawn, loss)| drawn.push(loss));
            }
            for ((time, theory), drawn) in times.iter().zip(theory).zip(drawn) {
                let (mean, error) = mean_and_error(&drawn);
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

/// The average over designs at finite N: §"flow with features" of theory against that of the formula given X, n = 60, D =
/// 128, seed 9.
#[test]
fn the_flow_with_features_averages_over_designs() {
    let model = SparseModel::power_law(1.0, 1.5, 20.0).unwrap();
    let times = [0.5, 5.0, 50.0, 500.0, 5e3, 5e4];
    for features in [64.0, 256.0] {
        let theory = SampleTheory::new(&model, 128.0).unwrap().flow_with_features(features, &times).unwrap();
        let mut drawn = vec![Vec::new(); times.len()];
        for k in 0..60 {
            let design = Design::sample(&model, 128, &mut Key::new(9).index(k).stream()).unwrap();
            let losses = DesignSpectrum::new(&design).unwrap().flow_curve(features, &times).unwrap();
            drawn.iter_mut().zip(losses).for_each(|(drawn, loss)| drawn.push(loss));
        }
        for ((time, theory), drawn) in times.iter().zip(theory).zip(drawn) {
            let (mean, error) = mean_and_error(&drawn);
            println!("N = {features} s = {time}: theory {theory:.5}, drawn {mean:.5} ± {error:.5}");
            // Four standard errors, and 3 % for the finite size.
            assert!((theory - mean).abs() < 4.0 * error + 0.03 * mean, "N = {features}, s = {time}");
        }
    }
}
