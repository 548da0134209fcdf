//! Products with `Σ̂ = XᵀX/D` of a sparse design, and with `ΦᵀΦ/D` seen from the samples, without
//! forming either.

use crate::DynamicsError;
use asymscale_sampling::{Design, Key, feature_column};
use faer::linalg::matmul::matmul;
use faer::{Accum, Col, Mat, Par};

/// A symmetric positive semidefinite matrix that is only ever applied to vectors.
pub(crate) trait Operator {
    /// Number of rows.
    fn size(&self) -> usize;
    /// The diagonal, or what weights a start vector.
    fn scales(&self) -> Vec<f64>;
    /// The product with a vector.
    fn apply(&self, v: &[f64]) -> Vec<f64>;
}

/// `XᵀX/D` on the seen coordinates.
pub(crate) struct Covariance<'a>(pub(crate) &'a Design);

impl Operator for Covariance<'_> {
    fn size(&self) -> usize {
        self.0.seen()
    }

    fn scales(&self) -> Vec<f64> {
        column_norms(self.0)
    }

    fn apply(&self, v: &[f64]) -> Vec<f64> {
        back(self.0, &forward(self.0, v)).into_iter().map(|x| x / self.0.samples() as f64).collect()
    }
}

/// `ΦΦᵀ/D`, `Φ = X Fᵀ`, on the samples: the non-zero eigenvalues of `ΦᵀΦ/D`.
pub(crate) struct Featured<'a> {
    design: &'a Design,
    /// `N × seen`, entries `N(0, 1/N)`.
    features: Mat<f64>,
}

impl<'a> Featured<'a> {
    pub(crate) fn draw(design: &'a Design, count: usize, key: &Key) -> Result<Self, DynamicsError> {
        if count == 0 {
            return Err(DynamicsError::Features(count));
        }
        let mut features = Mat::zeros(count, design.seen());
        let scale = (count as f64).sqrt().recip();
        for j in 0..design.seen() {
            let column = features.col_as_slice_mut(j);
            feature_column(key, design.index(j), column);
            for weight in column {
                *weight *= scale;
            }
        }
        Ok(Self { design, features })
    }
}

impl Operator for Featured<'_> {
    fn size(&self) -> usize {
        self.design.samples()
    }

    fn scales(&self) -> Vec<f64> {
        row_norms(self.design)
    }

    fn apply(&self, u: &[f64]) -> Vec<f64> {
        let pulled = Col::from_fn(self.design.seen(), {
            let back = back(self.design, u);
            move |j| back[j]
        });
        let (mut hidden, mut out) =
            (Col::zeros(self.features.nrows()), Col::zeros(self.design.seen()));
        let features = self.features.as_ref();
        matmul(hidden.as_mat_mut(), Accum::Replace, features, pulled.as_mat(), 1.0, Par::Seq);
        matmul(
            out.as_mat_mut(),
            Accum::Replace,
            features.transpose(),
            hidden.as_mat(),
            1.0,
            Par::Seq,
        );
        let out: Vec<f64> = out.iter().copied().collect();
        forward(self.design, &out).into_iter().map(|x| x / self.design.samples() as f64).collect()
    }
}

/// `X v`.
pub(crate) fn forward(design: &Design, v: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; design.samples()];
    for (j, weight) in v.iter().enumerate() {
        let (rows, values) = design.column(j);
        rows.iter().zip(values).for_each(|(row, x)| out[*row as usize] += x * weight);
    }
    out
}

/// `Xᵀ u`.
pub(crate) fn back(design: &Design, u: &[f64]) -> Vec<f64> {
    let product = |j| {
        let (rows, values) = design.column(j);
        rows.iter().zip(values).map(|(row, x)| x * u[*row as usize]).sum()
    };
    (0..design.seen()).map(product).collect()
}

/// `|x_j|²/D` of each column.
pub(crate) fn column_norms(design: &Design) -> Vec<f64> {
    let square =
        |j| design.column(j).1.iter().map(|x| x * x).sum::<f64>() / design.samples() as f64;
    (0..design.seen()).map(square).collect()
}

/// `|x_s|²/D` of each row.
pub(crate) fn row_norms(design: &Design) -> Vec<f64> {
    let mut norms = vec![0.0; design.samples()];
    for j in 0..design.seen() {
        let (rows, values) = design.column(j);
        rows.iter()
            .zip(values)
            .for_each(|(row, x)| norms[*row as usize] += x * x / design.samples() as f64);
    }
    norms
}
