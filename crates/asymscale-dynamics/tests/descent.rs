//! Iterates against closed forms, and divergence that shows.

use asymscale_dynamics::{
    ClosedForm, DynamicsError, FeatureMap, Learner, descend, flow_loss, step_loss,
};
use asymscale_model::SparseModel;
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
use asymscale_solvers::{DesignSpectrum, Regression, explicit_curve};

fn drawn(samples: usize) -> (Design, Teachers, Key) {
    let model = SparseModel::power_law(1.0, 1.5, 2.0).unwrap();
    let key = Key::new(11);
    let design = Design::sample(&model, samples, &mut key.label("design").stream()).unwrap();
    let teachers = Teachers::draw(&design, 3, TeacherLaw::Gaussian, &key.label("teachers"));
    (design, teachers, key)
}

#[test]
fn closed_forms_are_the_iterates() {
    let (design, teachers, key) = drawn(50);
    let maps = [10, 200].map(|n| FeatureMap::draw(&design, n, &key).unwrap());
    let steps = [0, 1, 2, 33, 2000];
    for learner in [Learner::Coordinates, Learner::Features(&maps[0]), Learner::Features(&maps[1])]
    {
        let closed = ClosedForm::new(&design, &teachers, learner).unwrap();
        let rate = 1.5 / closed.largest_eigenvalue();
        let iterated = descend(&design, &teachers, learner, rate, &steps).unwrap();
        for (step, row) in steps.into_iter().zip(iterated.losses) {
            for (a, b) in row.iter().zip(closed.losses(rate, step).unwrap()) {
                // Rounding of 2000 steps and of one decomposition.
                assert!((a / b - 1.0).abs() < 1e-9, "{step}: {a} {b}");
            }
        }
    }
}

/// Closed forms within pools of one thread and of three: the bits agree. (The high-level interface
/// of faer fails this.)
#[test]
fn the_number_of_threads_leaves_the_bits_alone() {
    let (model, key) = (SparseModel::power_law(1.0, 1.5, 20.0).unwrap(), Key::new(11));
    let design = Design::sample(&model, 60, &mut key.stream()).unwrap();
    let teachers = Teachers::draw(&design, 60, TeacherLaw::Gaussian, &key);
    let map = FeatureMap::draw(&design, 40, &key).unwrap();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let losses = |learner| {
            ClosedForm::new(&design, &teachers, learner).unwrap().losses(0.3, 1000).unwrap()
        };
        pool.install(|| (losses(Learner::Coordinates), losses(Learner::Features(&map))))
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn descent_ends_at_least_squares() {
    let (design, teachers, key) = drawn(50);
    let rank = design.rank();
    for features in [rank / 3, 6 * rank] {
        let map = FeatureMap::draw(&design, features, &key).unwrap();
        let closed = ClosedForm::new(&design, &teachers, Learner::Features(&map)).unwrap();
        let last = closed.losses(1.0 / closed.largest_eigenvalue(), u64::MAX).unwrap();
        let solved =
            explicit_curve(&design, &teachers, &[features], Regression::default(), &key).unwrap();
        for (a, b) in last.iter().zip(&solved.losses[0]) {
            // Two solvers of one least-squares problem of condition number below 1e4.
            assert!((a / b - 1.0).abs() < 1e-7, "N = {features}: {a} {b}");
        }
    }
}

#[test]
fn too_large_a_step_is_seen_to_diverge() {
    let (design, teachers, key) = drawn(30);
    let map = FeatureMap::draw(&design, 60, &key).unwrap();
    for learner in [Learner::Coordinates, Learner::Features(&map)] {
        let closed = ClosedForm::new(&design, &teachers, learner).unwrap();
        let rate = 2.2 / closed.largest_eigenvalue();
        let curve = descend(&design, &teachers, learner, rate, &[20, 60, 100, 10_000]).unwrap();
        let mean = curve.teacher_means();
        // (1.2²)^40 a gap of 40 steps once the unstable direction dominates; half of that exponent
        // is allowed.
        assert!(mean[1] > 1.2f64.powi(40) * mean[0] && mean[2] > 1.2f64.powi(40) * mean[1]);
        assert_eq!(mean[3], f64::INFINITY);
        assert!(closed.losses(rate, 10_000).unwrap().iter().all(|loss| *loss == f64::INFINITY));
    }
}

#[test]
fn many_small_steps_are_the_flow() {
    let (design, ..) = drawn(50);
    let spectrum = DesignSpectrum::new(&design).unwrap();
    let distance = |steps: u64| {
        let loss = step_loss(&spectrum, 20.0 / steps as f64, steps).unwrap();
        (loss / flow_loss(&spectrum, 20.0).unwrap() - 1.0).abs()
    };
    // First order in the step size: ten times as many, a tenth of the distance.
    let ratio = distance(1000) / distance(10_000);
    assert!((ratio - 10.0).abs() < 0.5, "{ratio}");
}

#[test]
fn bad_requests_are_refused_with_their_value() {
    let (design, teachers, key) = drawn(10);
    let spectrum = DesignSpectrum::new(&design).unwrap();
    for rate in [0.0, -1.0, f64::INFINITY] {
        assert_eq!(step_loss(&spectrum, rate, 1), Err(DynamicsError::Rate(rate)));
        let refused = descend(&design, &teachers, Learner::Coordinates, rate, &[1]);
        assert_eq!(refused, Err(DynamicsError::Rate(rate)));
    }
    assert!(step_loss(&spectrum, f64::NAN, 1).is_err());
    assert_eq!(flow_loss(&spectrum, -1.0), Err(DynamicsError::Time(-1.0)));
    assert_eq!(FeatureMap::draw(&design, 0, &key), Err(DynamicsError::Features(0)));
    assert!(descend(&design, &teachers, Learner::Coordinates, 1.0, &[]).unwrap().losses.is_empty());
}
