//! Training as it is written: dense vectors, every parameter visited in every step.

use asymscale_dynamics::{Average, Order, Rule, Training};
use asymscale_sampling::{Design, Key, Teachers, feature_column};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// A learner of one teacher with dense features.
pub(crate) struct Literal {
    /// Features of each sample.
    pub(crate) inputs: Vec<Vec<f64>>,
    /// Weights of the features in each seen coordinate; none where they are the coordinates.
    map: Option<Vec<Vec<f64>>>,
    labels: Vec<f64>,
    weights: Vec<f64>,
    eigenvalues: Vec<f64>,
    unseen_mass: f64,
}

/// What the rules remember.
#[derive(Clone, Default)]
struct State {
    theta: Vec<f64>,
    first: Vec<f64>,
    second: Vec<f64>,
    counts: Vec<f64>,
    step: u64,
}

impl Literal {
    /// In the coordinates of a design.
    pub(crate) fn coordinates(design: &Design, teachers: &Teachers, k: usize) -> Self {
        let mut inputs = vec![vec![0.0; design.seen()]; design.samples()];
        for (j, (rows, values)) in design.columns().enumerate() {
            rows.iter().zip(values).for_each(|(row, x)| inputs[*row as usize][j] = *x);
        }
        let weights: Vec<f64> = (0..design.seen()).map(|j| teachers.weights(j)[k]).collect();
        Self {
            labels: inputs.iter().map(|x| dot(x, &weights)).collect(),
            inputs,
            map: None,
            weights,
            eigenvalues: design.eigenvalues().to_vec(),
            unseen_mass: design.unseen_mass(),
        }
    }

    /// With the features that [`asymscale_dynamics::FeatureMap::draw`] draws from the same key.
    pub(crate) fn features(
        design: &Design,
        teachers: &Teachers,
        k: usize,
        count: usize,
        key: &Key,
    ) -> Self {
        let plain = Self::coordinates(design, teachers, k);
        let column = |j: usize| {
            let mut column = vec![0.0; count];
            feature_column(&key.label("features"), design.index(j), &mut column);
            column.iter().map(|weight| weight / (count as f64).sqrt()).collect()
        };
        let map: Vec<Vec<f64>> = (0..design.seen()).map(column).collect();
        let output = |x: &Vec<f64>| {
            let of = |n: usize| x.iter().zip(&map).map(|(x, weights)| x * weights[n]).sum();
            (0..count).map(of).collect()
        };
        Self { inputs: plain.inputs.iter().map(output).collect(), map: Some(map), ..plain }
    }

    /// Noise of each sample in turn.
    pub(crate) fn add_noise(&mut self, noise: f64, rng: &mut impl Rng) {
        for label in &mut self.labels {
            *label += noise.sqrt() * rng.sample::<f64, _>(StandardNormal);
        }
    }

    /// The loss after every step from 0 to `last`.
    pub(crate) fn losses(&self, training: &Training, last: u64, rng: &mut impl Rng) -> Vec<f64> {
        let size = self.inputs[0].len();
        let zeros = vec![0.0; size];
        let mut state = State {
            theta: zeros.clone(),
            first: zeros.clone(),
            second: zeros.clone(),
            counts: zeros.clone(),
            step: 0,
        };
        let (mut sum, mut losses) = (zeros, vec![self.loss(&state.theta)]);
        let start = match training.average() {
            Average::Last => u64::MAX,
            Average::Polyak { from_share } => {
                (from_share * training.schedule().steps() as f64).floor() as u64
            }
        };
        let mut visits = Visits { order: training.order(), pass: Vec::new(), visited: 0 };
        visits.pass = (0..self.inputs.len()).collect();
        while state.step < last {
            let batch: Vec<usize> = (0..training.batch()).map(|_| visits.next(rng)).collect();
            self.step(training, &batch, &mut state);
            let averaged = state.step > start;
            if averaged {
                sum.iter_mut().zip(&state.theta).for_each(|(sum, theta)| *sum += theta);
                let count = (state.step - start) as f64;
                let mean: Vec<f64> = sum.iter().map(|sum| sum / count).collect();
                losses.push(self.loss(&mean));
            } else {
                losses.push(self.loss(&state.theta));
            }
        }
        losses
    }

