//! Our sparse products and conjugate gradients against those of `faer`, in one run: shortest times,
//! and `faer`'s as a multiple of ours. What was measured stands in the documentation of
//! `asymscale_sampling::sparse` and of the solvers' `sparse_gram.rs`.
//!
//! `cargo run --release -p asymscale-solvers --example sparse_libraries`

use asymscale_model::{Coordinates, SparseModel};
use asymscale_sampling::{Design, Key, sparse};
use asymscale_solvers::SolverError;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::solvers::Solve;
use faer::matrix_free::conjugate_gradient::{
    CgParams, conjugate_gradient, conjugate_gradient_scratch,
};
use faer::sparse::linalg::matmul::{sparse_dense_matmul, sparse_sparse_matmul};
use faer::sparse::linalg::solvers::{Llt, SymbolicLlt};
use faer::sparse::{SparseColMat, SparseColMatRef, SymbolicSparseColMat};
use faer::{Accum, Col, Mat, MatRef, Par, Side};
use sparse_gram::{LANES, SparseGram};
use std::hint::black_box;
use std::time::Instant;

#[path = "../src/linear_algebra/gram_assembly.rs"]
mod gram_assembly;
#[path = "../src/linear_algebra/sparse_gram.rs"]
#[allow(dead_code)] // What is measured here is a part of it.
mod sparse_gram;

type Error = Box<dyn std::error::Error>;

/// Dense Gram matrices of at most this size are formed.
const MOST_ROWS: usize = 6000;

/// Systems with fewer non-zeros than this are solved: for the others a sparse factorisation takes
/// minutes.
const MOST_NONZEROS: usize = 1_000_000;

/// Relative residual of the solutions.
const TOLERANCE: f64 = 1e-9;

fn main() -> Result<(), Error> {
    faer::set_global_parallelism(Par::Seq);
    let sparse = SparseModel::power_law(1.0, 1.5, 1.0)?;
    let often = SparseModel::power_law(1.0, 1.5, 20.0)?;
    let dense =
        SparseModel::power_law(1.0, 0.5, 1.0)?.with_coordinates(Coordinates::Finite(2000))?;
    for (model, name, samples) in [
        (&sparse, "β = 1.5, c = 1", 1_024),
        (&sparse, "β = 1.5, c = 1", 16_384),
        (&sparse, "β = 1.5, c = 1", 262_144),
        (&sparse, "β = 1.5, c = 1", 1_048_576),
        (&often, "β = 1.5, c = 20", 1_024),
        (&often, "β = 1.5, c = 20", 16_384),
        (&dense, "β = 0.5, c = 1, 2000 coordinates", 1_024),
        (&dense, "β = 0.5, c = 1, 2000 coordinates", 16_384),
    ] {
        let design = Design::sample(model, samples, &mut Key::new(1).stream())?;
        let (seen, nonzeros) = (design.seen(), design.nonzeros());
        println!("\nα = 1, {name}, D = {samples}: {seen} seen coordinates, {nonzeros} non-zeros");
        products(&design)?;
        if SparseGram::new(&design, usize::MAX)?.nonzeros() < MOST_NONZEROS {
            solutions(&design)?;
        }
    }
    Ok(())
}

/// Shortest times in seconds of both, taken in turns for a quarter of a second or 5 times each.
fn compare<A, B>(name: &str, mut ours: impl FnMut() -> A, mut faers: impl FnMut() -> B) -> (A, B) {
    let begin = Instant::now();
    let (mut best, mut count) = ([f64::INFINITY; 2], 0);
    loop {
        let start = Instant::now();
        let a = black_box(ours());
        let middle = Instant::now();
        let b = black_box(faers());
        let times = [middle - start, middle.elapsed()].map(|time| time.as_secs_f64());
        best = [best[0].min(times[0]), best[1].min(times[1])];
        count += 1;
        if count >= 5 && begin.elapsed().as_secs_f64() > 0.25 {
            let [ours, faers] = best.map(|time| 1e6 * time);
            println!("  {name:34} {ours:11.1} µs {faers:11.1} µs  {:6.2}", faers / ours);
            return (a, b);
        }
    }
}

