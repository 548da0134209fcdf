//! The decomposition of a tall design: in coordinates, of which there are few, instead of samples.

use crate::SolverError;
use crate::design_reduction::column_space::SURELY_FULL;
use crate::design_reduction::row_basis::RowBasis;
use crate::linear_algebra::dense::{Cholesky, add_product, eigen, mirror, product, zeros};
use crate::linear_algebra::graded::{Graded, length, whole_gram};
use crate::linear_algebra::refinement::{self, Squares};
use crate::linear_algebra::sparse_products::coordinate_gram;
use asymscale_sampling::Design;
use faer::Mat;

/// A coordinate with less than this share in a combination of unit columns is not part of it: far
/// above rounding, far below any share of Rademacher columns.
const PART: f64 = 1e-8;

/// Eigenvalues of `XᵀX`, ascending, with the population variance of each direction, and
/// `Σ λ_j (1 − P_jj)` over seen coordinates.
pub(crate) struct Tall {
    pub(crate) squares: Vec<f64>,
    pub(crate) weights: Vec<f64>,
    pub(crate) lost: f64,
}

/// The diagonal ratio of the factor of unit images above which they are independent, where parts of
/// the basis span many decades: products with these showed errors of 1e-10, whose root is 1e-5.
const CLEARLY_FULL: f64 = 1e-3;

impl Tall {
    /// `None` if the columns are dependent to rounding in more ways than can be distinguished.
    pub(crate) fn new(design: &Design) -> Result<Option<Self>, SolverError> {
        let pattern = RowBasis::of(design)?;
        if let Some(tall) = Self::with(design, &pattern)? {
            return Ok(Some(tall));
        }
        let others = dependent(design, &pattern)?;
        Self::with(design, &RowBasis::with(design, others, false)?)
    }

    /// As [`Tall::new`], for columns with lengths over many decades.
    pub(crate) fn graded(design: &Design) -> Result<Option<Self>, SolverError> {
        let pattern = RowBasis::checked(design, design.undetermined(), true)?;
        if let Some(tall) = Self::graded_with(design, &pattern)? {
            return Ok(Some(tall));
        }
        let others = dependent(design, &pattern)?;
        Self::graded_with(design, &RowBasis::with(design, others, true)?)
    }

    fn graded_with(design: &Design, basis: &RowBasis) -> Result<Option<Self>, SolverError> {
        let lengths = lengths(design);
        let Some((rows, scales, order)) = unit_factor(design, basis, &lengths) else {
            return Ok(None);
        };
        let Ok(graded) = Graded::new(rows, scales) else { return Ok(None) };
        let covariance = whole_gram(&roots(design, basis, &graded, &order));
        let (squares, weights) = graded.spectrum(&covariance)?;
        Ok(Some(Self { squares, weights, lost: basis.lost_mass(design.eigenvalues()) }))
    }

    fn with(design: &Design, basis: &RowBasis) -> Result<Option<Self>, SolverError> {
        let Some((squares, vectors)) = decompose(reduced(coordinate_gram(design), basis))? else {
            return Ok(None);
        };
        let weights = weights(design.eigenvalues(), basis, &vectors);
        Ok(Some(Self { squares, weights, lost: basis.lost_mass(design.eigenvalues()) }))
    }
}

/// The length of each column.
fn lengths(design: &Design) -> Vec<f64> {
    design.columns().map(|column| length(column.1)).collect()
}

/// The factor of `XᵀX` in the basis of row space, its vectors by decreasing length of their images:
/// rows in units of that length, the lengths, and which vector of the basis each row begins with.
/// `None` if the images depend on each other to rounding.
fn unit_factor(
    design: &Design,
    basis: &RowBasis,
    lengths: &[f64],
) -> Option<(Mat<f64>, Vec<f64>, Vec<usize>)> {
    let mut scales: Vec<f64> = basis.determined.iter().map(|j| lengths[*j]).collect();
    let gram = reduced(coordinate_gram(design), basis);
    scales.extend((scales.len()..basis.rank()).map(|k| gram[(k, k)].sqrt()));
    let mut order: Vec<usize> = (0..scales.len()).collect();
    order.sort_by(|i, j| scales[*j].total_cmp(&scales[*i]).then(i.cmp(j)));
    let entry = |i: usize, j: usize| {
        let (i, j) = (order[i], order[j]);
        gram[(i.max(j), i.min(j))] / scales[i] / scales[j]
    };
    let unit = Mat::from_fn(order.len(), order.len(), entry);
    let factor =
        Cholesky::new(unit).filter(|factor| factor.diagonal_ratio() > SURELY_FULL)?.lower();
    let sorted: Vec<f64> = order.iter().map(|k| scales[*k]).collect();
    let rows =
        Mat::from_fn(order.len(), order.len(), |k, j| factor[(j, k)] * (sorted[j] / sorted[k]));
    Some((rows, sorted, order))
}

