//! The recursion of second moments, step by step: equations (98) and (104) of
//! [`derivations`](crate::derivations).

use super::{Descent, nodes::Nodes};

/// Sums run over so many interleaved parts, which the processor does at once.
const LANES: usize = 8;

/// Second moments of the errors of all nodes after some steps, each times the quadrature weight
/// and `λ`: its part of the loss.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) error: Vec<f64>,
    /// Error times last move, and last move squared, with momentum.
    pub(super) moves: Option<(Vec<f64>, Vec<f64>)>,
}

/// The recursion over the nodes, whose number is filled up with empty ones to a multiple of
/// [`LANES`].
#[derive(Debug, Clone)]
pub(super) struct Recursion {
    pub(super) state: State,
    eigenvalue: Vec<f64>,
    /// `λ² + (E x⁴ − 2λ²)/B`.
    square: Vec<f64>,
    /// `weight λ²/B`.
    input: Vec<f64>,
    /// `(E x⁴ − 2λ²)/B`.
    feedback: Vec<f64>,
    momentum: f64,
    /// What acts as noise besides the loss of the nodes.
    noise: f64,
    coupled: bool,
    pub(super) loss: f64,
}

impl Recursion {
    pub(super) fn new(nodes: &Nodes, descent: &Descent) -> Self {
        let length = nodes.list.len().next_multiple_of(LANES);
        let column = |value: &dyn Fn(&super::nodes::Node) -> f64| {
            let mut column: Vec<f64> = nodes.list.iter().map(value).collect();
            column.resize(length, 0.0);
            column
        };
        let batch = descent.batch;
        let error = column(&|node| node.target);
        let moves = (descent.momentum > 0.0).then(|| (vec![0.0; length], vec![0.0; length]));
        Self {
            loss: error.iter().sum(),
            state: State { error, moves },
            eigenvalue: column(&|node| node.eigenvalue),
            square: column(&|node| node.eigenvalue * node.eigenvalue + node.feedback / batch),
            input: column(&|node| node.mass * node.eigenvalue / batch),
            feedback: column(&|node| node.feedback / batch),
            momentum: descent.momentum,
            noise: nodes.noise(descent),
            coupled: nodes.coupled,
        }
    }

    /// One step of size `rate`. From where the loss is beyond floats it stays infinite.
    pub(super) fn step(&mut self, rate: f64) {
        let acting = self.noise + if self.coupled { self.loss } else { 0.0 };
        let sum = match &mut self.state.moves {
            None => plain(
                &mut self.state.error,
                [&self.eigenvalue, &self.square, &self.input],
                rate,
                acting,
            ),
            Some((cross, moved)) => heavy_ball(
                [&mut self.state.error, cross, moved],
                [&self.eigenvalue, &self.feedback, &self.input],
                (rate, self.momentum),
                acting,
            ),
        };
        self.loss = if sum.is_finite() && self.loss.is_finite() { sum } else { f64::INFINITY };
    }
}

fn plain(
    error: &mut [f64],
    [eigenvalue, square, input]: [&[f64]; 3],
    rate: f64,
    acting: f64,
) -> f64 {
    let (twice, squared) = (2.0 * rate, rate * rate);
    let gain = squared * acting;
    let mut sums = [0.0; LANES];
    let chunks = error
        .chunks_exact_mut(LANES)
        .zip(eigenvalue.chunks_exact(LANES))
        .zip(square.chunks_exact(LANES))
        .zip(input.chunks_exact(LANES));
    for (((error, eigenvalue), square), input) in chunks {
        for k in 0..LANES {
            let change = squared * square[k] - twice * eigenvalue[k];
            error[k] += error[k] * change + gain * input[k];
            sums[k] += error[k];
        }
    }
    sums.iter().sum()
}

fn heavy_ball(
    [error, cross, moved]: [&mut [f64]; 3],
    [eigenvalue, feedback, input]: [&[f64]; 3],
    (rate, momentum): (f64, f64),
    acting: f64,
) -> f64 {
    let squared = rate * rate;
    let mut sums = [0.0; LANES];
    let columns = error
        .chunks_exact_mut(LANES)
        .zip(cross.chunks_exact_mut(LANES))
        .zip(moved.chunks_exact_mut(LANES));
    let fixed = eigenvalue
        .chunks_exact(LANES)
        .zip(feedback.chunks_exact(LANES))
        .zip(input.chunks_exact(LANES));
    for (((error, cross), moved), ((eigenvalue, feedback), input)) in columns.zip(fixed) {
        for k in 0..LANES {
            let (v, w, pull) = (error[k], cross[k], rate * eigenvalue[k]);
            let ahead = momentum * w - pull * v;
            let next = momentum * (momentum * moved[k] - 2.0 * pull * w)
                + (pull * pull + squared * feedback[k]) * v
                + squared * acting * input[k];
            error[k] = v + 2.0 * ahead + next;
            cross[k] = ahead + next;
            moved[k] = next;
            sums[k] += error[k];
        }
    }
    sums.iter().sum()
}
