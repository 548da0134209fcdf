//! `Σ̂ = XᵀX/D` as a sparse matrix, and conjugate gradients on `Σ̂ + κ`.
//!
//! Two coordinates meet in `Σ̂` only if some sample shows both. With activities `(c/i)^β` that is
//! `ij ≲ c² D^{1/β}`: of `S²` pairs, `S ~ D^{1/β}`, about `S ln S` are left. The diagonal dominates
//! the rest, so that scaled by it `Σ̂ + κ` is close to the identity and conjugate gradients need a
//! handful of steps, however many decades the spectrum spans.
//!
//! Measured against `faer` on 16 right-hand sides, `κ` of 10⁻³ and 10⁻⁵, to the same residual
//! (`α = 1`, `β = 1.5`; the example `sparse_libraries`): its conjugate gradients, which treat all
//! right-hand sides as one block, take at least 3 times as long, mostly 5 to 10 times; one
//! right-hand side at a time they take 4 to 7 times as long. Its sparse Cholesky factorisation
//! takes 0.1 to 0.8 of our time for up to 16 384 samples, but fills in: 2 to 2.5 times as long for
//! 262 144, and such designs are what probes are for. Another method would also move results by
//! the tolerance of the solutions.

use super::gram_assembly;
use crate::SolverError;
use asymscale_sampling::Design;

/// Right-hand sides treated together: one pass over the matrix serves all of them.
pub(crate) const LANES: usize = 16;

/// Vectors side by side: one row of numbers a coordinate.
pub(crate) type Block = Vec<[f64; LANES]>;

/// A bound on the steps of conjugate gradients; a solution needs far fewer.
const MOST_STEPS: usize = 5000;

/// Residuals of conjugate gradients, relative to the right-hand side in the norm of the inverse
/// diagonal.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Convergence {
    pub(crate) steps: usize,
    pub(crate) residual: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SparseGram {
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f64>,
    diagonal: Vec<f64>,
}

impl SparseGram {
    /// Forms the matrix. Cost: `Σ k²` over samples with `k` active coordinates.
    pub(crate) fn new(design: &Design, most_bytes: usize) -> Result<Self, SolverError> {
        let scale = 1.0 / design.samples() as f64;
        let mut gram = Self { starts: vec![0], columns: vec![], values: vec![], diagonal: vec![] };
        for (j, mut list) in
            gram_assembly::sums(design, most_bytes, gram_assembly::BLOCK)?.into_iter().enumerate()
        {
            list.sort_unstable_by_key(|(i, _)| *i);
            let own = list.binary_search_by_key(&j, |(i, _)| *i as usize);
            gram.diagonal.push(own.map_or(0.0, |at| scale * list[at].1));
            for (i, sum) in list {
                gram.columns.push(i);
                gram.values.push(scale * sum);
            }
            gram.starts.push(gram.columns.len());
        }
        Ok(gram)
    }

