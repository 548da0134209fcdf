//! Products with `Σ̂ = XᵀX/D` of a sparse design, and with `ΦᵀΦ/D` seen from the samples, without
//! forming either.

use crate::DynamicsError;
use asymscale_sampling::{Design, Key, feature_column, sparse};
use faer::linalg::matmul::matmul;
use faer::{Accum, Col, Mat, Par};

/// A symmetric positive semidefinite matrix that is only ever applied to vectors.
pub(crate) trait Operator {
    /// Number of rows.
    fn size(&self) -> usize;
    /// The diagonal, which weights the start vector of Lanczos' iteration.
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
        self.0.second_moments()
    }

    fn apply(&self, v: &[f64]) -> Vec<f64> {
        let samples = self.0.samples() as f64;
        self.0.apply_transpose(&self.0.apply(v)).into_iter().map(|x| x / samples).collect()
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
        sample_moments(self.design)
    }

    fn apply(&self, u: &[f64]) -> Vec<f64> {
        let pulled = Col::from_fn(self.design.seen(), {
            let back = self.design.apply_transpose(u);
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
        let samples = self.design.samples() as f64;
        self.design.apply(&out).into_iter().map(|x| x / samples).collect()
    }
}

/// `|x_s|²/D` of each sample, every term divided. [`Design::sample_squares`] divided afterwards
/// would differ in the last bits, and Lanczos' iteration begins with these numbers.
pub(crate) fn sample_moments(design: &Design) -> Vec<f64> {
    let mut moments = vec![0.0; design.samples()];
    design
        .columns()
        .flat_map(sparse::entries)
        .for_each(|(row, x)| moments[row] += x * x / design.samples() as f64);
    moments
}
