//! Least squares on a graded design, with the error of the learner instead of its weights.
//!
//! The error of a frequent coordinate is the difference of its weight and what was learned of it,
//! both of order one; squared it is right to `1e-32` only, where the loss may be smaller. Learning
//! is linear, and what a learner does to its own error changes nothing: to fit the error again,
//! from the labels it has on the design, corrects it to rounding of itself (iterative refinement:
//! Å. Björck, *BIT* 7 (1967) 257, doi:10.1007/BF01939321). Rows of the design are taken by
//! decreasing scale, so that a QR factorisation is right row by row (A. J. Cox and N. J. Higham,
//! *Linear Algebra Appl.* 275/276 (1998) 181).

use super::echelon::normalise;
use super::reflections::Reflections;
use crate::SolverError;
use crate::linear_algebra::dense::zeros;
use faer::linalg::triangular_solve::{
    solve_lower_triangular_in_place, solve_upper_triangular_in_place,
};
use faer::{Mat, MatRef, Par};

/// Passes of refinement at most; each gains sixteen digits while there are digits to gain.
const PASSES: usize = 12;

/// A pass that changes no loss by more than this, relatively, was the last.
const SETTLED: f64 = 1e-9;

/// A loss below this share of the initial one counts as 0.
const NOTHING: f64 = 1e-200;

/// How a learner meets the data.
pub(crate) struct Learner<'a> {
    /// Outputs of the features on the rows of the design, by decreasing scale: `rows × N`.
    pub(crate) outputs: MatRef<'a, f64>,
    /// The ridge, in units in which the loss is `|A θ − y|² + shift · |θ|²`.
    pub(crate) shift: f64,
    /// Labels of effective weights: `columns × teachers` to `rows × teachers`.
    pub(crate) observe: &'a dyn Fn(&Mat<f64>) -> Mat<f64>,
    /// Effective weights of `θ`: `N × teachers` to `columns × teachers`.
    pub(crate) weights: &'a dyn Fn(&Mat<f64>) -> Mat<f64>,
    /// The loss of each column of errors, `columns × teachers`: a quadratic form.
    pub(crate) cost: &'a dyn Fn(&Mat<f64>) -> Vec<f64>,
}

/// The result of learning, for each teacher.
pub(crate) struct Learned {
    /// The loss.
    pub(crate) losses: Vec<f64>,
    /// `θ`, `N × teachers`.
    pub(crate) theta: Mat<f64>,
}

impl Learner<'_> {
    /// Learns `teachers` (`columns × count`) from their labels plus `noise` (`rows × count`).
    ///
    /// # Errors
    /// [`SolverError::Precision`] if the losses, `floor` added to each, do not settle.
    pub(crate) fn learn(
        &self,
        teachers: Mat<f64>,
        noise: &Mat<f64>,
        floor: f64,
    ) -> Result<Learned, SolverError> {
        let system = System::new(self.outputs, self.shift);
        let mut theta = zeros(self.outputs.ncols(), teachers.ncols());
        let mut errors = teachers;
        let mut rest = zeros(self.outputs.nrows(), noise.ncols());
        let first = (self.cost)(&errors);
        let mut before = Vec::new();
        for _ in 0..PASSES {
            let labels = (self.observe)(&errors) + noise;
            let step = system.step(&labels, &theta, &mut rest);
            theta += &step;
            errors -= (self.weights)(&step);
            let losses = (self.cost)(&errors);
            if losses.iter().zip(&first).all(|(now, first)| *now <= NOTHING * first) {
                return Ok(Learned { losses: vec![0.0; losses.len()], theta });
            }
            let settled = |(now, then): (&f64, &f64)| (now - then).abs() <= SETTLED * (now + floor);
            if losses.len() == before.len() && losses.iter().zip(&before).all(settled) {
                return Ok(Learned { losses, theta });
            }
            before = losses;
        }
        Err(SolverError::Precision { size: self.outputs.nrows() })
    }
}

/// `Σ λ_j e_j²` of each column of errors.
pub(crate) fn weighted_squares(errors: &Mat<f64>, variances: &[f64]) -> Vec<f64> {
    let loss = |column: &[f64]| {
        column.iter().zip(variances).rev().map(|(e, variance)| variance * e * e).sum()
    };
    (0..errors.ncols()).map(|t| loss(errors.col_as_slice(t))).collect()
}

