//! The decomposition of a tall design: in coordinates, of which there are few, instead of samples.

use crate::SolverError;
use crate::dense::{Cholesky, add_product, eigen, left_svd, mirror, product, zeros};
use crate::row_basis::RowBasis;
use crate::spectrum::DROWNED;
use asymscale_sampling::Design;
use faer::Mat;

/// Eigenvalues of `XᵀX`, ascending, with the population variance of each direction, and `Σ λ_j (1 − P_jj)` over seen coordinates.
pub(crate) struct Tall {
    pub(crate) squares: Vec<f64>,
    pub(crate) weights: Vec<f64>,
    pub(crate) lost: f64,
}

impl Tall {
    pub(crate) fn new(design: &Design) -> Result<Self, SolverError> {
        let basis = RowBasis::of(design)?;
        let (squares, vectors) = decompose(reduced(gram(design), &basis))?;
        let weights = weights(design.eigenvalues(), &basis, &vectors);
        Ok(Self { squares, weights, lost: basis.lost_mass(design.eigenvalues()) })
    }
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

/// Eigenvalues and eigenvectors. Where they span many decades those of the Cholesky factor are taken: of a matrix that
/// is well conditioned once scaled by its diagonal it is right to rounding in every row.
fn decompose(gram: Mat<f64>) -> Result<(Vec<f64>, Mat<f64>), SolverError> {
    let diagonal = (0..gram.nrows()).map(|k| gram[(k, k)]);
    let (low, high) = diagonal.fold((f64::INFINITY, 0.0_f64), |(low, high), d| (low.min(d), high.max(d)));
    let size = gram.nrows();
    if low > DROWNED.sqrt() * high {
        let (squares, vectors) = eigen(gram.as_ref())?;
        if squares.first().is_none_or(|least| *least > DROWNED * high) {
            return Ok((squares, vectors));
        }
    }
    let factor = Cholesky::new(gram).ok_or(SolverError::Dependent { size })?;
    let (mut values, left) = left_svd(factor.lower().as_ref())?;
    values.reverse();
    Ok((values.iter().map(|s| s * s).collect(), left.as_ref().reverse_cols().to_owned()))
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
