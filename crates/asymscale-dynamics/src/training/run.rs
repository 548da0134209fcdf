//! The loop of a training run.

use super::Trained;
use super::examples::Weighting;
use super::ledger::Ledger;
use super::rows::{Entries, Features};
use super::rules::{Optimiser, Parameter};
use super::settings::Training;
use super::step_sizes::StepSizes;
use super::visits::Visits;
use crate::learner::{Learner, apply};
use asymscale_sampling::{Design, Teachers};
use asymscale_solvers::Curve;
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// A run that is under way.
pub(super) struct Run<'a, O: Optimiser> {
    training: &'a Training,
    /// The step after which parameters are averaged.
    start: u64,
    optimiser: O,
    step_sizes: StepSizes,
    weighting: Weighting,
    visits: Visits,
    entries: Entries<'a>,
    features: Option<Features<'a>>,
    ledger: Ledger<'a>,
    teachers: usize,
    /// Those of teacher `k` at `j · teachers + k`.
    parameters: Vec<Parameter<O::Memory>>,
    /// What the residuals of a sample have beside its features times what parameters fall short
    /// by: labels of features, and noise; none of coordinates without noise.
    offsets: Vec<f64>,
    /// Whether a residual of each teacher has overflowed.
    lost: Vec<bool>,
    /// Steps taken.
    done: u64,
    pulls: Pulls,
}

/// What the examples of a batch add up to.
#[derive(Debug)]
struct Pulls {
    sums: Vec<f64>,
    /// The parameters that are pulled, and whether each is.
    pulled: Vec<u32>,
    is_pulled: Vec<bool>,
}

impl<'a, O: Optimiser> Run<'a, O> {
    pub(super) fn new<R: Rng + ?Sized>(
        design: &'a Design,
        teachers: &Teachers,
        learner: Learner<'a>,
        training: &'a Training,
        last: u64,
        optimiser: O,
        rng: &mut R,
    ) -> Self {
        let ledger = Ledger::new(design, teachers, learner);
        let (count, size) = (teachers.count(), learner.parameters(design));
        let batched = if training.batch() > 1 { size } else { 0 };
        let mut run = Self {
            training,
            start: training.average_start(),
            optimiser,
            step_sizes: StepSizes::new(training.schedule(), last),
            weighting: Weighting::of(training.rule(), size),
            visits: Visits::new(training.order(), design.samples()),
            entries: Entries::new(design, training.order(), training.batch()),
            features: Features::of(learner),
            ledger,
            teachers: count,
            parameters: vec![Parameter::default(); size * count],
            offsets: Vec::new(),
            lost: vec![false; count],
            done: 0,
            pulls: Pulls {
                sums: vec![0.0; batched * count],
                pulled: Vec::new(),
                is_pulled: vec![false; batched],
            },
        };
        run.set_offsets(design, rng);
        run
    }

    /// Labels and noise; the errors of coordinates begin at the teachers' weights.
    fn set_offsets<R: Rng + ?Sized>(&mut self, design: &Design, rng: &mut R) {
        let (weights, teachers) = (self.ledger.weights(), self.teachers);
        if self.features.is_some() {
            let labels = apply(design, weights.as_ref());
            let all = (0..design.samples()).flat_map(|s| (0..teachers).map(move |k| (s, k)));
            self.offsets = all.map(|place| labels[place]).collect();
        } else {
            for (place, parameter) in self.parameters.iter_mut().enumerate() {
                parameter.error = weights[(place / teachers, place % teachers)];
            }
        }
        let deviation = self.training.noise().sqrt();
        if deviation > 0.0 {
            self.offsets.resize(design.samples() * teachers, 0.0);
            for offset in &mut self.offsets {
                *offset += deviation * rng.sample::<f64, _>(StandardNormal);
            }
        }
    }

    /// Takes steps until each of `steps`, and notes what there is to see there.
    pub(super) fn record<R: Rng + ?Sized>(mut self, steps: &[u64], rng: &mut R) -> Trained {
        let mut order: Vec<usize> = (0..steps.len()).collect();
        order.sort_by_key(|k| steps[*k]);
        let mut trained = Trained {
            losses: Curve { losses: vec![Vec::new(); steps.len()] },
            unseen_mass: vec![0.0; steps.len()],
            samples_seen: vec![0; steps.len()],
            spikes: vec![0; steps.len()],
        };
        for k in order {
            self.advance(steps[k], rng);
            let losses =
                self.ledger.settle(&self.optimiser, &mut self.parameters, self.done, self.start);
            let known = losses.into_iter().zip(&self.lost);
            // The square of what is still finite may not be.
            let bounded =
                known.map(|(loss, lost)| if *lost || loss.is_nan() { f64::INFINITY } else { loss });
            trained.losses.losses[k] = bounded.collect();
            trained.unseen_mass[k] = self.ledger.unseen_mass();
            trained.samples_seen[k] = self.visits.distinct();
            trained.spikes[k] = self.ledger.spikes();
        }
        trained
    }

