//! What the machine can do on one thread, a matrix product and a stream through memory, and how
//! near to it the dense factorisations of this crate come.
//!
//! `cargo xtask bench` reads the counters of every benchmark: cycles stand for floating-point
//! operations, bytes for bytes of memory. The line `Limit:` of a benchmark says how they are
//! counted.

use asymscale_solvers::SolverError;
use dense::{Cholesky, Qr, add_gram, add_product, copy, eigen, zeros};
use divan::counter::{BytesCount, CyclesCount};
use divan::{Bencher, black_box};
use faer::Mat;

#[path = "../src/linear_algebra/dense.rs"]
#[allow(dead_code)]
mod dense;

fn main() {
    divan::main();
}

/// Pseudo-random numbers in ±½ without a generator.
fn matrix(rows: usize, columns: usize) -> Mat<f64> {
    let entry = |i: usize, j: usize| {
        let x = ((i * columns + j) as f64 * 0.734 + 0.1).sin() * 43758.5453;
        x - x.floor() - 0.5
    };
    copy(Mat::from_fn(rows, columns, entry).as_ref())
}

/// `n I +` a Gram matrix: safely positive definite.
fn positive(n: usize) -> Mat<f64> {
    let mut gram = zeros(n, n);
    add_gram(gram.as_mut(), matrix(n, 2 * n).as_ref());
    (0..n).for_each(|k| gram[(k, k)] += n as f64);
    gram
}

fn flops(count: f64) -> CyclesCount {
    CyclesCount::new(count as u64)
}

/// The matrix product of size 512: the rate that all counts of operations are held against. As
/// large as a processor needs to reach it (size 1024 is no faster), and short enough to run
/// undisturbed now and then on a busy machine.
///
/// Limit: `2 n³` operations; it is the unit.
#[divan::bench(sample_size = 1)]
fn matrix_product(bencher: Bencher<'_, '_>) {
    let (a, b, mut out) = (matrix(512, 512), matrix(512, 512), zeros(512, 512));
    let bencher = bencher.counter(flops(2.0 * 512_f64.powi(3)));
    bencher.bench_local(|| add_product(black_box(out.as_mut()), a.as_ref(), b.as_ref(), 1.0));
}

/// The same of size 1024, which says whether the unit is large enough.
///
/// Limit: `2 n³` operations.
#[divan::bench(sample_size = 1)]
fn matrix_product_1024(bencher: Bencher<'_, '_>) {
    let (a, b, mut out) = (matrix(1024, 1024), matrix(1024, 1024), zeros(1024, 1024));
    let bencher = bencher.counter(flops(2.0 * 1024_f64.powi(3)));
    bencher.bench_local(|| add_product(black_box(out.as_mut()), a.as_ref(), b.as_ref(), 1.0));
}

/// The triad `a = b + 3 c` over 3 × 32 MB: the rate that all counts of bytes are held against.
///
/// Limit: `24 n` bytes; it is the unit.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn memory_triad(bencher: Bencher<'_, '_>) {
    let count = 4_000_000_usize;
    let (mut a, b, c) = (vec![0.0; count], vec![1.0; count], vec![2.0; count]);
    bencher.counter(BytesCount::new(24 * count)).bench_local(|| {
        black_box(&mut a).iter_mut().zip(b.iter().zip(&c)).for_each(|(a, (b, c))| *a = b + 3.0 * c);
    });
}

/// A Gram matrix, `n × 2n`.
///
/// Limit: `2 n³` operations, half of the square product.
#[divan::bench(args = [256, 512, 1024])]
fn gram(bencher: Bencher<'_, '_>, n: usize) {
    let (a, mut out) = (matrix(n, 2 * n), zeros(n, n));
    bencher
        .counter(flops(2.0 * (n as f64).powi(3)))
        .bench_local(|| add_gram(out.as_mut(), a.as_ref()));
}

/// A Cholesky factorisation.
///
/// Limit: `n³/3` operations.
#[divan::bench(args = [256, 512, 1024])]
fn cholesky(bencher: Bencher<'_, '_>, n: usize) {
    let a = positive(n);
    let bencher = bencher.counter(flops((n as f64).powi(3) / 3.0));
    bencher.with_inputs(|| copy(a.as_ref())).bench_local_values(Cholesky::new);
}

/// Forward and backward substitution for as many right sides as rows.
///
/// Limit: `2 n³` operations.
#[divan::bench(args = [256, 512, 1024])]
fn substitution(bencher: Bencher<'_, '_>, n: usize) {
    let (factor, right) = (Cholesky::new(positive(n)).expect("positive definite"), matrix(n, n));
    let bencher = bencher.counter(flops(2.0 * (n as f64).powi(3)));
    bencher
        .with_inputs(|| copy(right.as_ref()))
        .bench_local_refs(|right| factor.solve(right.as_mut()));
}

/// A Householder QR factorisation of a square matrix.
///
/// Limit: `4n³/3` operations.
#[divan::bench(args = [256, 512, 1024])]
fn householder(bencher: Bencher<'_, '_>, n: usize) {
    let a = matrix(n, n);
    let bencher = bencher.counter(flops(4.0 / 3.0 * (n as f64).powi(3)));
    bencher.with_inputs(|| copy(a.as_ref())).bench_local_values(Qr::new);
}

/// All eigenvalues and eigenvectors of a symmetric matrix.
///
/// Limit: `4n³/3` operations to tridiagonal form, of which half are products of a matrix and a
/// vector that no cache speeds up, and `2 n³` back; divide and conquer between them comes free in
/// this count.
#[divan::bench(args = [256, 512, 1024])]
fn eigenvectors(bencher: Bencher<'_, '_>, n: usize) {
    let a = positive(n);
    let bencher = bencher.counter(flops(10.0 / 3.0 * (n as f64).powi(3)));
    bencher.bench_local(|| eigen(a.as_ref()));
}
