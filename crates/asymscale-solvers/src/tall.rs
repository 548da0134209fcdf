//! The decomposition of a tall design: in coordinates, of which there are few, instead of samples.

use crate::SolverError;
use crate::dense::{Cholesky, add_product, eigen, mirror, product, zeros};
use crate::graded::{self, Squares};
use crate::row_basis::RowBasis;
use crate::row_space::SURELY_FULL;
use asymscale_sampling::Design;
use faer::Mat;

/// A coordinate with less than this share in a combination of unit columns is not part of it: far above rounding, far below any share of signs.
const PART: f64 = 1e-8;

/// Eigenvalues of `XᵀX`, ascending, with the population variance of each direction, and `Σ λ_j (1 − P_jj)` over seen coordinates.
pub(crate) struct Tall {
    pub(crate) squares: Vec<f64>,
    pub(crate) weights: Vec<f64>,
    pub(crate) lost: f64,
}

impl Tall {
    /// Nothing if the columns are dependent to rounding in more ways than could be told apart.
    pub(crate) fn new(design: &Design) -> Result<Option<Self>, SolverError> {
        let pattern = RowBasis::of(design)?;
        if let Some(tall) = Self::with(design, &pattern)? {
            return Ok(Some(tall));
        }
        let others = dependent(design, &pattern)?;
        Self::with(design, &RowBasis::with(design, others)?)
    }

    fn with(design: &Design, basis: &RowBasis) -> Result<Option<Self>, SolverError> {
        let Some((squares, vectors)) = decompose(reduced(gram(design), basis))? else { return Ok(None) };
        let weights = weights(design.eigenvalues(), basis, &vectors);
        Ok(Some(Self { squares, weights, lost: basis.lost_mass(design.eigenvalues()) }))
    }
}

/// The coordinates that values leave undetermined where their pattern would not, as signs do: besides those that the pattern does, all with a part in a
/// combination of columns that is 0 on every sample.
fn dependent(design: &Design, basis: &RowBasis) -> Result<Vec<usize>, SolverError> {
    let mut gram = reduced(gram(design), basis);
    let lengths: Vec<f64> = (0..gram.nrows()).map(|k| gram[(k, k)].sqrt()).collect();
    for k in 0..gram.ncols() {
        for (i, length) in lengths.iter().enumerate().skip(k) {
            gram[(i, k)] /= lengths[k] * length;
        }
    }
    let (values, vectors) = eigen(gram.as_ref())?;
    let zeros = values.iter().take_while(|value| **value <= SURELY_FULL * SURELY_FULL).count();
    let part = |k: &usize| (0..zeros).any(|zero| vectors[(*k, zero)].abs() > PART);
    let mut others = basis.others.clone();
    others.extend((0..basis.determined.len()).filter(part).map(|k| basis.determined[k]));
    others.sort_unstable();
    Ok(others)
}

/// The lower triangle of `XᵀX`, sample by sample: `Σ k²` over samples with `k` active coordinates.
fn gram(design: &Design) -> Mat<f64> {
    let mut gram = zeros(design.seen(), design.seen());
    let mut dense = vec![0.0; design.samples()];
    let mut active: Vec<Vec<(u32, f64)>> = vec![Vec::new(); design.samples()];
    // Always-on coordinates meet every other: dense columns, one at a time. All others by the samples they share.
    let always = (0..design.seen()).take_while(|j| design.column(*j).0.len() == design.samples()).count();
    for i in 0..always {
        dense.copy_from_slice(design.column(i).1);
        for j in i..design.seen() {
            let (rows, values) = design.column(j);
            gram[(j, i)] = rows.iter().zip(values).map(|(row, x)| dense[*row as usize] * x).sum();
        }
    }
    for j in always..design.seen() {
        let (rows, values) = design.column(j);
        for (row, x) in rows.iter().zip(values) {
            let before = &mut active[*row as usize];
            before.push((j as u32, *x));
            for (i, y) in before.iter() {
                gram[(j, *i as usize)] += x * y;
            }
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
    let corner = product(basis.basis.transpose(), product(inner.as_ref(), basis.basis.as_ref()).as_ref());
    out.as_mut().submatrix_mut(det.len(), 0, below.nrows(), det.len()).copy_from(&below);
    out.as_mut().submatrix_mut(det.len(), det.len(), below.nrows(), below.nrows()).copy_from(&corner);
    out
}

/// Eigenvalues and eigenvectors, or nothing if the matrix is singular to rounding once scaled by its diagonal. Small ones that drowned in the large are had
/// from the Cholesky factor: of a matrix that is well conditioned so scaled it is right to rounding in every row.
fn decompose(gram: Mat<f64>) -> Result<Option<Squares>, SolverError> {
    let squares = eigen(gram.as_ref())?;
    if !graded::drowns(&squares) {
        return Ok(Some(squares));
    }
    let diagonal: Vec<f64> = (0..gram.nrows()).map(|k| gram[(k, k)]).collect();
    let Some(factor) = Cholesky::new(gram).map(Cholesky::lower) else { return Ok(None) };
    // Scaled by its diagonal the matrix would have the same factor, row by row divided by the length.
    if diagonal.iter().enumerate().any(|(k, d)| factor[(k, k)] <= SURELY_FULL * d.sqrt()) {
        return Ok(None);
    }
    graded::refined(factor.as_ref(), squares).map(Some)
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
        .map(|k| sum(&basis.determined, vectors.col_as_slice(k)) + sum(&basis.others, others.col_as_slice(k)))
        .collect()
}
