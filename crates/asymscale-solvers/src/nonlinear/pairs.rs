//! Kernels between samples and other inputs, column by column: in closed form, or from a series
//! whose coefficients are found once.

use super::series::{self, Series};
use super::{Nonlinear, kernel};
use crate::SolverError;

/// What a learner's kernel needs to know of its inputs besides `x·x′`.
pub(super) struct Pairs {
    learner: Nonlinear,
    /// Norms of samples and of the other inputs, times the scale of the weights.
    samples: Vec<f64>,
    others: Vec<f64>,
    /// Where there is no closed form.
    series: Option<(Series, Series)>,
    is_derivative: bool,
}

impl Pairs {
    /// The kernel `k` between samples and other inputs of these norms.
    pub(super) fn new(
        learner: Nonlinear,
        samples: &[f64],
        others: &[f64],
    ) -> Result<Self, SolverError> {
        let scaled =
            |norms: &[f64]| norms.iter().map(|norm| learner.scale * norm).collect::<Vec<_>>();
        let (samples, others) = (scaled(samples), scaled(others));
        let is_closed = learner.activation.has_closed_kernel();
        let series = (!is_closed)
            .then(|| series::pair(learner.activation, &samples, &others))
            .transpose()?;
        Ok(Self { learner, samples, others, series, is_derivative: false })
    }

    /// The kernel of the derivative of the activation, instead: `dk/d(x·x′)`.
    pub(super) fn derivative(mut self) -> Self {
        self.series = self.series.map(|(own, others)| (own.derivative(), others.derivative()));
        self.is_derivative = true;
        self
    }

    /// `x·x′` for a column of samples, from number `first` on, and input `j` of the others is
    /// replaced by the kernel.
    pub(super) fn replace(&self, dots: &mut [f64], first: usize, j: usize) {
        let Nonlinear { activation, scale, path, .. } = self.learner;
        let linear: Vec<f64> = if path == 0.0 { Vec::new() } else { dots.to_vec() };
        let square = scale * scale;
        for dot in dots.iter_mut() {
            *dot *= square;
        }
        let norms = &self.samples[first..first + dots.len()];
        match &self.series {
            Some((own, others)) => own.replace(dots, first, others, j),
            None if self.is_derivative => {
                kernel::replace_derivative(activation, dots, norms, self.others[j]);
            }
            None => kernel::replace(activation, dots, norms, self.others[j]),
        }
        if self.is_derivative {
            for entry in dots.iter_mut() {
                *entry = square * *entry + path * path;
            }
        } else {
            dots.iter_mut().zip(linear).for_each(|(entry, dot)| *entry += path * path * dot);
        }
    }
}
