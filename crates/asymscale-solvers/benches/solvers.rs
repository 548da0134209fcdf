//! Times of the solvers. Run with `cargo xtask bench`, or `cargo bench -p asymscale-solvers`.
//!
//! Counters are read by `cargo xtask bench`: cycles stand for floating-point operations, items for
//! evaluations of the benchmark that the line `Limit:` names. `r = rank X`, `S` seen coordinates,
//! `T` teachers, `K` model sizes `N`.

use asymscale_model::{ModelSize, SparseModel};
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers, TestInputs, feature_column};
use asymscale_solvers::{
    Activation, DesignSpectrum, Nonlinear, Regression, StochasticSpectrum, conditional_curve,
    conditional_mean_curve, explicit_curve, nonlinear_curve,
};
use divan::counter::{CyclesCount, ItemsCount};
use divan::{Bencher, black_box};

const TEACHERS: usize = 8;
const INPUTS: usize = 1000;

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
    Design::sample(&model(), samples, &mut key.label("design").stream())
        .expect("the model can be sampled")
}

fn teachers(design: &Design, key: &Key) -> Teachers {
    Teachers::draw(design, TEACHERS, TeacherLaw::Gaussian, &key.label("teachers"))
}

fn flops(count: f64) -> CyclesCount {
    CyclesCount::new(count as u64)
}

/// Operations of all factorisations of a curve: one QR for all sizes up to `r`, a growing Gram
/// matrix and a Cholesky factorisation for each size above.
fn factorisations(rank: f64, sizes: &[usize]) -> f64 {
    let sizes = sizes.iter().map(|n| *n as f64);
    let below = sizes.clone().filter(|n| *n <= rank).fold(0.0, f64::max);
    let above: Vec<f64> = sizes.filter(|n| *n > rank).collect();
    let gram = rank.powi(2) * above.last().unwrap_or(&0.0);
    2.0 * below.powi(2) * (rank - below / 3.0) + gram + above.len() as f64 * rank.powi(3) / 3.0
}

/// A whole replicate of `N = 8…2048` at 24 sizes and `T = 8`: design, teachers, features,
/// solutions, losses.
///
/// Limit: operations `2 nnz N` (outputs), `2m²(r − m/3)` (QR, `m` the largest size up to `r`),
/// `r² N` (Gram matrices), `r³/3` (each size above), `2 S T ΣN` (losses); and `S N` draws at the
/// rate of `sampling::features`.
#[divan::bench(args = [128, 512], sample_count = 40)]
fn explicit_replicate(bencher: Bencher<'_, '_>, samples: usize) {
    let (key, sizes) = (Key::new(1), sizes());
    let design = design(samples, &key);
    let (largest, all): (usize, usize) = (sizes[sizes.len() - 1], sizes.iter().sum());
    let rank = design.rank() as f64;
    let work = (2 * design.nonzeros() * largest + 2 * design.seen() * TEACHERS * all) as f64;
    bencher
        .counter(flops(work + factorisations(rank, &sizes)))
        .counter(ItemsCount::new(design.seen() * largest))
        .bench(|| {
            let design = self::design(samples, &key);
            explicit_curve(&design, &teachers(&design, &key), &sizes, Regression::default(), &key)
        });
}

/// The same with the features on the row space only.
///
/// Limit: operations `r³/3 + r³/3` (factor of `X Xᵀ`, its inverse), `r² m` (outputs, `m` the
/// largest size up to `r`), factorisations as for `explicit_replicate`, `2 r T ΣN` and `2 nnz T K`
/// (losses), `2 nnz r` (projection); and `r N` draws at the rate of `sampling::features`.
#[divan::bench(args = [128, 512], sample_count = 40)]
fn conditional_replicate(bencher: Bencher<'_, '_>, samples: usize) {
    let (key, sizes) = (Key::new(1), sizes());
    let design = design(samples, &key);
    let rank = design.rank() as f64;
    let below = sizes.iter().filter(|n| **n as f64 <= rank).max().map_or(0.0, |n| *n as f64);
    let all: usize = sizes.iter().sum();
    let losses = 2.0 * rank * (TEACHERS * all) as f64
        + (2 * design.nonzeros() * TEACHERS * sizes.len()) as f64;
    let rows = rank.powi(2) * (2.0 / 3.0 * rank + below) + 2.0 * design.nonzeros() as f64 * rank;
    bencher
        .counter(flops(rows + losses + factorisations(rank, &sizes)))
        .counter(ItemsCount::new(design.rank() * sizes[sizes.len() - 1]))
        .bench(|| {
            let design = self::design(samples, &key);
            conditional_curve(
                &design,
                &teachers(&design, &key),
                &sizes,
                Regression::default(),
                &key,
            )
        });
}

