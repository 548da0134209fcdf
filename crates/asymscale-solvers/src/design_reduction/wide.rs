//! The same as [`Projection`] for designs with many more coordinates than samples, where most
//! coordinates are faint: one Gram matrix stands for all of these.
//!
//! Let the rows of `W X` be an orthonormal basis of row space, `G = XXᵀ = (WᵀW)⁻¹`, and `P_jj = |W
//! x_j|²` what is kept of coordinate `j`. A `W` that belongs to `G + E` moves it by `z_jᵀ E z_j`
//! with `z_j = G⁻¹ x_j`, and the sum of what is lost by `|E| tr G⁻¹ M G⁻¹` at most, `M = X Σ Xᵀ`.
//! Random probes estimate that trace. (On drawn designs it is of order one, whatever the condition
//! of `G`: of frequent coordinates `|z_j|²` is about `1/|x_j|²`.)

use crate::design_reduction::projection::Projection;
use crate::design_reduction::reduced::Reduced;
use crate::linear_algebra::dense::{Cholesky, lower_product, mirror, product, square_norm};
use crate::linear_algebra::sparse_products::{dense_columns, weighted_gram};
use asymscale_sampling::{Design, Key};
use faer::{Mat, MatRef};
use rand::RngExt;

/// What rounding may move, relative to what is lost, by the estimate of it: the accuracy that a
/// decomposition promises. A unit test holds random designs to it.
const ALLOWED: f64 = 1e-7;

/// The largest condition of `G`, times the spacing of numbers at 1, at which that is linear in `E`:
/// the power iteration may see a few times less than there is.
const LINEAR: f64 = 1e-4;

/// Probes, and the steps of the power iteration with them that estimates `1/λ_min`.
const PROBES: usize = 8;
const STEPS: usize = 10;

/// A coordinate is faint unless its square is so many times the harmonic mean of the eigenvalues of
/// `G`. What is lost of the others, a sixty-fifth or so and less, is a difference for each of them;
/// what is lost of the faint ones is one for all.
const KEPT: f64 = 64.0;

/// An addition to an entry of a Gram matrix takes about so many times as long as one of a product.
/// It decides about time alone.
const SCATTERED: f64 = 8.0;

/// By how much a Gram matrix has to be cheaper for a spectrum to take it: with a factor of one a
/// replicate of 128 samples took 4 % more instructions.
const WORTH: f64 = 2.0;

/// Coordinates treated at a time.
const TILE: usize = 256;

/// `tr Σ(I − P)`, unseen coordinates included, by a Cholesky factor; `None` where samples depend on
/// each other, or so nearly that rounding might matter. Cost: `D³` and two Gram matrices.
pub(crate) fn residual_mass(design: &Design) -> Option<f64> {
    let half = Cholesky::new(weighted_gram(design, |_| 1.0))?.inverse_factor();
    let basis = Basis { half: &half, is_lower: true };
    Some(basis.projection(design, design, &Faint::of(design, &half))?.residual)
}

/// As [`Projection::new`]; `None` where that is faster, or where rounding might matter.
pub(crate) fn projection(
    design: &Design,
    reduced: &Reduced,
    whitened: &Mat<f64>,
) -> Option<Projection> {
    let faint = Faint::of(reduced, whitened);
    let basis = Basis { half: whitened, is_lower: false };
    if faint.is_faster { basis.projection(design, reduced, &faint) } else { None }
}

/// The columns of `X`, with a row for each sample or for each direction of a basis of column space.
trait Columns {
    fn rows(&self) -> usize;

    /// For each column the number of its entries and the sum of their squares.
    fn squares(&self) -> Vec<(usize, f64)>;

    /// The lower triangle of `X W Xᵀ` for a diagonal `W` of numbers that are not negative.
    fn weighted_gram(&self, weight: impl Fn(usize) -> f64) -> Mat<f64>;

    /// Some of them as a dense matrix.
    fn gather(&self, columns: &[usize]) -> Mat<f64>;
}

impl Columns for Design {
    fn rows(&self) -> usize {
        self.samples()
    }

    fn squares(&self) -> Vec<(usize, f64)> {
        self.columns().map(|(_, values)| (values.len(), sum_of_squares(values))).collect()
    }

    fn weighted_gram(&self, weight: impl Fn(usize) -> f64) -> Mat<f64> {
        weighted_gram(self, weight)
    }

    fn gather(&self, columns: &[usize]) -> Mat<f64> {
        dense_columns(self, columns)
    }
}

impl Columns for Reduced {
    fn rows(&self) -> usize {
        self.rank()
    }

    fn squares(&self) -> Vec<(usize, f64)> {
        let head = self.head().col_iter().map(|column| (self.rank(), column.squared_norm_l2()));
        let tail = self.tail().map(|j| self.column(j).1);
        head.chain(tail.map(|values| (values.len(), sum_of_squares(values)))).collect()
    }

    fn weighted_gram(&self, weight: impl Fn(usize) -> f64) -> Mat<f64> {
        Self::weighted_gram(self, weight)
    }