/// A root of `V Σ Vᵀ` for the basis `V` of a graded design in vectors of `basis`, taken in `order`.
fn roots(design: &Design, basis: &RowBasis, graded: &Graded, order: &[usize]) -> Mat<f64> {
    let (rank, first) = (basis.rank(), basis.determined.len());
    let deviation = |j: usize| design.eigenvalues()[j].sqrt();
    let mut roots = zeros(rank, first + basis.others.len());
    let mut rest = zeros(rank, rank - first);
    for (at, vector) in order.iter().enumerate() {
        let column = graded.basis.col(at);
        if *vector < first {
            let deviation = deviation(basis.determined[*vector]);
            roots
                .col_mut(*vector)
                .iter_mut()
                .zip(column.iter())
                .for_each(|(root, v)| *root = deviation * v);
        } else {
            rest.col_mut(*vector - first).copy_from(column);
        }
    }
    let mut others = product(rest.as_ref(), basis.basis.transpose());
    for (k, j) in basis.others.iter().enumerate() {
        others.col_as_slice_mut(k).iter_mut().for_each(|v| *v *= deviation(*j));
    }
    roots.as_mut().get_mut(.., first..).copy_from(&others);
    roots
}

/// The coordinates that values leave undetermined, as Rademacher columns may do although their
/// pattern does not. Besides those that the pattern leaves undetermined these are all with a part
/// in a combination of columns that is 0 on every sample.
pub(crate) fn dependent(design: &Design, basis: &RowBasis) -> Result<Vec<usize>, SolverError> {
    let (values, vectors) = eigen(unit_gram(design, basis).as_ref())?;
    let zeros = values.iter().take_while(|value| **value <= SURELY_FULL * SURELY_FULL).count();
    let part = |k: &usize| (0..zeros).any(|zero| vectors[(*k, zero)].abs() > PART);
    let mut others = basis.others.clone();
    others.extend((0..basis.determined.len()).filter(part).map(|k| basis.determined[k]));
    others.sort_unstable();
    Ok(others)
}

/// Whether the images of the basis of row space are certainly independent.
pub(crate) fn independent(design: &Design, basis: &RowBasis) -> bool {
    Cholesky::new(unit_gram(design, basis))
        .is_some_and(|factor| factor.diagonal_ratio() > CLEARLY_FULL)
}

/// The Gram matrix of these images, each divided by its length: its lower triangle.
fn unit_gram(design: &Design, basis: &RowBasis) -> Mat<f64> {
    let mut gram = reduced(coordinate_gram(design), basis);
    let lengths: Vec<f64> = (0..gram.nrows()).map(|k| gram[(k, k)].sqrt()).collect();
    for k in 0..gram.ncols() {
        for (i, length) in lengths.iter().enumerate().skip(k) {
            gram[(i, k)] = gram[(i, k)] / lengths[k] / length;
        }
    }
    gram
}

/// `VᵀGV`, `V` the basis of row space: determined coordinates first.
fn reduced(mut gram: Mat<f64>, basis: &RowBasis) -> Mat<f64> {
    if basis.others.is_empty() {
        return gram;
    }
    mirror(&mut gram);
    let (det, und) = (&basis.determined, &basis.others);
    let mut out = zeros(basis.rank(), basis.rank());
    for (b, j) in det.iter().enumerate() {
        det.iter().enumerate().skip(b).for_each(|(a, i)| out[(a, b)] = gram[(*i, *j)]);
    }
    let cross = Mat::from_fn(det.len(), und.len(), |a, b| gram[(det[a], und[b])]);
    let inner = Mat::from_fn(und.len(), und.len(), |a, b| gram[(und[a], und[b])]);
    let below = product(basis.basis.transpose(), cross.transpose());
    let corner =
        product(basis.basis.transpose(), product(inner.as_ref(), basis.basis.as_ref()).as_ref());
    out.as_mut().submatrix_mut(det.len(), 0, below.nrows(), det.len()).copy_from(&below);
    out.as_mut()
        .submatrix_mut(det.len(), det.len(), below.nrows(), below.nrows())
        .copy_from(&corner);
    out
}

/// Eigenvalues and eigenvectors, or `None` if the matrix, scaled by its diagonal, is singular to
/// rounding. Small eigenvalues that are lost in rounding of the large ones are computed from the
/// Cholesky factor, every row of which is accurate if the scaled matrix is well conditioned.
fn decompose(gram: Mat<f64>) -> Result<Option<Squares>, SolverError> {
    let squares = eigen(gram.as_ref())?;
    if !refinement::needs_refinement(&squares) {
        return Ok(Some(squares));
    }
    let diagonal: Vec<f64> = (0..gram.nrows()).map(|k| gram[(k, k)]).collect();
    let Some(factor) = Cholesky::new(gram).map(Cholesky::lower) else { return Ok(None) };
    // Scaled by its diagonal the matrix would have the same factor, row by row divided by the
    // length.
    if diagonal.iter().enumerate().any(|(k, d)| factor[(k, k)] <= SURELY_FULL * d.sqrt()) {
        return Ok(None);
    }
    refinement::refined(&factor, squares).map(Some)
}

/// `v_kᵀΣv_k`.
fn weights(eigenvalues: &[f64], basis: &RowBasis, vectors: &Mat<f64>) -> Vec<f64> {
    let first = basis.determined.len();
    let mut others = zeros(basis.others.len(), vectors.ncols());
    let rest = vectors.as_ref().subrows(first, basis.basis.ncols());
    add_product(others.as_mut(), basis.basis.as_ref(), rest, 1.0);
    let sum = |positions: &[usize], column: &[f64]| -> f64 {
        positions.iter().zip(column).rev().map(|(j, v)| eigenvalues[*j] * v * v).sum()
    };
    (0..vectors.ncols())
        .map(|k| {
            sum(&basis.determined, vectors.col_as_slice(k))
                + sum(&basis.others, others.col_as_slice(k))
        })
        .collect()
}