/// And averaged over teachers in closed form.
///
/// Limit: operations `r² S + 4 nnz r` (covariance on row space), `2r³/3` (factor of `X Xᵀ`, its
/// inverse), `r² m` and `2m²(r − m/3)` (outputs, QR), `2(4r²m − 2rm²) + 6r³` (three products of
/// size `r`, two rotations), `N² r` for each `N ≤ r`, `2r³/3` for each above and `r² N` in all
/// (Gram matrices); `r N` draws at the rate of `sampling::features`.
#[divan::bench(args = [128, 512], sample_count = 40)]
fn conditional_mean_replicate(bencher: Bencher<'_, '_>, samples: usize) {
    let (key, sizes) = (Key::new(1), sizes());
    let design = design(samples, &key);
    let (rank, nonzeros) = (design.rank() as f64, design.nonzeros() as f64);
    let real: Vec<f64> = sizes.iter().map(|n| *n as f64).collect();
    let few = real.iter().filter(|n| **n <= rank);
    let below = few.clone().fold(0.0, |a: f64, b| a.max(*b));
    let each = few.map(|n| n * n * rank).sum::<f64>();
    let above = real.iter().filter(|n| **n > rank).count() as f64 * rank.powi(3) / 3.0;
    let rows =
        rank.powi(2) * (design.seen() as f64 + 2.0 / 3.0 * rank + below) + 4.0 * nonzeros * rank;
    let rotations = 8.0 * rank.powi(2) * below - 4.0 * rank * below.powi(2) + 6.0 * rank.powi(3);
    bencher
        .counter(flops(rows + rotations + each + above + factorisations(rank, &sizes)))
        .counter(ItemsCount::new(design.rank() * sizes[sizes.len() - 1]))
        .bench(|| {
            conditional_mean_curve(
                &self::design(samples, &key),
                &sizes,
                Regression::default(),
                &key,
            )
        });
}

/// One decomposition of a drawn design, and the averaged loss to the next order at 100 sizes.
///
/// Limit: operations `10r³/3` of a symmetric eigenvalue decomposition (a part of them bound by
/// memory, see `dense::eigenvectors`), `2 nnz r` (projection), `Σ nnz_j²` over columns (Gram
/// matrix).
#[divan::bench(args = [128, 512, 2048], sample_count = 10, sample_size = 1)]
fn averaged_replicate(bencher: Bencher<'_, '_>, samples: usize) {
    let key = Key::new(1);
    let sizes: Vec<f64> = (0..100).map(|k| 8.0 * 1000_f64.powf(f64::from(k) / 99.0)).collect();
    let design = design(samples, &key);
    let (rank, nonzeros) = (design.rank() as f64, design.nonzeros() as f64);
    let gram: f64 = (0..design.seen()).map(|j| (design.column(j).0.len() as f64).powi(2)).sum();
    bencher.counter(flops(10.0 / 3.0 * rank.powi(3) + 2.0 * nonzeros * rank + gram)).bench(|| {
        let design = self::design(samples, &key);
        let spectrum = DesignSpectrum::new(&design).expect("the decomposition converges");
        spectrum.corrected_curve(&sizes, Regression::default())
    });
}