    /// Takes steps until `until` are done.
    fn advance<R: Rng + ?Sized>(&mut self, until: u64, rng: &mut R) {
        let (mut batch, mut residuals) = (vec![0; self.training.batch()], vec![0.0; self.teachers]);
        while self.done < until {
            batch.fill_with(|| self.visits.next(rng));
            self.meet(&batch);
            if self.lost.contains(&false) {
                if let [sample] = batch[..] {
                    self.step_of_one(sample, &mut residuals);
                } else {
                    self.step(&batch, &mut residuals);
                }
            }
            self.done += 1;
        }
    }

    /// Takes notice of a batch.
    fn meet(&mut self, batch: &[usize]) {
        let level = 2.0 * batch.len() as f64 / self.step_sizes.at(self.done);
        self.entries.hold(batch);
        if let Some(features) = &mut self.features {
            features.hold(batch);
        }
        for (place, sample) in batch.iter().enumerate() {
            let entries = self.entries.of(*sample);
            self.ledger.meet(entries, level);
            let features = self.features.as_ref();
            self.weighting.meet(features.map_or(entries, |features| features.of_place(place)));
        }
    }

    /// A step of a batch of one sample, whose features pull one parameter each.
    fn step_of_one(&mut self, sample: usize, residuals: &mut [f64]) {
        let (teachers, start) = (self.teachers, self.start);
        let rate = self.step_sizes.at(self.done);
        let features = self.features.as_ref();
        let example =
            features.map_or_else(|| self.entries.of(sample), |features| features.of_place(0));
        let offsets = self.offsets.get(sample * teachers..(sample + 1) * teachers);
        let to = (self.done, start);
        falls_short(&self.optimiser, &mut self.parameters, example, offsets, to, residuals);
        note_overflow(&mut self.lost, residuals);
        let factor = self.weighting.factor(example, rate);
        for (j, x) in example {
            let weight = factor * self.weighting.weighted(*j, *x);
            let own = &mut self.parameters[*j as usize * teachers..][..teachers];
            for (parameter, residual) in own.iter_mut().zip(&*residuals) {
                self.optimiser.pull(parameter, weight * residual, rate, self.done);
                parameter.count(start);
            }
        }
    }

    /// A step of a batch, whose examples pull together.
    fn step(&mut self, batch: &[usize], residuals: &mut [f64]) {
        let (teachers, start) = (self.teachers, self.start);
        let rate = self.step_sizes.at(self.done);
        for (place, sample) in batch.iter().enumerate() {
            let features = self.features.as_ref();
            let example = features
                .map_or_else(|| self.entries.of(*sample), |features| features.of_place(place));
            let offsets = self.offsets.get(sample * teachers..(sample + 1) * teachers);
            let to = (self.done, start);
            falls_short(&self.optimiser, &mut self.parameters, example, offsets, to, residuals);
            note_overflow(&mut self.lost, residuals);
            let factor = self.weighting.factor(example, rate) / batch.len() as f64;
            for (j, x) in example {
                let weight = factor * self.weighting.weighted(*j, *x);
                self.pulls.add(*j, weight, residuals);
            }
        }
        for j in self.pulls.pulled.drain(..) {
            let range = j as usize * teachers..(j as usize + 1) * teachers;
            self.pulls.is_pulled[j as usize] = false;
            let sums = &mut self.pulls.sums[range.clone()];
            for (parameter, sum) in self.parameters[range].iter_mut().zip(sums) {
                self.optimiser.pull(parameter, std::mem::take(sum), rate, self.done);
                parameter.count(start);
            }
        }
    }
}

impl Pulls {
    #[inline]
    fn add(&mut self, j: u32, weight: f64, residuals: &[f64]) {
        if !std::mem::replace(&mut self.is_pulled[j as usize], true) {
            self.pulled.push(j);
        }
        let sums = &mut self.sums[j as usize * residuals.len()..][..residuals.len()];
        sums.iter_mut().zip(residuals).for_each(|(sum, residual)| *sum += weight * residual);
    }
}

/// The residual of an example for each teacher, at parameters that are brought to step `to` first.
#[inline]
fn falls_short<O: Optimiser>(
    optimiser: &O,
    parameters: &mut [Parameter<O::Memory>],
    example: &[(u32, f64)],
    offsets: Option<&[f64]>,
    (to, start): (u64, u64),
    residuals: &mut [f64],
) {
    match offsets {
        Some(offsets) => residuals.copy_from_slice(offsets),
        None => residuals.fill(0.0),
    }
    let teachers = residuals.len();
    for (j, x) in example {
        let own = &mut parameters[*j as usize * teachers..][..teachers];
        for (parameter, residual) in own.iter_mut().zip(&mut *residuals) {
            optimiser.walk(parameter, to, start);
            optimiser.rest(parameter, to, start);
            *residual += x * parameter.error;
        }
    }
}

/// A run whose residual has a square beyond all numbers has diverged.
#[inline]
fn note_overflow(lost: &mut [bool], residuals: &[f64]) {
    for (lost, residual) in lost.iter_mut().zip(residuals) {
        *lost |= !(residual * residual).is_finite();
    }
}
