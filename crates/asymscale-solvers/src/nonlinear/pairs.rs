//! Kernels between samples and other inputs, column by column: in closed form, or from a series
//! whose coefficients are found once.

use super::series::{Basis, Series};
use super::{Nonlinear, kernel};
use crate::SolverError;
use std::rc::Rc;

/// What a learner's kernel needs to know of its inputs besides `x·x′`.
pub(super) struct Pairs {
    learner: Nonlinear,
    /// Norms of samples and of the other inputs, times the scale of the weights.
    samples: Vec<f64>,
    others: Vec<f64>,
    /// Where there is no closed form.
    series: Option<Expansion>,
    is_derivative: bool,
}

/// The series of samples and of the other inputs, on one basis.
struct Expansion {
    basis: Rc<Basis>,
    own: Rc<Series>,
    others: Rc<Series>,
}

impl Pairs {
    /// The kernel `k` of samples of these norms with one another.
    pub(super) fn of_samples(learner: Nonlinear, norms: &[f64]) -> Result<Self, SolverError> {
        let samples = scaled(learner, norms);
        let expansion = || -> Result<Expansion, SolverError> {
            let basis = Rc::new(Basis::new(learner.activation, &samples)?);
            let own = Rc::new(basis.series(&samples));
            Ok(Expansion { basis, others: Rc::clone(&own), own })
        };
        let is_closed = learner.activation.has_closed_kernel();
        let series = (!is_closed).then(expansion).transpose()?;
        Ok(Self { learner, others: samples.clone(), samples, series, is_derivative: false })
    }

    /// The kernel of the same samples with other inputs of these norms.
    pub(super) fn with_others(&self, norms: &[f64]) -> Self {
        let others = scaled(self.learner, norms);
        let series = self.series.as_ref().map(|Expansion { basis, own, .. }| Expansion {
            basis: Rc::clone(basis),
            own: Rc::clone(own),
            others: Rc::new(basis.series(&others)),
        });
        Self { samples: self.samples.clone(), others, series, is_derivative: false, ..*self }
    }

    /// The kernel of the derivative of the activation, instead: `dk/d(x·x′)`.
    pub(super) fn derivative(mut self) -> Self {
        self.series = self.series.map(|Expansion { basis, own, others }| Expansion {
            basis,
            own: Rc::new(own.derivative()),
            others: Rc::new(others.derivative()),
        });
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
            Some(Expansion { own, others, .. }) => own.replace(dots, first, others, j),
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

/// Norms times the scale of the weights.
fn scaled(learner: Nonlinear, norms: &[f64]) -> Vec<f64> {
    norms.iter().map(|norm| learner.scale * norm).collect()
}