/// Products of a design with a vector, and its Gram matrices.
fn products(design: &Design) -> Result<(), Error> {
    let x = matrix(design);
    let v = Col::from_fn(design.seen(), |j| 1.0 + (j as f64).sin());
    let u = Col::from_fn(design.samples(), |k| 1.0 + (k as f64).sin());
    let slice = |col: &Col<f64>| col.iter().copied().collect::<Vec<_>>();
    let (own_v, own_u) = (slice(&v), slice(&u));
    let times = |lhs: SparseColMatRef<'_, usize, f64>, rhs: &Col<f64>| {
        let mut out = Mat::zeros(lhs.nrows(), 1);
        sparse_dense_matmul(out.as_mut(), Accum::Replace, lhs, rhs.as_mat(), 1.0, Par::Seq);
        out
    };
    let back = || {
        let (mut out, lhs) = (Mat::zeros(design.seen(), 1), x.as_ref().transpose());
        sparse_dense_matmul(out.as_mut(), Accum::Replace, lhs, u.as_mat(), 1.0, Par::Seq);
        out
    };
    let (a, b) = compare("X v", || design.apply(&own_v), || times(x.as_ref(), &v));
    same_bits(&a, b.col_as_slice(0));
    let (a, b) = compare("Xᵀ u", || design.apply_transpose(&own_u), back);
    same_bits(&a, b.col_as_slice(0));
    let transposed = x.as_ref().transpose().to_col_major()?;
    let square = |a: &SparseColMat<usize, f64>, b: &SparseColMat<usize, f64>| {
        sparse_sparse_matmul(a.as_ref(), b.as_ref(), 1.0, Par::Seq)
    };
    let both = || square(&x.as_ref().transpose().to_col_major()?, &x);
    let (a, b) = compare("XᵀX, sparse", || SparseGram::new(design, usize::MAX), both);
    println!("    non-zeros: {} and {}", a?.nonzeros(), b?.compute_nnz());
    if design.seen() <= MOST_ROWS {
        let (a, b) = compare(
            "XᵀX, dense lower triangle",
            || coordinate_gram(design),
            || square(&transposed, &x).map(|gram| gram.to_dense()),
        );
        same_bits(&lower(&a), &lower(&b?));
    }
    if design.samples() <= MOST_ROWS {
        let (a, b) = compare(
            "X Xᵀ, dense lower triangle",
            || sample_gram(design),
            || square(&x, &transposed).map(|gram| gram.to_dense()),
        );
        same_bits(&lower(&a), &lower(&b?));
    }
    Ok(())
}

fn matrix(design: &Design) -> SparseColMat<usize, f64> {
    let starts = std::iter::once(0).chain(design.columns().scan(0, |end, column| {
        *end += column.0.len();
        Some(*end)
    }));
    let rows = design.columns().flat_map(|column| column.0).map(|row| *row as usize);
    let values = design.columns().flat_map(|column| column.1).copied().collect();
    let (starts, rows) = (starts.collect(), rows.collect());
    let pattern =
        SymbolicSparseColMat::new_checked(design.samples(), design.seen(), starts, None, rows);
    SparseColMat::new(pattern, values)
}

fn coordinate_gram(design: &Design) -> Mat<f64> {
    let mut gram = Mat::zeros(design.seen(), design.seen());
    design.gram_terms(|j, i, term| gram[(j, i)] += term);
    gram
}

fn sample_gram(design: &Design) -> Mat<f64> {
    let mut gram = Mat::zeros(design.samples(), design.samples());
    for (row, x, below) in design.columns().flat_map(sparse::lower_triangle) {
        sparse::add_scaled(gram.col_as_slice_mut(row), x, below);
    }
    gram
}

fn lower(gram: &Mat<f64>) -> Vec<f64> {
    (0..gram.ncols()).flat_map(|j| gram.col_as_slice(j)[j..].iter().copied()).collect()
}

/// How many numbers differ in a bit, and by how much at most, relative to the largest.
fn same_bits(a: &[f64], b: &[f64]) {
    let largest = a.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    let differ = a.iter().zip(b).filter(|(x, y)| x.to_bits() != y.to_bits());
    let most = differ.clone().fold(0.0_f64, |most, (x, y)| most.max((x - y).abs() / largest));
    println!("    {} of {} numbers differ, by up to {most:.0e}", differ.count(), a.len());
}

