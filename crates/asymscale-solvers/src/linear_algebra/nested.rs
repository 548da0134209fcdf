//! Least squares with the first `N` columns of one matrix, for many `N`, at about the cost of one
//! factorisation.
//!
//! With `A` of `r` rows and full row rank, `s` a multiple of the ridge:
//!
//! - `N ≤ r`, no ridge: the first `N` columns of `A = Q R` have the leading block of `R` for their
//!   factor. One QR serves every `N`.
//! - `N > r`: the minimum-norm solution is `θ = Aᵀ (A Aᵀ + s N)⁻¹ y`. The Gram matrix grows from
//!   one `N` to the next; each `N` costs a Cholesky factorisation of size `r`.
//! - `N ≤ r` with ridge: the same with `(AᵀA + s N)⁻¹ Aᵀ y`, whose Gram matrices are leading blocks
//!   of one.
//!
//! Gram matrices square the condition number. Their solutions are therefore corrected with
//! residuals of `A` itself (corrected seminormal equations: Å. Björck, *Linear Algebra Appl.* 88/89
//! (1987) 31, doi:10.1016/0024-3795(87)90101-7) until a correction is so small that the next would
//! be lost in rounding; where corrections do not shrink, an orthogonal factorisation takes over.

use crate::linear_algebra::dense::{Cholesky, Qr, add_gram, add_product, copy, product, zeros};
use faer::linalg::triangular_solve::{
    solve_lower_triangular_in_place, solve_upper_triangular_in_place,
};
use faer::{Mat, MatRef, Par};

/// A correction this small relative to the solution leaves an error of about its square.
const SMALL: f64 = 1e-7;

/// Model sizes solved together, at most: each needs its own factor in memory.
const GROUP: usize = 4;

/// Corrections before an orthogonal factorisation takes over.
const CORRECTIONS: usize = 3;

/// Solutions `θ` (`N × teachers`) for each `N` of `sizes`, which ascend and are at most the number
/// of columns of `a`: `argmin |A_N θ − y|² + shift · N · |θ|²`, of minimum norm if `shift` is 0.
///
/// `a`: `r × columns`, of full row rank; `y`: `r × teachers`.
pub(crate) fn solve(
    a: MatRef<'_, f64>,
    y: MatRef<'_, f64>,
    sizes: &[usize],
    shift: f64,
) -> Vec<Mat<f64>> {
    let (few, many) = sizes.split_at(sizes.partition_point(|n| *n <= a.nrows()));
    let mut solutions = if shift == 0.0 { under(a, y, few) } else { under_ridge(a, y, few, shift) };
    solutions.extend(over(a, y, many, shift));
    solutions
}

/// `N ≤ r` without ridge.
fn under(a: MatRef<'_, f64>, y: MatRef<'_, f64>, sizes: &[usize]) -> Vec<Mat<f64>> {
    let Some(largest) = sizes.last() else { return Vec::new() };
    let qr = Qr::new(copy(a.subcols(0, *largest)));
    let mut rotated = y.to_owned();
    qr.apply_transpose(rotated.as_mut());
    let solve = |n: &usize| {
        let mut solution = rotated.as_ref().subrows(0, *n).to_owned();
        solve_upper_triangular_in_place(
            qr.r().submatrix(0, 0, *n, *n),
            solution.as_mut(),
            Par::Seq,
        );
        solution
    };
    sizes.iter().map(solve).collect()
}

/// `N ≤ r` with ridge.
fn under_ridge(
    a: MatRef<'_, f64>,
    y: MatRef<'_, f64>,
    sizes: &[usize],
    shift: f64,
) -> Vec<Mat<f64>> {
    let Some(largest) = sizes.last() else { return Vec::new() };
    let a = a.subcols(0, *largest);
    let mut gram = zeros(*largest, *largest);
    add_gram(gram.as_mut(), a.transpose());
    let right = product(a.transpose(), y);
    let solve = |n: &usize| {
        let (a, s) = (a.subcols(0, *n), shift * *n as f64);
        let gram = gram.as_ref().submatrix(0, 0, *n, *n);
        primal(gram, a, y, right.as_ref().subrows(0, *n), s)
            .unwrap_or_else(|| orthogonal_primal(a, y, s))
    };
    sizes.iter().map(solve).collect()
}

