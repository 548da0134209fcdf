//! Nonlinear losses: kernels against features, the identity against exact losses, weights against
//! plain inputs.

mod common;

use asymscale_model::{Amplitude, ModelSize, SparseModel};
use asymscale_numerics::mean_and_standard_error;
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers, TestInputs};
use asymscale_solvers::{
    Activation, DesignSpectrum, Nonlinear, Regression, SolverError, explicit_curve, nonlinear_curve,
};
use rand::RngExt;
use rand_distr::StandardNormal;

/// n = 200 000 pairs of pre-activations, seed 1; 4 standard errors, α = 6e-5 for each of 12
/// comparisons.
#[test]
fn kernels_are_means_over_features() {
    let mut stream = Key::new(1).stream();
    for (norm, other, cosine) in [(1.0, 1.0, 0.3), (2.0, 0.5, -0.8), (0.7, 1.3, 0.99)] {
        let sine = (1.0_f64 - cosine * cosine).sqrt();
        let draws: Vec<(f64, f64)> = (0..200_000)
            .map(|_| {
                let (a, b): (f64, f64) =
                    (stream.sample(StandardNormal), stream.sample(StandardNormal));
                (norm * a, other * (cosine * a + sine * b))
            })
            .collect();
        for s in [Activation::Identity, Activation::Relu, Activation::LeakyRelu, Activation::Erf] {
            let values: Vec<f64> = draws.iter().map(|(u, v)| s.apply(*u) * s.apply(*v)).collect();
            let (mean, error) = mean_and_standard_error(&values);
            let kernel = s.kernel(norm * other * cosine, norm, other).unwrap();
            assert!(
                (mean - kernel).abs() < 4.0 * error,
                "{s} {cosine}: {mean} ± {error}, {kernel}"
            );
        }
    }
}

fn setting(beta: f64, seed: u64, inputs: usize) -> (SparseModel, Design, TestInputs) {
    let model = SparseModel::power_law(1.0, beta, 1.0).unwrap();
    let key = Key::new(seed);
    let design = Design::sample(&model, 64, &mut key.label("design").stream()).unwrap();
    let tests = TestInputs::draw(&model, 64, inputs, &mut key.label("inputs").stream()).unwrap();
    (model, design, tests)
}

/// The numerical ridge of 1e-10 shows squared in the excess, amplified by the smallest seen
/// coordinates.
#[test]
fn identity_at_infinite_width_is_the_exact_loss() {
    let (_, design, inputs) = setting(1.5, 2, 200);
    let identity = Nonlinear::new(Activation::Identity);
    let loss = nonlinear_curve(&design, &inputs, identity, &[ModelSize::Infinite], &Key::new(1))
        .unwrap()[0];
    let exact = DesignSpectrum::new(&design).unwrap().residual_mass();
    assert!((loss.mean / exact - 1.0).abs() < 1e-8, "{} {exact}", loss.mean);
    assert!(loss.training < 1e-12);
}

/// The same features on the same design: test inputs and drawn teachers are the only noise. n =
/// 4000 inputs and 1000 teachers, seeds 8 and 9; 4 standard errors at each of six sizes (α = 6e-5
/// each). Both errors are below 5 % of the loss.
#[test]
fn identity_at_finite_width_is_the_loss_of_explicit_features() {
    let (_, design, inputs) = setting(1.5, 8, 4000);
    let (sizes, key) = ([4, 8, 16, 24, 100, 400], Key::new(9));
    let widths = sizes.map(ModelSize::Finite);
    let losses = nonlinear_curve(
        &design,
        &inputs,
        Nonlinear::new(Activation::Identity),
        &widths,
        &key.label("features"),
    )
    .unwrap();
    let teachers = Teachers::draw(&design, 1000, TeacherLaw::Gaussian, &key.label("teachers"));
    let explicit = explicit_curve(&design, &teachers, &sizes, Regression::default(), &key).unwrap();
    for ((loss, drawn), size) in losses.iter().zip(&explicit.losses).zip(sizes) {
        let (mean, error) = mean_and_standard_error(drawn);
        let both = loss.standard_error.hypot(error);
        assert!((loss.mean - mean).abs() < 4.0 * both, "{size}: {} {mean} ± {both}", loss.mean);
        assert!(both < 0.05 * mean, "{size}: {both} of {mean}");
    }
}

