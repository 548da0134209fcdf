//! The even modes of `ReLU` on dense data, counted type by type: equations (80) and (81) of the
//! derivations.
//!
//! `cargo run --release -p asymscale-theory --example mode_count -- ALPHA DEPTH`: the number `n` of
//! modes above `κ`, for `ln(1/κ)` up to DEPTH (24 takes seconds), its local exponent, and that of
//! (81).

use std::f64::consts::{LN_10, TAU};

/// Coordinates summed one by one; the rest is an integral.
const SUMMED: usize = 100_000;
/// No degree as high as this has a mode within reach.
const DEGREES: usize = 400;

fn main() {
    let mut words = std::env::args().skip(1).map(|word| word.parse::<f64>().expect("numbers"));
    let (alpha, depth) = (words.next().unwrap_or(1.0), words.next().unwrap_or(20.0));
    let draws = Draws::new(alpha);
    let step = 0.5 * LN_10;
    let mut before = None;
    for k in 6.. {
        let here = step * f64::from(k);
        if here > depth {
            break;
        }
        let count = draws.modes(here);
        print!("ln(1/κ) {here:.2}  n {count:.4e}");
        if let Some(last) = before.replace(count) {
            let local = (count / last).ln() / step;
            let formula = 1.0 - (5.0 + 3.0 * alpha) / (2.0 * here - step);
            print!("  exponent {local:.3}, of (81) {formula:.3}");
        }
        println!();
    }
}

/// Draws of coordinates with the probabilities `λ_i/Σλ`.
struct Draws {
    alpha: f64,
    /// `ln Σλ`.
    total: f64,
    /// `ln` of the probability of coordinate `i` and all beyond, from 1 on.
    beyond: Vec<f64>,
    /// `ln n!`.
    factorials: Vec<f64>,
}

impl Draws {
    fn new(alpha: f64) -> Self {
        let mut sum = (SUMMED as f64 + 0.5).powf(-alpha) / alpha;
        let mut beyond = vec![0.0; SUMMED + 1];
        for i in (1..=SUMMED).rev() {
            sum += (i as f64).powf(-1.0 - alpha);
            beyond[i] = sum.ln();
        }
        let total = sum.ln();
        for log in &mut beyond {
            *log -= total;
        }
        let mut factorials = vec![0.0; DEGREES + 1];
        for n in 1..=DEGREES {
            factorials[n] = factorials[n - 1] + (n as f64).ln();
        }
        Self { alpha, total, beyond, factorials }
    }

    /// Modes with eigenvalues above `e^{−depth}`: types of even degree `l` whose probability is
    /// above `e^{−depth}/c_l`, and the constant.
    fn modes(&self, depth: f64) -> f64 {
        let mut count = 1.0;
        let mut weight = 0.5 / TAU;
        for degree in (2..DEGREES).step_by(2) {
            let least = -depth - f64::ln(weight);
            if least > 0.0 {
                break;
            }
            count += self.types(1, degree, self.factorials[degree] - least);
            let l = degree as f64;
            weight *= (l - 1.0) * (l - 1.0) / ((l + 2.0) * (l + 1.0));
        }
        count
    }

    /// `ln` of the probability of coordinate `i`.
    fn own(&self, i: usize) -> f64 {
        -(1.0 + self.alpha) * (i as f64).ln() - self.total
    }

    fn beyond(&self, i: usize) -> f64 {
        let tail = |i: usize| -self.alpha * (i as f64 - 0.5).ln() - self.alpha.ln() - self.total;
        self.beyond.get(i).copied().unwrap_or_else(|| tail(i))
    }

    /// Counts `m` of `draws` draws from coordinate `first` on with `Π π_i^{m_i}/m_i! > e^{−room}`.
    fn types(&self, first: usize, draws: usize, room: f64) -> f64 {
        if draws == 1 {
            let last = ((room - self.total) / (1.0 + self.alpha)).exp().floor();
            return (last - first as f64 + 1.0).max(0.0);
        }
        let mut count = 0.0;
        // The product is at most the probability that all draws are from here on, over draws!.
        for i in (first..)
            .take_while(|i| draws as f64 * self.beyond(*i) - self.factorials[draws] + room >= 0.0)
        {
            for own in 1..=draws {
                let left = room + own as f64 * self.own(i) - self.factorials[own];
                if own == draws {
                    count += f64::from(u8::from(left > 0.0));
                } else {
                    count += self.types(i + 1, draws - own, left);
                }
            }
        }
        count
    }
}