/// A factorised least-squares problem.
enum System {
    /// At least as many equations as features: `[A; √shift]`, rows sorted by length.
    Tall {
        reflections: Reflections,
        /// Upper triangle.
        factor: Mat<f64>,
        /// Where each equation stands among the rows, those of the ridge after the others.
        places: Vec<usize>,
        root: f64,
    },
    /// More features than equations: `[A, √shift]ᵀ`, its columns divided by their lengths.
    Wide { reflections: Reflections, factor: Mat<f64>, lengths: Vec<f64>, size: usize, root: f64 },
}

impl System {
    fn new(a: MatRef<'_, f64>, shift: f64) -> Self {
        if a.ncols() > a.nrows() {
            Self::wide(a, shift.sqrt())
        } else {
            Self::tall(a, shift.sqrt())
        }
    }

    fn tall(a: MatRef<'_, f64>, root: f64) -> Self {
        let (rows, size) = a.shape();
        let places = places(a, root);
        let mut sorted = zeros(places.len(), size);
        for (from, to) in places.iter().enumerate() {
            if from < rows {
                sorted.as_mut().row_mut(*to).copy_from(a.row(from));
            } else {
                sorted[(*to, from - rows)] = root;
            }
        }
        let reflections = Reflections::factorise(&mut sorted);
        Self::Tall {
            reflections,
            factor: sorted.as_ref().subrows(0, size).to_owned(),
            places,
            root,
        }
    }

    fn wide(a: MatRef<'_, f64>, root: f64) -> Self {
        let (rows, size) = a.shape();
        let below = if root > 0.0 { rows } else { 0 };
        let entry =
            |i: usize, j: usize| if i < size { a[(j, i)] } else { root * f64::from(i - size == j) };
        let mut columns = Mat::from_fn(size + below, rows, entry);
        let lengths: Vec<f64> = columns.col_iter_mut().map(normalise).collect();
        let reflections = Reflections::factorise(&mut columns);
        let factor = columns.as_ref().subrows(0, rows).to_owned();
        Self::Wide { reflections, factor, lengths, size, root }
    }

    /// The correction of `theta` whose labels are still off by `labels`; `rest` keeps what the
    /// ridge takes of the labels of an interpolating learner.
    fn step(&self, labels: &Mat<f64>, theta: &Mat<f64>, rest: &mut Mat<f64>) -> Mat<f64> {
        match self {
            Self::Tall { reflections, factor, places, root } => {
                let rows = labels.nrows();
                let mut sorted = zeros(places.len(), labels.ncols());
                for (from, to) in places.iter().enumerate() {
                    for t in 0..labels.ncols() {
                        let ridge = from.checked_sub(rows).map(|k| -root * theta[(k, t)]);
                        sorted[(*to, t)] = ridge.unwrap_or_else(|| labels[(from, t)]);
                    }
                }
                reflections.apply_transpose(sorted.as_mut());
                let mut solution = sorted.as_ref().subrows(0, factor.ncols()).to_owned();
                solve_upper_triangular_in_place(factor.as_ref(), solution.as_mut(), Par::Seq);
                solution
            }
            Self::Wide { reflections, factor, lengths, size, root } => {
                let rows = labels.nrows();
                let mut solution = zeros(size + if *root > 0.0 { rows } else { 0 }, labels.ncols());
                for t in 0..labels.ncols() {
                    for (k, length) in lengths.iter().enumerate() {
                        solution[(k, t)] = (labels[(k, t)] - root * rest[(k, t)]) / length;
                    }
                }
                let head = solution.as_mut().subrows_mut(0, rows);
                solve_lower_triangular_in_place(factor.transpose(), head, Par::Seq);
                reflections.apply(solution.as_mut());
                if *root > 0.0 {
                    *rest += solution.as_ref().subrows(*size, rows);
                }
                solution.as_ref().subrows(0, *size).to_owned()
            }
        }
    }
}

/// The place of each equation, those of the ridge last, by decreasing size.
fn places(a: MatRef<'_, f64>, root: f64) -> Vec<usize> {
    let mut scales: Vec<f64> = a.row_iter().map(|row| row.norm_l2()).collect();
    if root > 0.0 {
        scales.extend(std::iter::repeat_n(root, a.ncols()));
    }
    let mut order: Vec<usize> = (0..scales.len()).collect();
    order.sort_by(|i, j| scales[*j].total_cmp(&scales[*i]).then(i.cmp(j)));
    let mut places = vec![0; order.len()];
    order.iter().enumerate().for_each(|(place, from)| places[*from] = place);
    places
}