    fn loss(&self, theta: &[f64]) -> f64 {
        let fitted = |j: usize| match &self.map {
            Some(map) => dot(&map[j], theta),
            None => theta[j],
        };
        let error = |j: usize| self.eigenvalues[j] * (self.weights[j] - fitted(j)).powi(2);
        let more = self.map.as_ref().map_or(0.0, |_| dot(theta, theta) / theta.len() as f64);
        (0..self.weights.len()).map(error).sum::<f64>() + self.unseen_mass * (1.0 + more)
    }

    fn step(&self, training: &Training, batch: &[usize], state: &mut State) {
        let (rate, rule) = (training.schedule().rate_at(state.step), training.rule());
        if let Rule::GaussNewton { .. } = rule {
            for x in batch.iter().map(|sample| &self.inputs[*sample]) {
                for (i, x) in x.iter().enumerate() {
                    state.first[i] += x * x;
                    state.counts[i] += f64::from(u8::from(*x != 0.0));
                }
            }
        }
        let mut pull = vec![0.0; state.theta.len()];
        for sample in batch {
            let x = &self.inputs[*sample];
            let residual = self.labels[*sample] - dot(x, &state.theta);
            for (pull, direction) in pull.iter_mut().zip(direction(rule, x, rate, state)) {
                *pull += direction * residual / batch.len() as f64;
            }
        }
        apply(rule, rate, &pull, state);
        state.step += 1;
    }
}

/// What a sample's residual is multiplied by.
fn direction(rule: Rule, x: &[f64], rate: f64, state: &State) -> Vec<f64> {
    let square = dot(x, x);
    let scaled = |factor: f64| x.iter().map(|x| factor * x).collect();
    match rule {
        Rule::Clipped { norm } => scaled(1f64.min(norm / (rate * square))),
        Rule::Normalised => scaled(if square == 0.0 { 0.0 } else { 1.0 / square }),
        Rule::GaussNewton { damping } => {
            let typical = state.first.iter().sum::<f64>() / state.counts.iter().sum::<f64>();
            let h = |i: usize| state.first[i] + damping * typical;
            let solved: Vec<f64> =
                x.iter().enumerate().map(|(i, x)| if *x == 0.0 { 0.0 } else { x / h(i) }).collect();
            let size = dot(&solved, x);
            solved.iter().map(|solved| if size == 0.0 { 0.0 } else { solved / size }).collect()
        }
        _ => scaled(1.0),
    }
}

fn apply(rule: Rule, rate: f64, pull: &[f64], state: &mut State) {
    let State { theta, first, second, step, .. } = state;
    for (i, p) in pull.iter().enumerate() {
        let (theta, first, second) = (&mut theta[i], &mut first[i], &mut second[i]);
        *theta += match rule {
            Rule::Sgd | Rule::Clipped { .. } | Rule::Normalised | Rule::GaussNewton { .. } => {
                rate * p
            }
            Rule::HeavyBall { momentum } => {
                *first = momentum * *first + rate * p;
                *first
            }
            Rule::Adagrad { epsilon } => {
                *first += p * p;
                if *first == 0.0 { 0.0 } else { rate * p / (first.sqrt() + epsilon) }
            }
            Rule::RmsProp { decay, epsilon } => {
                *first = decay * *first + (1.0 - decay) * p * p;
                if *first == 0.0 { 0.0 } else { rate * p / (first.sqrt() + epsilon) }
            }
            Rule::Adam { first: one, second: two, epsilon } => {
                *first = one * *first + (1.0 - one) * p;
                *second = two * *second + (1.0 - two) * p * p;
                let done = *step as i32 + 1;
                let (mean, square) =
                    (*first / (1.0 - one.powi(done)), *second / (1.0 - two.powi(done)));
                rate * mean / (square.sqrt() + epsilon)
            }
            Rule::Sign => rate * if *p == 0.0 { 0.0 } else { p.signum() },
        };
    }
}

/// Samples in their order, drawn as they are said to be.
struct Visits {
    order: Order,
    pass: Vec<usize>,
    visited: usize,
}

impl Visits {
    fn next(&mut self, rng: &mut impl Rng) -> usize {
        let samples = self.pass.len();
        let place = self.visited % samples;
        self.visited += 1;
        match self.order {
            Order::WithReplacement => rng.random_range(0..samples as u32) as usize,
            Order::Reshuffled => {
                if place == 0 {
                    for k in 0..samples {
                        let other = rng.random_range(k..samples);
                        self.pass.swap(k, other);
                    }
                }
                self.pass[place]
            }
            Order::Fresh | Order::Cyclic => place,
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
