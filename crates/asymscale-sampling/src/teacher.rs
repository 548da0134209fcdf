//! Teachers: the weights `w_i` of the seen coordinates.

use crate::{Design, Key, variates};
use asymscale_model::SparseModel;

/// The law of a teacher's weights: mean 0, variance 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TeacherLaw {
    /// `w_i ~ N(0, 1)`.
    #[default]
    Gaussian,
    /// `w_i = ±1` with probability ½ each.
    Rademacher,
}

/// The energies of a model's teacher on the coordinates of a design.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetEnergies {
    /// `E w_j² = g_j/λ_j` of each seen coordinate, in the order of the design.
    pub weights: Vec<f64>,
    /// `Σ g_i` over the coordinates that no sample activates.
    pub unseen: f64,
}

impl TargetEnergies {
    /// Of the seen and the unseen coordinates of a design drawn from `model`. Cost: one pass over
    /// the seen coordinates, and over the entries of a table.
    pub fn of(model: &SparseModel, design: &Design) -> Self {
        let weights = design.indices().iter().map(|index| model.weight_energy(*index)).collect();
        let end = model.coordinates().as_f64() + 1.0;
        let unseen = design.sum_of_gaps(end, |from, to| model.target_mass(from, to));
        Self { weights, unseen }
    }
}

/// Weights of several independent teachers on the seen coordinates of a design.
///
/// The weights of coordinate `i` come from a stream of `i`'s own, so a teacher is the same function
/// on every design, and the first teachers are the same however many are drawn. Unseen coordinates
/// are never drawn: nothing learned depends on them, and they enter the loss in expectation.
#[derive(Debug, Clone, PartialEq)]
pub struct Teachers {
    count: usize,
    weights: Vec<f64>,
    unseen_energy: f64,
}

impl Teachers {
    /// Draws `teachers` teachers for the seen coordinates of `design`. Cost: `teachers · seen`
    /// draws.
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
    /// let model = SparseModel::power_law(1.0, 2.0, 1.0)?;
    /// let key = Key::new(1);
    /// let design = Design::sample(&model, 10, &mut key.label("design").stream())?;
    /// let teachers = Teachers::draw(&design, 3, TeacherLaw::Rademacher, &key.label("teachers"));
    /// assert_eq!((teachers.count(), teachers.weights(0)[0].abs()), (3, 1.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn draw(design: &Design, teachers: usize, law: TeacherLaw, key: &Key) -> Self {
        let mut weights = vec![0.0; teachers * design.seen()];
        for (j, index) in design.indices().iter().enumerate() {
            let own = &mut weights[j * teachers..(j + 1) * teachers];
            let mut stream = key.coordinate_stream(*index);
            match law {
                TeacherLaw::Gaussian => variates::gaussian(1.0, own, &mut stream),
                TeacherLaw::Rademacher => variates::rademacher(1.0, own, &mut stream),
            }
        }
        Self { count: teachers, weights, unseen_energy: design.unseen_mass() }
    }

    /// The same teachers with the variances `E w_i² = g_i/λ_i` that the model gives their weights;
    /// for a model with an iid teacher they are those of [`Teachers::draw`].
    ///
    /// ```
    /// use asymscale_model::{SparseModel, Teacher};
    /// use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
    /// let model = SparseModel::power_law(1.0, 2.0, 4.0)?.with_teacher(Teacher::power_law(1.5)?)?;
    /// let (key, law) = (Key::new(1), TeacherLaw::Rademacher);
    /// let design = Design::sample(&model, 10, &mut key.label("design").stream())?;
    /// let teachers = Teachers::draw_for(&model, &design, 1, law, &key);
    /// let weight: f64 = teachers.weights(3)[0]; // coordinate 4: λ = 1/16, g = 1/8
    /// assert!((weight.powi(2) - 2.0).abs() < 1e-12);
    /// assert!(teachers.unseen_energy() > design.unseen_mass());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn draw_for(
        model: &SparseModel,
        design: &Design,
        teachers: usize,
        law: TeacherLaw,
        key: &Key,
    ) -> Self {
        let mut drawn = Self::draw(design, teachers, law, key);
        if model.has_iid_teacher() {
            return drawn;
        }
        let energies = TargetEnergies::of(model, design);
        for (j, energy) in energies.weights.iter().enumerate() {
            let own = &mut drawn.weights[j * teachers..(j + 1) * teachers];
            for weight in own {
                *weight *= energy.sqrt();
            }
        }
        drawn.unseen_energy = energies.unseen;
        drawn
    }

    /// `Σ g_i` over the coordinates that no sample activates: what the labels owe to them, and no
    /// learner can know.
    pub fn unseen_energy(&self) -> f64 {
        self.unseen_energy
    }

    /// How many teachers.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The weights of all teachers on the `j`-th seen coordinate.
    ///
    /// # Panics
    /// If `j` is not below the number of seen coordinates.
    pub fn weights(&self, j: usize) -> &[f64] {
        &self.weights[j * self.count..(j + 1) * self.count]
    }
}
