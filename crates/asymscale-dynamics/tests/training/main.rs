//! Training runs against a literal implementation, plain descent, and exact second moments.

mod literal;
mod moments;
mod reports;
mod variants;

use asymscale_dynamics::Rule;
use asymscale_model::SparseModel;
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};

/// A rule of each kind with a step size that suits it.
pub(crate) const RULES: [(Rule, f64); 9] = [
    (Rule::Sgd, 0.2),
    (Rule::Clipped { norm: 0.3 }, 0.3),
    (Rule::Normalised, 0.7),
    (Rule::HeavyBall { momentum: 0.9 }, 0.02),
    (Rule::Adagrad { epsilon: 1e-3 }, 0.4),
    (Rule::RmsProp { decay: 0.98, epsilon: 1e-6 }, 0.01),
    (Rule::Adam { first: 0.9, second: 0.99, epsilon: 1e-8 }, 0.02),
    (Rule::Sign, 0.01),
    (Rule::GaussNewton { damping: 0.3 }, 0.8),
];

pub(crate) fn drawn(samples: usize, teachers: usize) -> (Design, Teachers, Key) {
    let model = SparseModel::power_law(1.0, 1.5, 2.0).unwrap();
    let key = Key::new(31);
    let design = Design::sample(&model, samples, &mut key.label("design").stream()).unwrap();
    let teachers = Teachers::draw(&design, teachers, TeacherLaw::Gaussian, &key.label("teachers"));
    (design, teachers, key)
}
