//! Nonlinear features over designs: the identity is linear, errors shrink as they say, and bad
//! settings are named.

use asymscale_model::{ModelSize, SparseModel};
use asymscale_montecarlo::{
    MonteCarloError, NonlinearSettings, Settings, simulate, simulate_nonlinear,
};
use asymscale_solvers::{Activation, Nonlinear};

fn settings(activation: Activation, features: Vec<ModelSize>) -> NonlinearSettings {
    NonlinearSettings {
        samples: 40,
        features,
        learner: Nonlinear::new(activation),
        inputs: 200,
        repeats: 12,
        seed: 3,
    }
}

fn model() -> SparseModel {
    SparseModel::power_law(1.0, 1.5, 1.0).unwrap()
}

#[test]
fn identity_is_the_exact_linear_loss_at_infinite_width() {
    let found =
        simulate_nonlinear(&model(), &settings(Activation::Identity, vec![ModelSize::Infinite]))
            .unwrap()[0];
    // The numerical ridge is 1e-10 of the diagonal, against eigenvalues down to some 1e-4 of it.
    assert!((found.loss.mean / found.linear.mean - 1.0).abs() < 1e-5, "{found:?}");
    assert!(found.loss.count == 12 && found.median < 2.0 * found.loss.mean);
}

/// At finite width the identity's mean is that of the linear simulation: 800 designs each, seeds 3
/// and 4; four standard errors of the difference (α = 6e-5), which are below 10 %.
#[test]
fn identity_at_finite_width_is_the_simulated_linear_loss() {
    let ours = NonlinearSettings {
        repeats: 800,
        ..settings(Activation::Identity, vec![ModelSize::Finite(10)])
    };
    let found = simulate_nonlinear(&model(), &ours).unwrap()[0];
    let linear = Settings {
        samples: 40,
        features: vec![10.into()],
        repeats: 800,
        seed: 4,
        ..Settings::default()
    };
    let linear = simulate(&model(), &linear).unwrap().summaries()[0].clone();
    let (mean, error) = (linear.mean.unwrap(), linear.standard_error.unwrap());
    let allowed = 4.0 * error.hypot(found.loss.standard_error);
    assert!(
        (found.loss.mean - mean).abs() < allowed && allowed < 0.1 * mean,
        "{found:?} {mean} {error}"
    );
}

#[test]
fn more_test_inputs_leave_a_smaller_error() {
    let few = settings(Activation::Relu, vec![ModelSize::Finite(20), ModelSize::Infinite]);
    let many = NonlinearSettings { inputs: 3200, ..few.clone() };
    let [few, many] = [few, many].map(|settings| simulate_nonlinear(&model(), &settings).unwrap());
    for (few, many) in few.iter().zip(&many) {
        // Sixteen times as many: a quarter, give or take what 200 heavy-tailed values know of their
        // spread.
        let ratio = few.input_error / many.input_error;
        assert!((2.0..8.0).contains(&ratio), "{few:?} {many:?}");
        assert!(many.input_error < 0.3 * many.loss.standard_error, "{many:?}");
    }
    // At N = inf the linear loss is the Bayes risk.
    assert!(many[1].loss.mean > many[1].linear.mean, "{many:?}");
}

#[test]
fn bad_settings_are_named() {
    let error = |settings: NonlinearSettings| {
        simulate_nonlinear(&model(), &settings).unwrap_err().to_string()
    };
    let good = settings(Activation::Tanh, vec![ModelSize::Finite(5)]);
    assert!(error(NonlinearSettings { repeats: 0, ..good.clone() }).starts_with("repeats = 0"));
    assert!(error(NonlinearSettings { inputs: 3, ..good.clone() }).starts_with("inputs = 3"));
    assert!(
        error(NonlinearSettings { features: vec![ModelSize::Finite(0)], ..good.clone() })
            .starts_with("features = 0")
    );
    let steep = Nonlinear { scale: 100.0, ..good.learner };
    let infinite = vec![ModelSize::Infinite];
    let kernel = error(NonlinearSettings { learner: steep, features: infinite, ..good.clone() });
    assert!(kernel.starts_with("features = inf: the kernel of tanh takes more than"), "{kernel}");
    let none =
        simulate_nonlinear(&model(), &NonlinearSettings { features: vec![], ..good.clone() });
    assert!(matches!(none, Err(MonteCarloError::NoFeatures)));
    for (scale, ridge) in [(0.0, 0.0), (f64::NAN, 0.0), (1.0, -1.0)] {
        let learner = Nonlinear { scale, ridge, ..good.learner };
        assert!(error(NonlinearSettings { learner, ..good.clone() }).contains("must be"));
    }
    let learner = Nonlinear { path: f64::NAN, ..good.learner };
    assert!(error(NonlinearSettings { learner, ..good.clone() }).starts_with("weight = NaN"));
}
