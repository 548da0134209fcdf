//! Times of the solvers. Run with `cargo bench -p asymscale-solvers`.

use asymscale_model::SparseModel;
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers, TestInputs, feature_column};
use asymscale_solvers::{
    Activation, DesignSpectrum, Nonlinear, Regression, Width, conditional_curve, conditional_mean_curve,
    explicit_curve, nonlinear_curve,
};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// 24 model sizes from 8 to 2048, evenly spaced in logarithm.
fn sizes() -> Vec<usize> {
    (0..24).map(|k| (8.0 * 256_f64.powf(f64::from(k) / 23.0)).round() as usize).collect()
}

fn model() -> SparseModel {
    SparseModel::power_law(1.0, 1.5, 20.0).expect("parameters are in range")
}

fn design(samples: usize, key: &Key) -> Design {
    Design::sample(&model(), samples, &mut key.label("design").stream()).expect("the model can be sampled")
}

fn teachers(design: &Design, key: &Key) -> Teachers {
    Teachers::draw(design, 8, TeacherLaw::Gaussian, &key.label("teachers"))
}

/// A whole replicate: design, teachers, features, 24 sizes, `D = 512`.
#[divan::bench(sample_count = 40)]
fn explicit_replicate(bencher: Bencher<'_, '_>) {
    let key = Key::new(1);
    bencher.bench(|| {
        let design = design(512, &key);
        let teachers = teachers(&design, &key);
        explicit_curve(&design, &teachers, &sizes(), Regression::default(), &key)
    });
}

/// The same with the features on the row space only.
#[divan::bench(sample_count = 40)]
fn conditional_replicate(bencher: Bencher<'_, '_>) {
    let key = Key::new(1);
    bencher.bench(|| {
        let design = design(512, &key);
        let teachers = teachers(&design, &key);
        conditional_curve(&design, &teachers, &sizes(), Regression::default(), &key)
    });
}

/// And averaged over teachers.
#[divan::bench(sample_count = 40)]
fn conditional_mean_replicate(bencher: Bencher<'_, '_>) {
    let key = Key::new(1);
    bencher.bench(|| conditional_mean_curve(&design(512, &key), &sizes(), Regression::default(), &key));
}

/// One decomposition and 100 sizes.
#[divan::bench(args = [512, 2048], sample_count = 3, sample_size = 1)]
fn averaged_replicate(bencher: Bencher<'_, '_>, samples: usize) {
    let key = Key::new(1);
    let sizes: Vec<f64> = (0..100).map(|k| 8.0 * 1000_f64.powf(f64::from(k) / 99.0)).collect();
    bencher.bench(|| {
        let spectrum = DesignSpectrum::new(&design(samples, &key)).expect("the decomposition converges");
        spectrum.averaged_curve(&sizes, Regression::default())
    });
}

/// Kernel regression with `ReLU` on one design, 1000 test inputs.
#[divan::bench(args = [128, 512], sample_count = 10, sample_size = 1)]
fn kernel_regression(bencher: Bencher<'_, '_>, samples: usize) {
    let key = Key::new(1);
    let inputs = TestInputs::draw(&model(), samples, 1000, &mut key.label("inputs").stream())
        .expect("the model can be sampled");
    let (design, relu) = (design(samples, &key), Nonlinear::new(Activation::Relu));
    bencher.bench(|| nonlinear_curve(&design, &inputs, relu, &[Width::Infinite], &key));
}

/// Parts of a replicate, each by a curve that needs nothing else.
mod parts {
    use super::{Bencher, Key, Regression, black_box, design, explicit_curve, feature_column, teachers};

    #[divan::bench(sample_count = 20)]
    fn sampling(bencher: Bencher<'_, '_>) {
        let key = Key::new(1);
        bencher.bench(|| {
            let design = design(512, &key);
            let teachers = teachers(&design, &key);
            (design, teachers)
        });
    }

    #[divan::bench(sample_count = 20)]
    fn normals(bencher: Bencher<'_, '_>) {
        let key = Key::new(1);
        let design = design(512, &key);
        let mut column = vec![0.0; 2048];
        bencher.bench_local(|| {
            for index in design.indices() {
                feature_column(&key, *index, black_box(&mut column));
            }
        });
    }

    /// Features and their outputs, and one size that takes no factorisation to speak of.
    #[divan::bench(args = [1, 512, 2048], sample_count = 20)]
    fn one_size(bencher: Bencher<'_, '_>, features: usize) {
        let key = Key::new(1);
        let design = design(512, &key);
        let teachers = teachers(&design, &key);
        bencher.bench(|| explicit_curve(&design, &teachers, &[features], Regression::default(), &key));
    }
}