/// `N > r`. Model sizes within a factor of 2 are treated together, because products of thin
/// matrices are slow.
fn over(a: MatRef<'_, f64>, y: MatRef<'_, f64>, sizes: &[usize], shift: f64) -> Vec<Mat<f64>> {
    let mut gram = zeros(a.nrows(), a.nrows());
    let (mut used, mut rest) = (0, sizes);
    let mut solutions = Vec::new();
    while let Some(smallest) = rest.first() {
        let (group, later) = rest.split_at(rest.partition_point(|n| *n <= 2 * smallest).min(GROUP));
        let mut factors = Vec::new();
        for n in group {
            add_gram(gram.as_mut(), a.subcols(used, n - used));
            used = *n;
            factors.push(shifted(gram.as_ref(), shift * *n as f64));
        }
        let a = a.subcols(0, used);
        match factors
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .and_then(|f| dual(&f, a, y, group, shift))
        {
            Some(solved) => solutions.extend(solved),
            None => solutions.extend(
                group.iter().map(|n| orthogonal_dual(a.subcols(0, *n), y, shift * *n as f64)),
            ),
        }
        rest = later;
    }
    solutions
}

/// Solves `(AᵀA + s) θ = Aᵀy` given `AᵀA`.
fn primal(
    gram: MatRef<'_, f64>,
    a: MatRef<'_, f64>,
    y: MatRef<'_, f64>,
    right: MatRef<'_, f64>,
    s: f64,
) -> Option<Mat<f64>> {
    let factor = shifted(gram, s)?;
    let mut solution = right.to_owned();
    factor.solve(solution.as_mut());
    correct(solution, |solution| {
        let mut residual = y.to_owned();
        add_product(residual.as_mut(), a, solution.as_ref(), -1.0);
        let mut correction = product(a.transpose(), residual.as_ref());
        correction -= faer::Scale(s) * solution;
        factor.solve(correction.as_mut());
        correction
    })
}

/// Solves `(A Aᵀ + s) μ = y`, `θ = Aᵀμ`, for a group of model sizes given the factors of
/// `A Aᵀ + s`.
fn dual(
    factors: &[Cholesky],
    a: MatRef<'_, f64>,
    y: MatRef<'_, f64>,
    sizes: &[usize],
    shift: f64,
) -> Option<Vec<Mat<f64>>> {
    let count = y.ncols();
    let targets = Mat::from_fn(y.nrows(), count * sizes.len(), |i, k| y[(i, k % count)]);
    let backward = |residual: &mut Mat<f64>| {
        for (k, factor) in factors.iter().enumerate() {
            factor.solve(residual.as_mut().subcols_mut(k * count, count));
        }
        let mut solution = product(a.transpose(), residual.as_ref());
        for (k, n) in sizes.iter().enumerate() {
            solution.as_mut().get_mut(*n.., k * count..(k + 1) * count).fill(0.0);
        }
        solution
    };
    let mut multiplier = targets.clone();
    let start = backward(&mut multiplier);
    let solution = correct(start, |solution| {
        let mut residual = targets.clone();
        add_product(residual.as_mut(), a, solution.as_ref(), -1.0);
        for (k, n) in sizes.iter().enumerate() {
            let part = multiplier.as_ref().subcols(k * count, count);
            let mut residual = residual.as_mut().subcols_mut(k * count, count);
            residual -= faer::Scale(shift * *n as f64) * part;
        }
        let step = backward(&mut residual);
        multiplier += &residual;
        step
    })?;
    let part = |(k, n): (usize, &usize)| {
        solution.as_ref().get(..*n, k * count..(k + 1) * count).to_owned()
    };
    Some(sizes.iter().enumerate().map(part).collect())
}

fn shifted(gram: MatRef<'_, f64>, s: f64) -> Option<Cholesky> {
    let mut gram = copy(gram);
    (0..gram.nrows()).for_each(|k| gram[(k, k)] += s);
    Cholesky::new(gram)
}

/// Adds corrections until they are small; `None` if they do not become small.
fn correct(
    mut solution: Mat<f64>,
    mut correction: impl FnMut(&Mat<f64>) -> Mat<f64>,
) -> Option<Mat<f64>> {
    for _ in 0..CORRECTIONS {
        let step = correction(&solution);
        solution += &step;
        let small = |t: usize| step.col(t).norm_l2() <= SMALL * solution.col(t).norm_l2();
        if (0..solution.ncols()).all(small) {
            return Some(solution);
        }
    }
    None
}

