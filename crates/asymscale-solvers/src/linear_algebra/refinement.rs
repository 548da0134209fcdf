//! Singular values over many decades from symmetric eigenvalue problems alone.
//!
//! An eigenvalue of `A Aᵀ` is accurate to rounding of the largest, so that those far below the
//! largest have no accurate digits. Their eigenvectors still span the directions in which `A` is
//! small, up to parts `θ = ε λ_1/λ_k` of the others. With `V` these directions, `U` the others and
//! `Λ` their eigenvalues,
//!
//! `V′ = V − U Λ⁻¹ (Uᵀ A Aᵀ V)`
//!
//! makes the rows of `V′ᵀA` orthogonal to those of `UᵀA`, and the small singular values are those
//! of `V′ᵀA`, again by its Gram matrix, which is small as they are. Errors of products of the size
//! `ε σ_1` remain, as in a singular value decomposition, and the columns of `V′` are orthogonal to
//! `U` up to `θ` only.

use crate::SolverError;
use crate::linear_algebra::dense::{add_gram, add_product, copy, eigen, product, zeros};
use faer::Mat;

/// Below this ratio of extreme eigenvalues rounding, 1e-16 of the largest, would show in the
/// smallest beyond 1e-7.
const INACCURATE: f64 = 1e-9;

/// Squared singular values, ascending, and left singular vectors.
pub(crate) type Squares = (Vec<f64>, Mat<f64>);

/// Whether some of the eigenvalues are lost in rounding of the largest.
pub(crate) fn needs_refinement(squares: &Squares) -> bool {
    inaccurate_count(&squares.0) > 0
}

/// The number of eigenvalues lost in rounding of the largest; 0 if all eigenvalues are 0.
fn inaccurate_count(squares: &[f64]) -> usize {
    let floor = INACCURATE * squares.last().copied().unwrap_or(0.0);
    squares.iter().take_while(|square| **square <= floor && floor > 0.0).count()
}

/// A matrix `A`, dense or sparse, that is multiplied from both sides.
pub(crate) trait Factor {
    /// `y A`.
    fn row_combinations(&self, y: &Mat<f64>) -> Mat<f64>;

    /// `A zᵀ`.
    fn images(&self, z: &Mat<f64>) -> Mat<f64>;
}

impl Factor for Mat<f64> {
    fn row_combinations(&self, y: &Mat<f64>) -> Mat<f64> {
        product(y.as_ref(), self.as_ref())
    }

    fn images(&self, z: &Mat<f64>) -> Mat<f64> {
        product(self.as_ref(), z.transpose())
    }
}

/// Squared singular values and left singular vectors of `a`, given those that its Gram matrix
/// yields: values lost in rounding are computed anew. Cost: a few products of `a` with their
/// directions.
///
/// # Errors
/// [`SolverError::Eigenvalues`].
pub(crate) fn refined(
    a: &impl Factor,
    (mut squares, mut left): Squares,
) -> Result<Squares, SolverError> {
    let count = inaccurate_count(&squares);
    if count == 0 {
        return Ok((squares, left));
    }
    let (small, large) = left.as_ref().split_at_col(count);
    let mut small = copy(small);
    let image = a.row_combinations(&copy(small.transpose()));
    let mut shares = product(large.transpose(), a.images(&image).as_ref());
    for column in 0..count {
        shares
            .col_as_slice_mut(column)
            .iter_mut()
            .zip(&squares[count..])
            .for_each(|(share, square)| *share /= square);
    }
    add_product(small.as_mut(), large, shares.as_ref(), -1.0);
    let apart = a.row_combinations(&copy(small.transpose()));
    let mut gram = zeros(count, count);
    add_gram(gram.as_mut(), apart.as_ref());
    let (values, vectors) = refined(&apart, eigen(gram.as_ref())?)?;
    left.as_mut().subcols_mut(0, count).copy_from(product(small.as_ref(), vectors.as_ref()));
    squares[..count].copy_from_slice(&values);
    Ok(ascending(squares, left))
}

