//! The laws of the coordinates of a model that are neither listed nor always active.

use crate::{Activity, PowerLaw, SparseModel, Teacher};

/// The power laws that all coordinates from [`RareLaw::first`] on follow: those that are neither
/// given one by one nor always active.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RareLaw {
    /// The first of these coordinates, a whole number.
    pub first: f64,
    /// Of their variances `λ_i`, of exponent `1 + α`.
    pub variance: PowerLaw,
    /// Of their activities `p_i`, of exponent `β`.
    pub activity: PowerLaw,
    /// Of their target energies `g_i`, of exponent `b`.
    pub target: PowerLaw,
}

impl RareLaw {
    /// `α`.
    pub fn alpha(&self) -> f64 {
        self.variance.exponent - 1.0
    }

    /// `β`.
    pub fn beta(&self) -> f64 {
        self.activity.exponent
    }
}

impl SparseModel {
    /// How many coordinates, from the first on, have to be taken one by one, because a table lists
    /// some quantity of theirs; 0 where all laws are power laws.
    pub fn listed(&self) -> usize {
        let tables = [self.spectrum.listed(), self.activity.listed(), self.teacher.listed()];
        tables.into_iter().max().unwrap_or(0)
    }

    /// [`SparseModel::rare_law`], where coordinate `i` follows it.
    pub(crate) fn rare_law_at(&self, i: f64) -> Option<RareLaw> {
        // Listed coordinates are asked most often.
        if i < self.listed() as f64 + 1.0 {
            return None;
        }
        self.rare_law().filter(|law| i >= law.first)
    }

    /// The power laws of the coordinates after the listed and the always active ones; none if there
    /// are no others.
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// let rare = SparseModel::power_law(1.0, 1.5, 20.5)?.rare_law().unwrap();
    /// assert_eq!((rare.first, rare.alpha(), rare.beta()), (21.0, 1.0, 1.5));
    /// assert!((rare.activity.at(82.0) - 0.125).abs() < 1e-15);
    /// # Ok::<(), asymscale_model::ModelError>(())
    /// ```
    pub fn rare_law(&self) -> Option<RareLaw> {
        let always = match &self.activity {
            Activity::PowerLaw { beta, onset } if *beta > 0.0 => onset.floor(),
            _ => 0.0,
        };
        let first = always.max(self.listed() as f64) + 1.0;
        let variance = self.spectrum.tail()?;
        let activity = match &self.activity {
            Activity::OneHot { beta } => {
                PowerLaw { log_front: self.activity(1.0).ln(), exponent: *beta }
            }
            other => other.tail()?,
        };
        let target = match &self.teacher {
            Teacher::Iid => variance,
            other => other.tail()?,
        };
        (first <= self.coordinates.as_f64()).then_some(RareLaw {
            first,
            variance,
            activity,
            target,
        })
    }
}
