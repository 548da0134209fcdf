//! The weight that a rule gives to an example of a batch.

use super::settings::Rule;

/// What an example's features are multiplied by, before they pull with its residual.
#[derive(Debug, Clone)]
pub(super) enum Weighting {
    /// 1.
    Alike,
    /// `min(1, norm/(η|x|²))`.
    Clipped(f64),
    /// `1/|x|²`.
    Normalised,
    /// `(1/h_i)/Σ_j (x_j²/h_j)`.
    Curvature(Curvature),
}

/// Sums of squares of each feature, and over all of them, of which so many were not 0.
#[derive(Debug, Clone)]
pub(super) struct Curvature {
    damping: f64,
    squares: Vec<f64>,
    total: f64,
    count: f64,
}

impl Weighting {
    pub(super) fn of(rule: Rule, parameters: usize) -> Self {
        match rule {
            Rule::Clipped { norm } => Self::Clipped(norm),
            Rule::Normalised => Self::Normalised,
            Rule::GaussNewton { damping } => {
                let squares = vec![0.0; parameters];
                Self::Curvature(Curvature { damping, squares, total: 0.0, count: 0.0 })
            }
            _ => Self::Alike,
        }
    }

    /// Takes notice of an example of the batch, before any of it pulls.
    #[inline]
    pub(super) fn meet(&mut self, example: &[(u32, f64)]) {
        if let Self::Curvature(curvature) = self {
            for (j, x) in example.iter().filter(|entry| entry.1 != 0.0) {
                curvature.squares[*j as usize] += x * x;
                curvature.total += x * x;
                curvature.count += 1.0;
            }
        }
    }

    /// The factor that all features of the example share; 0 for an example of zeros.
    #[inline]
    pub(super) fn factor(&self, example: &[(u32, f64)], rate: f64) -> f64 {
        match self {
            Self::Alike => 1.0,
            Self::Clipped(norm) => {
                let size = rate * example.iter().map(|(_, x)| x * x).sum::<f64>();
                if size > *norm { norm / size } else { 1.0 }
            }
            Self::Normalised | Self::Curvature(_) => {
                let size: f64 = example.iter().map(|(j, x)| x * self.weighted(*j, *x)).sum();
                if size > 0.0 { size.recip() } else { 0.0 }
            }
        }
    }

    /// A feature with the weight that is its own.
    #[inline]
    pub(super) fn weighted(&self, j: u32, x: f64) -> f64 {
        match self {
            Self::Curvature(Curvature { damping, squares, total, count }) => {
                let curvature = squares[j as usize] + damping * (total / count);
                // A square may be 0 to rounding, and nothing has a count of 0.
                if curvature > 0.0 { x / curvature } else { 0.0 }
            }
            _ => x,
        }
    }
}