    fn gather(&self, columns: &[usize]) -> Mat<f64> {
        Self::gather(self, columns)
    }
}

fn sum_of_squares(values: &[f64]) -> f64 {
    values.iter().map(|x| x * x).sum()
}

/// Which coordinates are faint.
struct Faint {
    /// Of each coordinate whether it is.
    which: Vec<bool>,
    /// Whether a Gram matrix of them is cheaper than a product for each.
    is_faster: bool,
    /// `tr G`.
    size: f64,
}

impl Faint {
    fn of(columns: &impl Columns, whitened: &Mat<f64>) -> Self {
        let squares = columns.squares();
        let rank = columns.rows() as f64;
        let mean = square_norm(whitened.as_ref()) / rank;
        let is_faint: Vec<bool> = squares.iter().map(|(_, square)| mean * square <= KEPT).collect();
        let probed = (2 * PROBES * (STEPS + 1)) as f64 * rank.powi(2);
        let (mut products, mut gram) = (0.0, rank.powi(3) + probed);
        for ((count, _), _) in squares.iter().zip(&is_faint).filter(|(_, is_faint)| **is_faint) {
            let (count, is_sparse) = (*count as f64, *count < columns.rows());
            let cost = if is_sparse { SCATTERED } else { 1.0 };
            products += cost * count * rank;
            gram += cost * 0.5 * count * count;
        }
        let size = squares.iter().rev().map(|(_, square)| square).sum();
        Self { which: is_faint, is_faster: WORTH * gram < products, size }
    }
}

/// `W`, with zeros above its diagonal or not.
struct Basis<'a> {
    half: &'a Mat<f64>,
    is_lower: bool,
}

impl Basis<'_> {
    /// `None` where rounding might matter.
    fn projection(
        &self,
        design: &Design,
        columns: &impl Columns,
        faint: &Faint,
    ) -> Option<Projection> {
        let probes = signs(columns.rows());
        // Written so that NaN is refused, here and below.
        let is_linear = f64::EPSILON * faint.size * self.inverse_norm(&probes) <= LINEAR;
        if !is_linear {
            return None;
        }
        let (lambda, is_faint) = (design.eigenvalues(), &faint.which);
        let mut gram = columns.weighted_gram(|j| if is_faint[j] { lambda[j] } else { 0.0 });
        mirror(&mut gram);
        let mut weights = self.diagonal_of(&gram);
        let in_trace = square_norm(self.half.as_ref()) * gram.norm_l2();
        let (others, kept): (Vec<usize>, Vec<usize>) =
            (0..lambda.len()).partition(|j| is_faint[*j]);
        let sum = |columns: &[usize]| columns.iter().rev().map(|j| lambda[*j]).sum::<f64>();
        let mut lost = sum(&others) - weights.iter().sum::<f64>();
        let images = self.inverse_times(&probes);
        let mut sensitivity = inner(&images, &product(gram.as_ref(), images.as_ref()));
        for tile in kept.chunks(TILE).rev() {
            let columns = columns.gather(tile);
            let coordinates = self.times(columns.as_ref());
            let along = product(images.transpose(), columns.as_ref());
            for (k, j) in tile.iter().enumerate().rev() {
                let column = coordinates.col_as_slice(k);
                let share: f64 = column.iter().map(|v| v * v).sum();
                lost += lambda[*j] * (1.0 - share).max(0.0);
                let squares = column.iter().map(|v| lambda[*j] * v * v);
                weights.iter_mut().zip(squares).for_each(|(weight, square)| *weight += square);
                sensitivity += lambda[*j] * along.col(k).squared_norm_l2();
            }
        }
        let residual = design.unseen_mass() + lost;
        let moved = faint.size * sensitivity / PROBES as f64;
        let rounding = f64::EPSILON * (moved + in_trace + sum(&kept) + sum(&others));
        (rounding <= ALLOWED * residual).then_some(Projection { weights, residual })
    }

    /// `W b`.
    fn times(&self, b: MatRef<'_, f64>) -> Mat<f64> {
        let half = self.half.as_ref();
        if self.is_lower { lower_product(half, b) } else { product(half, b) }
    }

    /// The diagonal of `W M Wᵀ`.
    fn diagonal_of(&self, m: &Mat<f64>) -> Vec<f64> {
        let products = self.times(m.as_ref());
        let mut diagonal = vec![0.0; m.nrows()];
        for l in 0..m.ncols() {
            let entries = products.col_as_slice(l).iter().zip(self.half.col_as_slice(l));
            diagonal.iter_mut().zip(entries).for_each(|(sum, (a, b))| *sum += a * b);
        }
        diagonal
    }

    /// `G⁻¹ b = Wᵀ W b`.
    fn inverse_times(&self, b: &Mat<f64>) -> Mat<f64> {
        product(self.half.transpose(), self.times(b.as_ref()).as_ref())
    }

    /// An estimate of `|G⁻¹|`, from below.
    fn inverse_norm(&self, probes: &Mat<f64>) -> f64 {
        let mut vectors = probes.clone();
        for _ in 0..STEPS {
            for vector in vectors.col_iter_mut() {
                let length = vector.norm_l2();
                vector.iter_mut().for_each(|x| *x /= length);
            }
            vectors = self.inverse_times(&vectors);
        }
        vectors.col_iter().map(|vector| vector.norm_l2()).fold(0.0, f64::max)
    }
}

