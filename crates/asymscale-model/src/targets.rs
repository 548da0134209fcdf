//! The teacher of a model: how much of the labels' variance each coordinate carries.

use crate::sparse_model::check_length;
use crate::{ModelError, RareLaw, SparseModel, Spectrum, Teacher, power_sum};

impl SparseModel {
    /// The same model with another teacher.
    ///
    /// # Errors
    /// [`ModelError::TableLength`] if a table of target energies does not match the number of
    /// coordinates; [`ModelError::TargetExponentOfTable`] for a power law of target energies beside
    /// a table of variances, whose coordinates have no order.
    ///
    /// ```
    /// use asymscale_model::{SparseModel, Teacher};
    /// let model = SparseModel::power_law(1.0, 1.5, 1.0)?.with_teacher(Teacher::power_law(1.5)?)?;
    /// // λ_4 = 1/16 carries a target energy of 1/8: the weights there have variance 2.
    /// assert_eq!((model.target_energy(4.0), model.weight_energy(4.0)), (0.125, 2.0));
    /// # Ok::<(), asymscale_model::ModelError>(())
    /// ```
    pub fn with_teacher(mut self, teacher: Teacher) -> Result<Self, ModelError> {
        check_length("target energy", (teacher.listed(), teacher.tail()), self.coordinates)?;
        if let (Teacher::PowerLaw { exponent }, Spectrum::Table(_)) = (&teacher, &self.spectrum) {
            return Err(ModelError::TargetExponentOfTable(*exponent));
        }
        self.teacher = teacher;
        Ok(self)
    }

    /// Whether the weights of the teacher have the same variance, 1, on all coordinates.
    pub fn has_iid_teacher(&self) -> bool {
        self.teacher == Teacher::Iid
    }

    /// `g_i = λ_i E[w_i²]` at coordinate `i`, the part of the labels' variance that it carries.
    pub fn target_energy(&self, i: f64) -> f64 {
        self.teacher.energy(i).unwrap_or_else(|| self.eigenvalue(i))
    }

    /// `E[w_i²] = g_i/λ_i` at coordinate `i`, the variance of the teacher's weight; 1 for an iid
    /// teacher.
    pub fn weight_energy(&self, i: f64) -> f64 {
        match &self.teacher {
            Teacher::Iid => 1.0,
            Teacher::PowerLaw { exponent } => match self.spectrum.tail() {
                Some(variance) => i.powf(variance.exponent - exponent),
                None => f64::NAN,
            },
            Teacher::Table(table) if i < table.values().len() as f64 + 1.0 => {
                table.at(i) / self.eigenvalue(i)
            }
            Teacher::Table(_) => match self.rare_law() {
                Some(RareLaw { target, variance, .. }) => {
                    let exponent = variance.exponent - target.exponent;
                    (target.log_front - variance.log_front + exponent * i.ln()).exp()
                }
                None => 0.0,
            },
        }
    }

    /// `Σ_{from ≤ i < to} g_i` for whole numbers, `to = ∞` allowed: see [`Spectrum::mass`].
    pub fn target_mass(&self, from: f64, to: f64) -> f64 {
        match &self.teacher {
            Teacher::Iid => self.spectrum.mass(from, to),
            Teacher::PowerLaw { exponent } => power_sum(*exponent, from, to),
            Teacher::Table(table) => table.sum(from, to),
        }
    }

    /// The variance of the labels without noise, `Σ g_i`: the loss of a learner that knows nothing.
    pub fn label_variance(&self) -> f64 {
        self.target_mass(1.0, self.coordinates.as_f64() + 1.0)
    }
}