/// Puts squares in order: two neighbours of which one was computed anew may change places by
/// rounding.
fn ascending(squares: Vec<f64>, left: Mat<f64>) -> Squares {
    if squares.is_sorted() {
        return (squares, left);
    }
    let mut order: Vec<usize> = (0..squares.len()).collect();
    order.sort_by(|a, b| squares[*a].total_cmp(&squares[*b]));
    let mut sorted = zeros(left.nrows(), left.ncols());
    order.iter().enumerate().for_each(|(to, from)| sorted.col_mut(to).copy_from(left.col(*from)));
    (order.into_iter().map(|k| squares[k]).collect(), sorted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design_reduction::reduced::Reduced;
    use crate::linear_algebra::dense::Qr;
    use asymscale_model::SparseModel;
    use asymscale_sampling::{Design, Key};

    /// Rows as unit vectors.
    fn directions(mut rows: Mat<f64>) -> Mat<f64> {
        rows.row_iter_mut().for_each(|row| {
            let length = row.norm_l2();
            row.iter_mut().for_each(|x| *x /= length);
        });
        rows
    }

    /// Largest distance between entries.
    fn distance(a: &Mat<f64>, b: &Mat<f64>) -> f64 {
        (a - b).norm_max()
    }

    /// Of designs whose eigenvalues span up to fourteen decades.
    #[test]
    fn the_result_is_a_singular_value_decomposition() {
        let (mut found, mut lost) = (0, 0.0_f64);
        for seed in 0..20 {
            let model = SparseModel::power_law(1.0, 1.5, 3.0).unwrap();
            let design = Design::sample(&model, 200, &mut Key::new(seed).stream()).unwrap();
            let reduced = Reduced::of(&design).unwrap();
            let dense = reduced.to_dense();
            let plain = eigen(reduced.gram().as_ref()).unwrap();
            let count = inaccurate_count(&plain.0);
            let drowned = plain.0[..count].to_vec();
            let (squares, left) = refined(&reduced, plain).unwrap();
            assert!(squares.is_sorted());
            let image = left.transpose() * &dense;
            for (k, square) in squares.iter().enumerate() {
                // Rounding of the largest in values that were not computed anew; rounding of
                // products, 1e-16 of the largest singular value, in those that were.
                let (tolerance, exact) =
                    (if k < count { 1e-10 } else { 1e-7 }, image.row(k).squared_norm_l2());
                assert!(
                    (square / exact - 1.0).abs() < tolerance,
                    "seed {seed}, {k}: {square} {exact}"
                );
            }
            lost =
                drowned.iter().zip(&squares).map(|(a, b)| (a / b - 1.0).abs()).fold(lost, f64::max);
            let rows = directions(image);
            let unit = Mat::identity(rows.nrows(), rows.nrows());
            assert!(distance(&(&rows * rows.transpose()), &unit) < 1e-7, "seed {seed}");
            assert!(distance(&(left.transpose() * &left), &unit) < 1e-7, "seed {seed}");
            found += count;
        }
        assert!(
            found > 10 && lost > 1e-6,
            "{found} drowned, by up to {lost} of them: the test needs some"
        );
    }

    #[test]
    fn decades_beyond_decades_are_found_level_by_level() {
        // A rotation of 1, 1e-7, …, 1e-28: squares span 56 decades.
        let size = 5;
        let angle = |i: usize, j: usize| ((i * j) as f64 * 1.3 + i as f64).sin();
        let rotation = Qr::new(Mat::from_fn(size, size, angle)).basis(size);
        let a =
            Mat::from_fn(
                size,
                2 * size,
                |i, j| if i == j { 10.0_f64.powi(-7 * i as i32) } else { 0.0 },
            );
        let mut gram = zeros(size, size);
        add_gram(gram.as_mut(), a.as_ref());
        let (squares, left) = refined(&a, eigen(gram.as_ref()).unwrap()).unwrap();
        for (k, square) in squares.iter().rev().enumerate() {
            assert!((square / 10.0_f64.powi(-14 * k as i32) - 1.0).abs() < 1e-12, "{k}: {square}");
        }
        assert!(distance(&(left.transpose() * &left), &Mat::identity(size, size)) < 1e-12);
        // Rotated, what is below 1e-16 of the largest singular value is rounding, as in a singular
        // value decomposition.
        let turned = &rotation * &a;
        let mut gram = zeros(size, size);
        add_gram(gram.as_mut(), turned.as_ref());
        let (squares, _) = refined(&turned, eigen(gram.as_ref()).unwrap()).unwrap();
        assert!(
            (squares[size - 2] / 1e-14 - 1.0).abs() < 1e-7
                && (squares[size - 3] / 1e-28 - 1.0).abs() < 0.1
        );
    }
}