/// Probes of random signs, always the same.
fn signs(rows: usize) -> Mat<f64> {
    let mut stream = Key::new(0).label("probes").stream();
    Mat::from_fn(rows, PROBES, |_, _| if stream.random() { 1.0 } else { -1.0 })
}

/// The sum of products of entries.
fn inner(a: &Mat<f64>, b: &Mat<f64>) -> f64 {
    let column = |k: usize| a.col_as_slice(k).iter().zip(b.col_as_slice(k)).map(|(a, b)| a * b);
    (0..a.ncols()).flat_map(column).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DesignSpectrum;
    use crate::linear_algebra::dense::eigen;
    use asymscale_model::{Coordinates, SparseModel};
    use asymscale_sampling::{Column, Key};

    fn design(alpha: f64, beta: f64, coordinates: u64, samples: usize) -> Design {
        let model = SparseModel::power_law(alpha, beta, 1.0).unwrap();
        let model = model.with_coordinates(Coordinates::Finite(coordinates)).unwrap();
        Design::sample(&model, samples, &mut Key::new(1).stream()).unwrap()
    }

    /// On sparse and on dense designs, in eigenvectors, every weight and what is lost.
    #[test]
    fn one_matrix_of_faint_coordinates_gives_what_each_of_them_gives() {
        for (alpha, beta, coordinates) in [(1.0, 0.5, 20_000), (0.5, 0.9, 100_000), (2.0, 0.0, 600)]
        {
            let design = design(alpha, beta, coordinates, 60);
            let reduced = Reduced::of(&design).unwrap();
            let (squares, left) = eigen(reduced.gram().as_ref()).unwrap();
            let whitened = Mat::from_fn(60, 60, |k, row| left[(row, k)] / squares[k].sqrt());
            let faint = Faint::of(&reduced, &whitened);
            let count = faint.which.iter().filter(|is_faint| **is_faint).count();
            assert!(count < design.seen() && 2 * count > design.seen(), "β {beta}: {count}");
            let basis = Basis { half: &whitened, is_lower: false };
            let own = basis.projection(&design, &reduced, &faint).unwrap();
            let each = Projection::of_each(&design, &reduced, &whitened);
            assert!((own.residual / each.residual - 1.0).abs() < 1e-9, "β {beta}");
            for (own, each) in own.weights.iter().zip(&each.weights) {
                assert!((own / each - 1.0).abs() < 1e-9, "β {beta}: {own} {each}");
            }
            let residual = residual_mass(&design).unwrap();
            assert!((residual / each.residual - 1.0).abs() < 1e-9, "β {beta}: {residual}");
        }
    }

    /// Entries over more and more decades, each coordinate in a quarter of the samples: what is
    /// answered is right, to the accuracy of a decomposition, and the rest is left to others.
    #[test]
    fn what_is_answered_is_right() {
        let (mut answered, mut left) = (0, 0);
        for seed in 0..300 {
            let mut stream = Key::new(seed).stream();
            let decades = 0.1 * seed as f64;
            let column = |k: u32| {
                let size = 10_f64.powf(-decades * stream.random::<f64>());
                let mut value = || size * (2.0 * stream.random::<f64>() - 1.0);
                let entries = (0..8).map(|row| (row, value())).filter(|e| e.1.abs() > 0.75 * size);
                let entries: Vec<(u32, f64)> = entries.collect();
                Column { index: f64::from(k + 1), eigenvalue: size * size, entries }
            };
            let columns = (0..60).map(column).filter(|column| !column.entries.is_empty()).collect();
            let design = Design::from_columns(8, columns, 0.0).unwrap();
            let Some(own) = residual_mass(&design) else {
                left += 1;
                continue;
            };
            answered += 1;
            let exact = DesignSpectrum::new(&design).unwrap().residual_mass();
            assert!((own / exact - 1.0).abs() < 1e-7, "{seed}: {own} {exact}");
        }
        assert!(answered > 50 && left > 20, "{answered} {left}");
    }

    /// Two samples that are equal, and two that differ by one part in a hundred million.
    #[test]
    fn samples_that_hardly_differ_are_left_to_others() {
        for second in [1.0, 1.0 + 1e-8] {
            let column = |(index, values): (f64, [f64; 2])| Column {
                index,
                eigenvalue: 1.0,
                entries: vec![(0, values[0]), (1, values[1])],
            };
            let columns = [(1.0, [1.0, second]), (2.0, [2.0, 2.0]), (3.0, [-1.0, -1.0])];
            let columns = columns.into_iter().map(column).collect();
            let design = Design::from_columns(2, columns, 0.1).unwrap();
            assert_eq!(residual_mass(&design), None, "{second}");
        }
    }
}
