//! Nonlinear losses: kernels against features, the identity against exact losses, weights against
//! plain inputs.

mod common;

use asymscale_model::{Amplitude, ModelSize, SparseModel};
use asymscale_numerics::mean_and_standard_error;
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers, TestInputs};
use asymscale_solvers::{
    Activation, DesignSpectrum, Nonlinear, Regression, SolverError, explicit_curve, lost_share,
    nonlinear_curve,
};
use rand::RngExt;
use rand_distr::StandardNormal;

/// n = 200 000 pairs of pre-activations, seed 1; 4 standard errors, α = 6e-5 for each of 36
/// comparisons. Derivatives are of a difference of 1e-5.
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
        for s in Activation::ALL {
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

/// Both kernels against a trapezoidal rule in two dimensions, which knows nothing of series and
/// closed forms: at a distance of 0.04 it errs by less than 1e-14 for functions analytic within 0.9
/// of the real line, which 1.3 times the argument leaves of the poles of tanh; and rounding of some
/// 1e5 terms leaves 1e-13. `ReLU` has a kink, and its closed form a test of its own.
#[test]
fn kernels_are_integrals() {
    let (norm, other, cosine) = (0.8, 1.3, 0.6_f64);
    let dot = norm * other * cosine;
    let integral = |f: &Function<'_>| {
        let mut sum = 0.0;
        for (j, k) in (-225..=225).flat_map(|j| (-225..=225).map(move |k| (j, k))) {
            let (a, b) = (0.04 * f64::from(j), 0.04 * f64::from(k));
            let v = other * (cosine * a + (1.0 - cosine * cosine).sqrt() * b);
            sum += f(norm * a) * f(v) * (-0.5 * (a * a + b * b)).exp();
        }
        sum * 0.04 * 0.04 / std::f64::consts::TAU
    };
    let root = std::f64::consts::FRAC_2_SQRT_PI;
    let sigmoid = |u: f64| (1.0 + (-u).exp()).recip();
    let bell = |u: f64| (-0.5 * u * u).exp() / std::f64::consts::TAU.sqrt();
    let derivatives: [(Activation, &Function<'_>); 9] = [
        (Activation::Tanh, &|u| u.cosh().powi(-2)),
        (Activation::Erf, &|u| root * (-u * u).exp()),
        (Activation::Gelu, &|u| phi(u) + u * bell(u)),
        (Activation::Silu, &|u| sigmoid(u) * (1.0 + u * (1.0 - sigmoid(u)))),
        (Activation::Softplus, &sigmoid),
        (Activation::Sin, &f64::cos),
        (Activation::Sigmoid, &|u| sigmoid(u) * (1.0 - sigmoid(u))),
        (Activation::IdentityErf(0.7), &|u| 1.0 + 0.7 * root * (-u * u).exp()),
        (Activation::IdentitySin(-0.7), &|u| 1.0 - 0.7 * u.cos()),
    ];
    for (s, derivative) in derivatives {
        let exact = integral(&|u| s.apply(u));
        let kernel = s.kernel(dot, norm, other).unwrap();
        // The error function of statrs is good to 1e-11 or so.
        assert!((kernel - exact).abs() < 1e-10, "{s}: {kernel} {exact}");
        let (own, exact) = (s.derivative_kernel(dot, norm, other).unwrap(), integral(derivative));
        assert!((own - exact).abs() < 1e-10, "derivative of {s}: {own} {exact}");
    }
}

type Function<'a> = dyn Fn(f64) -> f64 + 'a;

/// The normal distribution, from GELU.
fn phi(u: f64) -> f64 {
    if u == 0.0 { 0.5 } else { Activation::Gelu.apply(u) / u }
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
fn large_samples_of_a_series_and_wrong_words_are_refused() {
    let (_, design, inputs) = setting(1.5, 7, 10);
    let infinite =
        |learner| nonlinear_curve(&design, &inputs, learner, &[ModelSize::Infinite], &Key::new(1));
    let tanh = Nonlinear { scale: 50.0, ..Nonlinear::new(Activation::Tanh) };
    let error = infinite(tanh).unwrap_err();
    assert!(matches!(error, SolverError::Series { activation: "tanh", .. }), "{error}");
    let wrong = Nonlinear { path: f64::NAN, ..Nonlinear::new(Activation::Erf) };
    assert!(matches!(infinite(wrong), Err(SolverError::Weight(_))));
    let wrong = Nonlinear::new(Activation::IdentitySin(f64::INFINITY));
    assert_eq!(infinite(wrong), Err(SolverError::Weight(f64::INFINITY)));
    let word = "cube".parse::<Activation>().unwrap_err().to_string();
    assert_eq!(
        word,
        "activation = \"cube\": must be identity, relu, leaky-relu, tanh, erf, gelu, silu, softplus, \
         sin, sigmoid, identity+erf, identity+sin, identity+W*erf or identity+W*sin"
    );
}

#[test]
fn names_are_read_back() {
    let more = [Activation::IdentityErf(-2.5), Activation::IdentitySin(1e-3)];
    for activation in Activation::ALL.into_iter().chain(more) {
        assert_eq!(activation.to_string().parse(), Ok(activation));
    }
    for word in ["identity+inf*erf", "identity+2*cos", "identity+*sin", "identity+2sin"] {
        assert!(word.parse::<Activation>().is_err(), "{word}");
    }
}

/// An activation given as a function is the one it computes, kernel and all.
#[test]
fn a_given_activation_is_like_one_with_a_name() {
    let given = Activation::given("my tanh", f64::tanh);
    let (_, design, inputs) = setting(1.5, 7, 100);
    let loss = |activation| {
        let learner = Nonlinear::new(activation);
        let widths = [ModelSize::Finite(20), ModelSize::Infinite];
        nonlinear_curve(&design, &inputs, learner, &widths, &Key::new(1)).unwrap()
    };
    assert_eq!(loss(given), loss(Activation::Tanh));
    assert_ne!(given, Activation::given("my tanh", f64::tanh));
    assert_eq!(given.linear_part(), None);
    let mish = Activation::given("shifted", |u: f64| 3.0 - u + (u * u).cos());
    assert!((mish.linear_part().unwrap() - 1.0).abs() < 1e-12);
}

/// A linear path adds `ℓ² x·x′` to the kernel, whatever the scale. Many features come near the
/// kernel, as in the test of `ReLU` above.
#[test]
fn a_linear_path_is_beside_the_features() {
    let (_, design, inputs) = setting(1.5, 5, 300);
    let loss = |path, size| {
        let learner = Nonlinear { path, scale: 2.0, ..Nonlinear::new(Activation::Erf) };
        nonlinear_curve(&design, &inputs, learner, &[size], &Key::new(6)).unwrap()[0].mean
    };
    let [none, path, much] = [0.0, 1.0, 1e3].map(|path| loss(path, ModelSize::Infinite));
    let linear = DesignSpectrum::new(&design).unwrap().residual_mass();
    // Much of a path is linear features: what the others still do is a ridge of 1e-6.
    assert!(
        none > path && path > much && (much / linear - 1.0).abs() < 1e-2,
        "{none} {path} {much}"
    );
    let wide = loss(1.0, ModelSize::Finite(16_384));
    assert!((wide / path - 1.0).abs() < 0.05, "{wide} {path}");
}

#[test]
fn the_lost_share_of_one_sighting_by_hand() {
    // One sample, one input: 1 − Θ(x, x′)/Θ(x, x), squared.
    let model = SparseModel::power_law(1.0, 1.5, 1.0).unwrap();
    let design = Design::sample(&model, 1, &mut Key::new(31).stream()).unwrap();
    let inputs = TestInputs::draw(&model, 1, 50, &mut Key::new(32).stream()).unwrap();
    let sample: Vec<(f64, f64)> =
        (0..design.seen()).map(|j| (design.index(j), design.column(j).1[0])).collect();
    let dot = |a: &[(f64, f64)], b: &[(f64, f64)]| -> f64 {
        let other = |i: f64| b.iter().find(|(j, _)| *j == i).map_or(0.0, |(_, y)| *y);
        a.iter().map(|(i, x)| x * other(*i)).sum()
    };
    for activation in [Activation::Erf, Activation::Gelu, Activation::Tanh, Activation::Relu] {
        let theta = |a: &[(f64, f64)], b: &[(f64, f64)]| {
            let (norm, other) = (dot(a, a).sqrt(), dot(b, b).sqrt());
            activation.derivative_kernel(dot(a, b), norm, other).unwrap()
        };
        let lost =
            |k: usize| (1.0 - theta(&sample, inputs.input(k)) / theta(&sample, &sample)).powi(2);
        let exact = inputs.mean(&(0..50).map(lost).collect::<Vec<_>>()).0;
        let share = lost_share(&design, &inputs, Nonlinear::new(activation)).unwrap();
        // The numerical ridge of 1e-10, and series that leave out 1e-12 before a division.
        assert!((share.mean / exact - 1.0).abs() < 1e-5, "{activation}: {share:?} {exact}");
    }
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