    pub(crate) fn nonzeros(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn diagonal(&self) -> &[f64] {
        &self.diagonal
    }

    /// `(Σ̂ + κ) v`.
    fn apply(&self, kappa: f64, v: &[[f64; LANES]], out: &mut [[f64; LANES]]) {
        for (i, out) in out.iter_mut().enumerate() {
            let mut sum = v[i].map(|v| kappa * v);
            let range = self.starts[i]..self.starts[i + 1];
            for (j, g) in self.columns[range.clone()].iter().zip(&self.values[range]) {
                let v = &v[*j as usize];
                (0..LANES).for_each(|lane| sum[lane] += g * v[lane]);
            }
            *out = sum;
        }
    }

    /// `vᵀ Σ̂ v`, lane by lane.
    pub(crate) fn energy(&self, v: &[[f64; LANES]]) -> [f64; LANES] {
        let mut applied = vec![[0.0; LANES]; v.len()];
        self.apply(0.0, v, &mut applied);
        dot(v, &applied)
    }

    /// Improves `x` until `(Σ̂ + κ) x = b` to a relative residual of `tolerance` in every lane.
    /// Also gives `xᵀ(b − (Σ̂ + κ)x)` of each.
    pub(crate) fn solve(
        &self,
        kappa: f64,
        b: &[[f64; LANES]],
        x: &mut Block,
        tolerance: f64,
    ) -> Result<(Convergence, [f64; LANES]), SolverError> {
        let inverse: Vec<f64> = self.diagonal.iter().map(|d| 1.0 / (d + kappa)).collect();
        let goal = scaled_square(&inverse, b).map(|square| square * tolerance * tolerance);
        let mut applied = vec![[0.0; LANES]; b.len()];
        self.apply(kappa, x, &mut applied);
        let mut rest: Block = b.to_vec();
        advance(&mut rest, &applied, [-1.0; LANES]);
        let mut direction: Block = scaled(&inverse, &rest);
        let mut square = scaled_square(&inverse, &rest);
        for steps in 0..MOST_STEPS {
            if (0..LANES).all(|lane| square[lane] <= goal[lane]) {
                let residual = tolerance * worst(&square, &goal);
                return Ok((Convergence { steps, residual }, dot(x, &rest)));
            }
            self.apply(kappa, &direction, &mut applied);
            let curvature = dot(&direction, &applied);
            let step = ratio(&square, &curvature);
            advance(x, &direction, step);
            advance(&mut rest, &applied, step.map(|step| -step));
            let next = scaled_square(&inverse, &rest);
            let keep = ratio(&next, &square);
            square = next;
            for ((direction, rest), inverse) in direction.iter_mut().zip(&rest).zip(&inverse) {
                (0..LANES).for_each(|lane| {
                    direction[lane] = inverse * rest[lane] + keep[lane] * direction[lane];
                });
            }
        }
        let residual = tolerance * worst(&square, &goal);
        Err(SolverError::Iterations { size: b.len(), steps: MOST_STEPS, residual, tolerance })
    }
}

/// Inner products, lane by lane.
pub(crate) fn dot(a: &[[f64; LANES]], b: &[[f64; LANES]]) -> [f64; LANES] {
    let mut sum = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        (0..LANES).for_each(|lane| sum[lane] += a[lane] * b[lane]);
    }
    sum
}

/// `aᵀ(b − κ x)`, lane by lane. Where the two parts nearly cancel, subtracting entry by entry loses
/// fewer digits than subtracting sums.
pub(crate) fn dot_rest(
    kappa: f64,
    a: &[[f64; LANES]],
    b: &[[f64; LANES]],
    x: &[[f64; LANES]],
) -> [f64; LANES] {
    let mut sum = [0.0; LANES];
    for ((a, b), x) in a.iter().zip(b).zip(x) {
        (0..LANES).for_each(|lane| sum[lane] += a[lane] * (b[lane] - kappa * x[lane]));
    }
    sum
}

/// Inner products with weights of the coordinates.
pub(crate) fn weighted_dot(
    weights: &[f64],
    a: &[[f64; LANES]],
    b: &[[f64; LANES]],
) -> [f64; LANES] {
    let mut sum = [0.0; LANES];
    for ((weight, a), b) in weights.iter().zip(a).zip(b) {
        (0..LANES).for_each(|lane| sum[lane] += weight * a[lane] * b[lane]);
    }
    sum
}

fn scaled_square(inverse: &[f64], v: &[[f64; LANES]]) -> [f64; LANES] {
    weighted_dot(inverse, v, v)
}

fn scaled(inverse: &[f64], v: &[[f64; LANES]]) -> Block {
    inverse.iter().zip(v).map(|(inverse, v)| v.map(|v| inverse * v)).collect()
}

/// `y += step · x`.
fn advance(y: &mut [[f64; LANES]], x: &[[f64; LANES]], step: [f64; LANES]) {
    for (y, x) in y.iter_mut().zip(x) {
        (0..LANES).for_each(|lane| y[lane] += step[lane] * x[lane]);
    }
}

/// The quotient, or 0 in lanes that have converged.
fn ratio(a: &[f64; LANES], b: &[f64; LANES]) -> [f64; LANES] {
    std::array::from_fn(|lane| if b[lane] > 0.0 { a[lane] / b[lane] } else { 0.0 })
}

fn worst(square: &[f64; LANES], goal: &[f64; LANES]) -> f64 {
    ratio(square, goal).into_iter().fold(0.0, f64::max).sqrt()
}
