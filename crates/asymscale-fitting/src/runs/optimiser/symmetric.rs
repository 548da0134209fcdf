//! Symmetric matrices of the parameters of a law, five unless said otherwise: Cholesky solves on a
//! subset, inverse, eigenvalues.

/// Parameters of a law.
pub(crate) const PARAMETERS: usize = 5;

/// One number per parameter.
pub(crate) type Vector = [f64; PARAMETERS];

/// One row per parameter; symmetric.
pub(crate) type Matrix = [Vector; PARAMETERS];

/// Which parameters take part.
pub(crate) type Mask = [bool; PARAMETERS];

pub(crate) fn dot<const P: usize>(a: &[f64; P], b: &[f64; P]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

pub(crate) fn times<const P: usize>(m: &[[f64; P]; P], v: &[f64; P]) -> [f64; P] {
    std::array::from_fn(|k| dot(&m[k], v))
}

/// Adds `weight · v vᵀ`.
pub(crate) fn add_outer<const P: usize>(m: &mut [[f64; P]; P], weight: f64, v: &[f64; P]) {
    for (row, &scale) in m.iter_mut().zip(v) {
        let scaled = weight * scale;
        for (entry, other) in row.iter_mut().zip(v) {
            *entry += scaled * other;
        }
    }
}

/// The symmetric matrix with this upper triangle.
pub(crate) fn mirror<const P: usize>(upper: &[[f64; P]; P]) -> [[f64; P]; P] {
    std::array::from_fn(|i| std::array::from_fn(|j| upper[i.min(j)][i.max(j)]))
}

/// The Cholesky factor of the rows and columns in `mask`; the others are those of the identity.
/// `None` unless positive definite beyond rounding.
pub(crate) fn cholesky<const P: usize>(
    m: &[[f64; P]; P],
    mask: [bool; P],
) -> Option<[[f64; P]; P]> {
    let mut factor = [[0.0; P]; P];
    for i in 0..P {
        if !mask[i] {
            factor[i][i] = 1.0;
            continue;
        }
        for j in (0..=i).filter(|&j| mask[j]) {
            let rest = m[i][j] - (0..j).map(|k| factor[i][k] * factor[j][k]).sum::<f64>();
            if i != j {
                factor[i][j] = rest / factor[j][j];
            } else if rest > 1e-15 * m[i][i].abs() && rest.is_finite() {
                factor[i][i] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    Some(factor)
}

/// Solves with a factor; entries outside the mask of the factor come back as 0.
pub(crate) fn solve<const P: usize>(
    factor: &[[f64; P]; P],
    mask: [bool; P],
    right: &[f64; P],
) -> [f64; P] {
    let mut x: [f64; P] = std::array::from_fn(|k| if mask[k] { right[k] } else { 0.0 });
    for i in 0..P {
        x[i] = (x[i] - (0..i).map(|k| factor[i][k] * x[k]).sum::<f64>()) / factor[i][i];
    }
    for i in (0..P).rev() {
        x[i] = (x[i] - (i + 1..P).map(|k| factor[k][i] * x[k]).sum::<f64>()) / factor[i][i];
    }
    x
}

/// The inverse on the mask, 0 elsewhere.
pub(crate) fn inverse<const P: usize>(m: &[[f64; P]; P], mask: [bool; P]) -> Option<[[f64; P]; P]> {
    let factor = cholesky(m, mask)?;
    let column = |k: usize| {
        let mut unit = [0.0; P];
        unit[k] = 1.0;
        solve(&factor, mask, &unit)
    };
    Some(std::array::from_fn(column))
}

/// The condition number on the mask after scaling the diagonal to 1: how well the parameters are
/// identified, whatever their units. Infinite for a singular matrix.
pub(crate) fn condition(m: &Matrix, mask: Mask) -> f64 {
    let used: Vec<usize> = (0..PARAMETERS).filter(|&k| mask[k]).collect();
    if used.iter().any(|&k| m[k][k] <= 0.0) {
        return f64::INFINITY;
    }
    let mut scaled = [[0.0; PARAMETERS]; PARAMETERS];
    for &i in &used {
        for &j in &used {
            scaled[i][j] = m[i][j] / (m[i][i] * m[j][j]).sqrt();
        }
    }
    let eigenvalues = eigenvalues(scaled);
    let values = used.iter().map(|&k| eigenvalues[k]);
    let (low, high) =
        values.fold((f64::INFINITY, 0.0_f64), |(low, high), v| (low.min(v), high.max(v)));
    if low > 0.0 { high / low } else { f64::INFINITY }
}

/// Cyclic Jacobi rotations; a zero row keeps its place and its eigenvalue 0.
fn eigenvalues(mut m: Matrix) -> Vector {
    for _ in 0..30 {
        for p in 0..PARAMETERS {
            for q in p + 1..PARAMETERS {
                rotate(&mut m, p, q);
            }
        }
    }
    std::array::from_fn(|k| m[k][k])
}

fn rotate(m: &mut Matrix, p: usize, q: usize) {
    if m[p][q] == 0.0 {
        return;
    }
    let tau = (m[q][q] - m[p][p]) / (2.0 * m[p][q]);
    let t = tau.signum() / (tau.abs() + tau.hypot(1.0));
    let c = 1.0 / t.hypot(1.0);
    let s = t * c;
    for row in m.iter_mut() {
        (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
    }
    let (left, right) = m.split_at_mut(q);
    for (p, q) in left[p].iter_mut().zip(&mut right[0]) {
        (*p, *q) = (c * *p - s * *q, s * *p + c * *q);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Gram matrix, hence positive definite.
    fn example() -> Matrix {
        let mut m = [[0.0; PARAMETERS]; PARAMETERS];
        for k in 0..7 {
            let v: Vector = std::array::from_fn(|j| {
                (1.7 * (k * j) as f64 + 2.3 * (j * j) as f64 + 0.4 * k as f64).sin()
            });
            add_outer(&mut m, 1.0, &v);
        }
        m
    }

    #[test]
    fn solves_on_the_mask_and_nowhere_else() {
        let (m, mask) = (example(), [true, false, true, true, false]);
        let factor = cholesky(&m, mask).expect("a Gram matrix");
        let x = solve(&factor, mask, &[1.0, 9.0, -2.0, 0.5, 9.0]);
        assert_eq!((x[1], x[4]), (0.0, 0.0));
        let back = times(&m, &x);
        for (k, expected) in [(0, 1.0), (2, -2.0), (3, 0.5)] {
            // Rounding times a condition number of a few tens.
            assert!((back[k] - expected).abs() < 1e-12, "row {k}: {} for {expected}", back[k]);
        }
    }

    #[test]
    fn eigenvalues_keep_trace_and_determinant() {
        let m = example();
        let values = eigenvalues(m);
        let trace: f64 = (0..PARAMETERS).map(|k| m[k][k]).sum();
        assert!((values.iter().sum::<f64>() - trace).abs() < 1e-12 * trace);
        let factor = cholesky(&m, [true; PARAMETERS]).expect("a Gram matrix");
        let determinant: f64 = (0..PARAMETERS).map(|k| factor[k][k].powi(2)).product();
        let product: f64 = values.iter().product();
        assert!((product / determinant - 1.0).abs() < 1e-10, "{product} for {determinant}");
    }

    #[test]
    fn condition_ignores_units_and_sees_singularity() {
        let (m, mask) = (example(), [true; PARAMETERS]);
        let units: Vector = [1e6, 1.0, 1e-4, 3.0, 1e3];
        let scaled: Matrix =
            std::array::from_fn(|i| std::array::from_fn(|j| m[i][j] * units[i] * units[j]));
        let (plain, same) = (condition(&m, mask), condition(&scaled, mask));
        assert!((plain / same - 1.0).abs() < 1e-9, "{plain} and {same}");
        assert_eq!(condition(&[[0.0; PARAMETERS]; PARAMETERS], mask), f64::INFINITY);
        assert!(cholesky(&[[1.0; PARAMETERS]; PARAMETERS], mask).is_none());
    }
}