/// Least squares of `[A; √s]` by QR.
fn orthogonal_primal(a: MatRef<'_, f64>, y: MatRef<'_, f64>, s: f64) -> Mat<f64> {
    let (rows, columns) = a.shape();
    let qr = Qr::new(bordered(a, s));
    let mut solution = zeros(rows + columns, y.ncols());
    solution.as_mut().subrows_mut(0, rows).copy_from(y);
    qr.apply_transpose(solution.as_mut());
    let mut solution = solution.as_ref().subrows(0, columns).to_owned();
    solve_upper_triangular_in_place(qr.r(), solution.as_mut(), Par::Seq);
    solution
}

/// The minimum-norm solution of `[A, √s] (θ, ν) = y` by QR of the transpose.
fn orthogonal_dual(a: MatRef<'_, f64>, y: MatRef<'_, f64>, s: f64) -> Mat<f64> {
    let (rows, columns) = a.shape();
    let transposed = if s == 0.0 { copy(a.transpose()) } else { bordered(a.transpose(), s) };
    let qr = Qr::new(transposed);
    let mut solution = zeros(if s == 0.0 { columns } else { columns + rows }, y.ncols());
    let mut head = solution.as_mut().subrows_mut(0, rows);
    head.copy_from(y);
    solve_lower_triangular_in_place(qr.r().transpose(), head, Par::Seq);
    qr.apply(solution.as_mut());
    solution.as_ref().subrows(0, columns).to_owned()
}

/// `[a; √s I]`.
fn bordered(a: MatRef<'_, f64>, s: f64) -> Mat<f64> {
    let (rows, columns) = a.shape();
    let mut whole = zeros(rows + columns, columns);
    whole.as_mut().subrows_mut(0, rows).copy_from(a);
    (0..columns).for_each(|k| whole[(rows + k, k)] = s.sqrt());
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear_algebra::dense::square_norm;

    /// A matrix whose rows have scales over `decades` decades, so that Gram matrices are hopeless.
    fn graded(rows: usize, columns: usize, decades: f64) -> Mat<f64> {
        Mat::from_fn(rows, columns, |i, j| {
            let x = ((i * columns + j) as f64 * 0.734 + 0.1).sin() * 43758.5453;
            10_f64.powf(-decades * i as f64 / rows as f64) * (x - x.floor() - 0.5)
        })
    }

    fn distance(a: &Mat<f64>, b: &Mat<f64>) -> f64 {
        (square_norm((a - b).as_ref()) / square_norm(b.as_ref())).sqrt()
    }

    #[test]
    fn corrected_gram_solutions_agree_with_orthogonal_ones() {
        // Condition 1e5: the Gram matrix alone would leave 1e10 × 1e-16 = 1e-6; corrected, 1e5 ×
        // 1e-16 is left.
        let (a, y) = (graded(20, 50, 4.0), graded(20, 3, 4.0));
        let gram = &a * a.transpose();
        for s in [0.0, 1e-8, 1.0] {
            let factor = shifted(gram.as_ref(), 50.0 * s).unwrap();
            let corrected = &dual(&[factor], a.as_ref(), y.as_ref(), &[50], s).unwrap()[0];
            assert!(
                distance(corrected, &orthogonal_dual(a.as_ref(), y.as_ref(), 50.0 * s)) < 1e-10,
                "s = {s}"
            );
        }
        let tall = a.transpose();
        let right = tall.transpose() * Mat::<f64>::ones(50, 1);
        let corrected =
            primal(gram.as_ref(), tall, Mat::<f64>::ones(50, 1).as_ref(), right.as_ref(), 1e-6)
                .unwrap();
        let expected = orthogonal_primal(tall, Mat::<f64>::ones(50, 1).as_ref(), 1e-6);
        assert!(distance(&corrected, &expected) < 1e-9);
    }

    #[test]
    fn where_gram_matrices_fail_the_orthogonal_way_takes_over() {
        // Rows over 12 decades; interpolation must hold row by row relative to the row.
        let (a, y) = (graded(20, 50, 12.0), graded(20, 2, 12.0));
        let solution = &solve(a.as_ref(), y.as_ref(), &[50], 0.0)[0];
        let fitted = &a * solution;
        for i in 0..20 {
            assert!((fitted[(i, 0)] / y[(i, 0)] - 1.0).abs() < 1e-2, "row {i}");
        }
    }
}
