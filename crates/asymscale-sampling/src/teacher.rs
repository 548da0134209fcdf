//! Teachers: the weights `w_i` of the seen coordinates.

use crate::{Design, Key, variates};

/// The law of a teacher's weights: mean 0, variance 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TeacherLaw {
    /// `w_i ~ N(0, 1)`.
    #[default]
    Gaussian,
    /// `w_i = ±1` with probability ½ each.
    Rademacher,
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
        Self { count: teachers, weights }
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