/// `(Σ̂ + κ) u = z` for 16 vectors `z` of signs.
fn solutions(design: &Design) -> Result<(), Error> {
    let (size, samples) = (design.seen(), design.samples() as f64);
    let gram = SparseGram::new(design, usize::MAX)?;
    let sign = |j: usize, lane: usize| {
        let x = ((j * LANES + lane) as f64 * 0.734 + 0.1).sin() * 43758.5453;
        if x - x.floor() < 0.5 { -1.0 } else { 1.0 }
    };
    let z: Vec<[f64; LANES]> =
        (0..size).map(|j| std::array::from_fn(|lane| sign(j, lane))).collect();
    let right = Mat::from_fn(size, LANES, sign);
    let x = matrix(design);
    let transposed = x.as_ref().transpose().to_col_major()?;
    for kappa in [1e-3, 1e-5] {
        let mut system =
            sparse_sparse_matmul(transposed.as_ref(), x.as_ref(), 1.0 / samples, Par::Seq)?;
        for j in 0..size {
            *system.get_mut(j, j).ok_or("an active coordinate")? += kappa;
        }
        let inverse = Col::from_fn(size, |j| 1.0 / (gram.diagonal()[j] + kappa));
        println!("  κ = {kappa:.0e}");
        let solve = || -> Result<_, SolverError> {
            let mut u = vec![[0.0; LANES]; size];
            let (convergence, _) = gram.solve(kappa, &z, &mut u, TOLERANCE)?;
            Ok((u, convergence.steps))
        };
        let tolerance = tolerance(&system, &inverse, right.as_ref());
        let block = || gradients(&system, &inverse, right.as_ref(), tolerance);
        let (ours, faers) = compare("conjugate gradients, 16 together", solve, block);
        let ((ours, steps), (faers, other)) = (ours?, faers);
        let ours = Mat::from_fn(size, LANES, |j, lane| ours[j][lane]);
        let residuals =
            [&ours, &faers].map(|u| residual(&system, &inverse, right.as_ref(), u.as_ref()));
        println!(
            "    {steps} and {other} products, residuals {:.0e} and {:.0e}",
            residuals[0], residuals[1]
        );
        let each = || {
            let one =
                |lane| gradients(&system, &inverse, right.as_ref().subcols(lane, 1), TOLERANCE).1;
            (0..LANES).map(one).sum::<usize>()
        };
        let (_, products) = compare("conjugate gradients, one by one", solve, each);
        println!("    {products} products in all");
        let symbolic = SymbolicLlt::try_new(system.symbolic(), Side::Lower)?;
        let factor = || Llt::try_new_with_symbolic(symbolic.clone(), system.as_ref(), Side::Lower);
        let direct = || factor().map(|factor| factor.solve(&right));
        let (_, direct) = compare("sparse Cholesky, pattern known", solve, direct);
        let left = direct.map(|u| residual(&system, &inverse, right.as_ref(), u.as_ref()));
        println!("    residual {:.0e}", left?);
    }
    Ok(())
}

/// Solutions by `faer`'s block of conjugate gradients, and the number of its steps.
fn gradients(
    system: &SparseColMat<usize, f64>,
    inverse: &Col<f64>,
    right: MatRef<'_, f64>,
    tolerance: f64,
) -> (Mat<f64>, usize) {
    let (preconditioner, system) = (inverse.as_ref().as_diagonal(), system.as_ref());
    let mut out = Mat::zeros(right.nrows(), right.ncols());
    let scratch = conjugate_gradient_scratch(preconditioner, system, right.ncols(), Par::Seq);
    let (mut memory, mut params) = (MemBuffer::new(scratch), CgParams::default());
    (params.rel_tolerance, params.max_iters) = (tolerance, 5000);
    let stack = MemStack::new(&mut memory);
    let found = conjugate_gradient(
        out.as_mut(),
        preconditioner,
        system,
        right,
        params,
        |_| (),
        Par::Seq,
        stack,
    );
    (out, found.map_or(0, |found| found.iter_count))
}

/// The largest power of ten as `faer`'s tolerance, which is one for all right-hand sides in the
/// plain norm, that leaves none with a larger residual than ours.
fn tolerance(system: &SparseColMat<usize, f64>, inverse: &Col<f64>, right: MatRef<'_, f64>) -> f64 {
    let enough = |tolerance: &f64| {
        let (u, _) = gradients(system, inverse, right, *tolerance);
        residual(system, inverse, right, u.as_ref()) <= TOLERANCE
    };
    (7..13).map(|digits| 10_f64.powi(-digits)).find(enough).unwrap_or(1e-13)
}

/// The largest relative residual, in the norm of the inverse diagonal.
fn residual(
    system: &SparseColMat<usize, f64>,
    inverse: &Col<f64>,
    right: MatRef<'_, f64>,
    u: MatRef<'_, f64>,
) -> f64 {
    let mut left = right.to_owned();
    sparse_dense_matmul(left.as_mut(), Accum::Add, system.as_ref(), u, -1.0, Par::Seq);
    let norm = |a: MatRef<'_, f64>, lane: usize| -> f64 {
        a.col(lane).iter().zip(inverse.iter()).map(|(x, d)| d * x * x).sum::<f64>().sqrt()
    };
    (0..right.ncols()).map(|lane| norm(left.as_ref(), lane) / norm(right, lane)).fold(0.0, f64::max)
}