/// Samples that show one coordinate alone are one equation twice, and the ridge of 1e-10 stands for
/// none. One of 1e-8 of the kernel's diagonal moves the loss by less than 1e-4, and one of 1e-6 by
/// more than that of 1e-8 does: the numerical ridge, a hundred times less, is below 1e-6 or so.
#[test]
fn the_numerical_ridge_stands_for_none() {
    let (_, design, inputs) = setting(1.5, 10, 400);
    let loss = |ridge: f64| {
        let relu = Nonlinear { ridge, ..Nonlinear::new(Activation::Relu) };
        nonlinear_curve(&design, &inputs, relu, &[ModelSize::Infinite], &Key::new(1)).unwrap()[0]
            .mean
    };
    // Half of E|x|² = ζ(2) is the mean of the diagonal; the ridge is one of the mean squared error,
    // of D terms.
    let moved = |relative: f64| (loss(relative * 0.82 / 64.0) / loss(0.0) - 1.0).abs();
    let (small, large) = (moved(1e-8), moved(1e-6));
    assert!(small < 1e-4 && large > small, "{small} {large}");
}

/// Samples that repeat another are left out, unless there is a ridge. With one of 1e-10 of the
/// kernel's diagonal, as small as the numerical one, they stay, and the loss is the same up to what
/// such ridges do to a loss (1e-6, test above). Half of the samples of Gaussian data with β = 2
/// show one coordinate alone, and 64 of Rademacher data have about 25 kinds.
#[test]
fn repeated_samples_are_one_equation() {
    for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
        let model = SparseModel::power_law(1.0, 2.0, 1.0).unwrap().with_amplitude(amplitude);
        let design = Design::sample(&model, 64, &mut Key::new(12).stream()).unwrap();
        let inputs = TestInputs::draw(&model, 64, 400, &mut Key::new(13).stream()).unwrap();
        let loss = |activation, ridge: f64| {
            let learner = Nonlinear { ridge: ridge / 64.0, ..Nonlinear::new(activation) };
            nonlinear_curve(&design, &inputs, learner, &[ModelSize::Infinite], &Key::new(1))
                .unwrap()[0]
                .mean
        };
        for activation in [Activation::Relu, Activation::Erf] {
            let (merged, whole) = (loss(activation, 0.0), loss(activation, 1e-10));
            assert!(
                (merged / whole - 1.0).abs() < 1e-5,
                "{amplitude:?} {activation}: {merged} {whole}"
            );
        }
    }
}

/// The weighted mean of |x|² is tr Σ, its mean on unseen coordinates the unseen mass; n = 40 000,
/// seeds 3 and 4, 4 standard errors each (α = 6e-5).
#[test]
fn weights_leave_means_alone() {
    for (beta, seed) in [(1.5, 3), (2.5, 4)] {
        let (model, design, inputs) = setting(beta, seed, 40_000);
        let square = |k: usize, all: bool| -> f64 {
            let unseen = |i: &f64| !design.indices().contains(i);
            inputs.input(k).iter().filter(|(i, _)| all || unseen(i)).map(|(_, x)| x * x).sum()
        };
        for (all, expected) in [(true, model.total_variance()), (false, design.unseen_mass())] {
            let values: Vec<f64> = (0..inputs.count()).map(|k| square(k, all)).collect();
            let (mean, error) = inputs.mean(&values);
            assert!(
                (mean - expected).abs() < 4.0 * error,
                "β {beta}: {mean} ± {error}, {expected}"
            );
            // A mean weight of 1: P is a probability.
            let (one, spread) = inputs.mean(&vec![1.0; inputs.count()]);
            assert!(
                (one - 1.0).abs() < 4.0 * spread && error < 0.05 * mean,
                "{one} ± {spread}, {error}"
            );
        }
    }
}

