//! What the samples used so far have shown, and the loss of the parameters they led to.

use super::rules::{Optimiser, Parameter};
use crate::learner::{Learner, weights_of};
use asymscale_sampling::{Design, Teachers};
use faer::Mat;

/// Coordinates are added up in blocks of so many: what has not changed is not added up again.
const BLOCK: usize = 64;

/// The books of a run.
#[derive(Debug)]
pub(super) struct Ledger<'a> {
    design: &'a Design,
    learner: Learner<'a>,
    weights: Mat<f64>,
    unseen_energy: f64,
    /// Whether a sample has shown each coordinate.
    shown: Vec<bool>,
    /// Blocks of coordinates whose sums are out of date.
    stale: Vec<bool>,
    /// `Σ λ_i e_i²` of each block and teacher, and `Σ λ_i` over coordinates not shown.
    losses: Vec<f64>,
    hidden: Vec<f64>,
    /// Entries `x_i` of samples with `η x_i² > 2B`.
    spikes: u64,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(design: &'a Design, teachers: &Teachers, learner: Learner<'a>) -> Self {
        let blocks = design.seen().div_ceil(BLOCK);
        Self {
            design,
            learner,
            weights: weights_of(design, teachers),
            unseen_energy: teachers.unseen_energy(),
            shown: vec![false; design.seen()],
            stale: vec![true; blocks],
            losses: vec![0.0; blocks * teachers.count()],
            hidden: vec![0.0; blocks],
            spikes: 0,
        }
    }

    /// The teachers' weights, `seen × teachers`.
    pub(super) fn weights(&self) -> &Mat<f64> {
        &self.weights
    }

    /// Takes notice of a sample; entries whose square is above `level` are spikes.
    #[inline]
    pub(super) fn meet(&mut self, sample: &[(u32, f64)], level: f64) {
        for (j, x) in sample {
            let j = *j as usize;
            self.shown[j] = true;
            self.stale[j / BLOCK] = true;
            self.spikes += u64::from(x * x > level);
        }
    }

    pub(super) fn spikes(&self) -> u64 {
        self.spikes
    }

    /// `Σ λ_i` over what no sample has shown so far.
    pub(super) fn unseen_mass(&self) -> f64 {
        self.hidden.iter().rev().sum::<f64>() + self.design.unseen_mass()
    }

    /// The loss of each teacher's learner after `done` steps, if those after number `start` are
    /// averaged, or `start` is not yet passed.
    pub(super) fn settle<O: Optimiser>(
        &mut self,
        optimiser: &O,
        parameters: &mut [Parameter<O::Memory>],
        done: u64,
        start: u64,
    ) -> Vec<f64> {
        let shortfall = |parameter: &mut Parameter<O::Memory>| {
            optimiser.walk(parameter, done, start);
            // A copy: where a run is looked at makes no difference to it.
            let mut now = *parameter;
            optimiser.rest(&mut now, done, start);
            if done > start { now.sum / (done - start) as f64 } else { now.error }
        };
        match self.learner {
            Learner::Coordinates => {
                let goes_on = O::MOVES || start != u64::MAX;
                self.update_blocks(parameters, goes_on, shortfall)
            }
            Learner::Features(map) => {
                let teachers = self.weights.ncols();
                let mut theta = Mat::zeros(map.features(), teachers);
                for (k, parameter) in parameters.iter_mut().enumerate() {
                    theta[(k / teachers, k % teachers)] = -shortfall(parameter);
                }
                self.update_hidden();
                let losses =
                    self.learner.losses(self.design, self.weights.as_ref(), theta.as_ref());
                let more = self.unseen_energy - self.design.unseen_mass();
                losses.into_iter().map(|loss| loss + more).collect()
            }
        }
    }

    /// Adds up the blocks that have changed, and then all of them.
    fn update_blocks<M>(
        &mut self,
        parameters: &mut [Parameter<M>],
        goes_on: bool,
        mut shortfall: impl FnMut(&mut Parameter<M>) -> f64,
    ) -> Vec<f64> {
        let teachers = self.weights.ncols();
        for block in 0..self.stale.len() {
            if !self.stale[block] {
                continue;
            }
            let coordinates = block * BLOCK..((block + 1) * BLOCK).min(self.design.seen());
            self.stale[block] = goes_on && self.shown[coordinates.clone()].contains(&true);
            self.hidden[block] = self.hidden_mass(coordinates.clone());
            let sums = &mut self.losses[block * teachers..(block + 1) * teachers];
            sums.fill(0.0);
            for j in coordinates {
                let own = &mut parameters[j * teachers..(j + 1) * teachers];
                for (sum, parameter) in sums.iter_mut().zip(own) {
                    *sum += self.design.eigenvalues()[j] * shortfall(parameter).powi(2);
                }
            }
        }
        let of = |k: usize| self.losses.iter().skip(k).step_by(teachers).rev().sum::<f64>();
        (0..teachers).map(|k| of(k) + self.unseen_energy).collect()
    }

    fn update_hidden(&mut self) {
        for block in 0..self.stale.len() {
            if std::mem::take(&mut self.stale[block]) {
                let coordinates = block * BLOCK..((block + 1) * BLOCK).min(self.design.seen());
                self.hidden[block] = self.hidden_mass(coordinates);
            }
        }
    }

    fn hidden_mass(&self, coordinates: std::ops::Range<usize>) -> f64 {
        let hidden = coordinates.rev().filter(|j| !self.shown[*j]);
        hidden.map(|j| self.design.eigenvalues()[j]).sum()
    }
}
