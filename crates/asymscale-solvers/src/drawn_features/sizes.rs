//! Lists of model sizes: checked, put in order, and put back.

use crate::{Curve, SolverError};

/// Model sizes in ascending order, each once, and where each request finds its own.
#[derive(Debug)]
pub(crate) struct Sizes {
    /// Ascending, distinct, at least 1.
    pub(crate) sorted: Vec<usize>,
    place: Vec<usize>,
}

impl Sizes {
    pub(crate) fn new(features: &[usize]) -> Result<Self, SolverError> {
        if features.contains(&0) {
            return Err(SolverError::Features(0.0));
        }
        let mut sorted = features.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let place = features.iter().map(|n| sorted.partition_point(|m| m < n)).collect();
        Ok(Self { sorted, place })
    }

    pub(crate) fn largest(&self) -> usize {
        self.sorted.last().copied().unwrap_or(0)
    }

    /// Puts results of ascending sizes in the order of the request.
    pub(crate) fn restore<T: Clone>(&self, sorted: &[T]) -> Vec<T> {
        self.place.iter().map(|k| sorted[*k].clone()).collect()
    }

    /// A curve in the order of the request, from the losses of ascending sizes, teachers within a
    /// size adjacent.
    pub(crate) fn curve(&self, losses: &[f64], teachers: usize) -> Curve {
        let at = |k: &usize| losses[k * teachers..(k + 1) * teachers].to_vec();
        Curve { losses: self.place.iter().map(at).collect() }
    }
}