/// Many features come near the kernel: the distance falls as 1/N, here from N = 4 to 64 times D.
#[test]
fn many_features_approach_the_kernel() {
    let (_, design, inputs) = setting(1.5, 5, 300);
    let relu = Nonlinear::new(Activation::Relu);
    let widths = [ModelSize::Finite(256), ModelSize::Finite(16_384), ModelSize::Infinite];
    let losses = nonlinear_curve(&design, &inputs, relu, &widths, &Key::new(6)).unwrap();
    let far = |k: usize| (losses[k].mean / losses[2].mean - 1.0).abs();
    assert!(far(1) < 0.05 && far(1) < far(0), "{} {}", far(0), far(1));
}

#[test]
fn unknown_kernels_and_words_are_refused() {
    let (_, design, inputs) = setting(1.5, 7, 10);
    let gelu = Nonlinear::new(Activation::Gelu);
    let wrong = nonlinear_curve(&design, &inputs, gelu, &[ModelSize::Infinite], &Key::new(1));
    assert_eq!(wrong.unwrap_err(), SolverError::Kernel("gelu"));
    let word = "sigmoid".parse::<Activation>().unwrap_err().to_string();
    assert_eq!(
        word,
        "activation = \"sigmoid\": must be identity, relu, leaky-relu, tanh, erf or gelu"
    );
}

/// A scale of 2 in the weights is one of 2 in the data, and homogeneous features do not notice.
#[test]
fn scales_of_weights() {
    let (_, design, inputs) = setting(1.5, 11, 200);
    let loss = |activation, scale| {
        let learner = Nonlinear { scale, ..Nonlinear::new(activation) };
        let widths = [ModelSize::Finite(32), ModelSize::Infinite];
        nonlinear_curve(&design, &inputs, learner, &widths, &Key::new(1))
            .map(|l| [l[0].mean, l[1].mean])
    };
    let far =
        |a: [f64; 2], b: [f64; 2]| (0..2).map(|k| (a[k] / b[k] - 1.0).abs()).fold(0.0, f64::max);
    let relu = |scale| loss(Activation::Relu, scale).unwrap();
    // The numerical ridge is relative, so only rounding is left.
    assert!(far(relu(1.0), relu(3.0)) < 1e-6, "{:?} {:?}", relu(1.0), relu(3.0));
    // The smaller the weights, the more linear: erf(u) = 2u/√π (1 − u²/3 …).
    let erf = |scale| loss(Activation::Erf, scale).unwrap();
    let linear = loss(Activation::Identity, 1.0).unwrap();
    assert!(
        far(erf(0.1), linear) < 0.05 && far(erf(1.0), linear) > 0.5,
        "{:?} {:?}",
        erf(0.1),
        linear
    );
    for scale in [0.0, -1.0, f64::INFINITY] {
        assert_eq!(loss(Activation::Relu, scale), Err(SolverError::Scale(scale)));
    }
}

/// `s(u) − s(−u) = 2 s_1 u`, and `k(x, x′) − k(x, −x′) = 2 s_1² x·x′`.
#[test]
fn linear_parts_are_the_odd_parts() {
    for s in Activation::ALL {
        let Some(part) = s.linear_part() else { continue };
        assert!((s.apply(0.7) - s.apply(-0.7) - 1.4 * part.sqrt()).abs() < 1e-15, "{s}");
        let odd = s.kernel(0.6, 1.2, 0.9).unwrap() - s.kernel(-0.6, 1.2, 0.9).unwrap();
        assert!((odd - 1.2 * part).abs() < 1e-14, "{s}");
    }
}