/// A drawn design of `c = 1`, and its averaged loss by 32 probes at three sizes below the rank and
/// one above.
///
/// Limit: none stated: the number of steps of conjugate gradients decides.
#[divan::bench(args = [20_000, 200_000], sample_count = 10, sample_size = 1)]
fn probed_replicate(bencher: Bencher<'_, '_>, samples: usize) {
    let model = SparseModel::power_law(1.0, 1.5, 1.0).expect("parameters are in range");
    let key = Key::new(1);
    bencher.bench(|| {
        let design =
            Design::sample(&model, samples, &mut key.stream()).expect("the model can be sampled");
        let spectrum =
            StochasticSpectrum::new(&design, 32, &key.label("probes")).expect("it fits in memory");
        let rank = spectrum.rank() as f64;
        spectrum
            .averaged_curve(&[0.03, 0.1, 0.3, 2.0].map(|share| share * rank), Regression::default())
    });
}

/// Gradient flow on a design, averaged over features and teachers: 20 times at `N = 2D`, the
/// decomposition given.
///
/// Limit: none stated: a contour integral for each time, each point a sum over the spectrum.
#[divan::bench(args = [128, 512], sample_count = 20)]
fn flow_curve(bencher: Bencher<'_, '_>, samples: usize) {
    let spectrum =
        DesignSpectrum::new(&design(samples, &Key::new(1))).expect("the decomposition converges");
    let times: Vec<f64> = (0..20).map(|k| 10_f64.powf(0.25 * f64::from(k))).collect();
    bencher.bench(|| spectrum.flow_curve(2.0 * samples as f64, black_box(&times)));
}

/// Kernel regression (`N = ∞`) with `ReLU` on one design and 1000 test inputs, design and inputs
/// given.
///
/// Limit: operations `10r³/3` (eigenvectors of `X Xᵀ`), `D³/3 + 2D²r` (solution), `D²r + 2DIr` (dot
/// products), `2DIr` and as much for 256 samples (predictions), `2 nnz r` for samples and as much
/// for inputs (coordinates in row space).
#[divan::bench(args = [128, 512], sample_count = 10, sample_size = 1)]
fn kernel_regression(bencher: Bencher<'_, '_>, samples: usize) {
    let key = Key::new(1);
    let inputs = TestInputs::draw(&model(), samples, INPUTS, &mut key.label("inputs").stream())
        .expect("the model can be sampled");
    let (design, relu) = (design(samples, &key), Nonlinear::new(Activation::Relu));
    let (rank, d, tests) = (design.rank() as f64, samples as f64, INPUTS as f64);
    let active: usize = (0..INPUTS).map(|k| inputs.input(k).len()).sum();
    let frame = 10.0 / 3.0 * rank.powi(3) + 2.0 * rank * (design.nonzeros() + active) as f64;
    let fitted = 2.0 * d * d.min(256.0) * rank;
    let regression = d.powi(3) / 3.0 + 3.0 * d.powi(2) * rank + 4.0 * d * tests * rank + fitted;
    bencher
        .counter(flops(frame + regression))
        .bench(|| nonlinear_curve(&design, &inputs, relu, &[ModelSize::Infinite], &key));
}

/// Features of one curve alone, 2048 for every seen coordinate of 512 samples.
///
/// Limit: `S N` draws at the rate of `sampling::features`.
#[divan::bench(sample_count = 20)]
fn curve_features(bencher: Bencher<'_, '_>) {
    let (key, mut column) = (Key::new(1), vec![0.0; 2048]);
    let design = design(512, &key);
    bencher.counter(ItemsCount::new(design.seen() * column.len())).bench_local(|| {
        for index in design.indices() {
            feature_column(&key, *index, black_box(&mut column));
        }
    });
}

/// One size on a given design of 512 samples, features included.
///
/// Limit: operations as for `explicit_replicate` at one size; `S N` draws at the rate of
/// `sampling::features`.
#[divan::bench(args = [64, 512, 2048], sample_count = 20)]
fn explicit_size(bencher: Bencher<'_, '_>, features: usize) {
    let key = Key::new(1);
    let design = design(512, &key);
    let teachers = teachers(&design, &key);
    let work = 2.0 * ((design.nonzeros() + design.seen() * TEACHERS) * features) as f64;
    bencher
        .counter(flops(work + factorisations(design.rank() as f64, &[features])))
        .counter(ItemsCount::new(design.seen() * features))
        .bench(|| explicit_curve(&design, &teachers, &[features], Regression::default(), &key));
}
