//! Which samples are used in which step.

use super::settings::Order;
use rand::{Rng, RngExt};

/// A sequence of samples.
#[derive(Debug, Clone)]
pub(super) struct Visits {
    order: Order,
    /// The samples of a pass where that is shuffled.
    pass: Vec<u32>,
    samples: usize,
    /// How many have been visited, counted as often as they were.
    visited: u64,
    /// A bit for each sample where that is not plain from their number.
    met: Vec<u64>,
    distinct: u64,
}

impl Visits {
    pub(super) fn new(order: Order, samples: usize) -> Self {
        let pass = if order == Order::Reshuffled { (0..samples as u32).collect() } else { vec![] };
        let words = if order == Order::WithReplacement { samples.div_ceil(64) } else { 0 };
        Self { order, pass, samples, visited: 0, met: vec![0; words], distinct: 0 }
    }

    /// The next sample.
    #[inline]
    pub(super) fn next<R: Rng + ?Sized>(&mut self, rng: &mut R) -> usize {
        let place = (self.visited % self.samples as u64) as usize;
        self.visited += 1;
        match self.order {
            Order::Fresh | Order::Cyclic => place,
            Order::WithReplacement => {
                let sample = rng.random_range(0..self.samples as u32) as usize;
                let (word, bit) = (&mut self.met[sample / 64], 1 << (sample % 64));
                self.distinct += u64::from(*word & bit == 0);
                *word |= bit;
                sample
            }
            Order::Reshuffled => {
                if place == 0 {
                    shuffle(&mut self.pass, rng);
                }
                self.pass[place] as usize
            }
        }
    }

    /// How many different ones have been visited.
    pub(super) fn distinct(&self) -> u64 {
        match self.order {
            Order::WithReplacement => self.distinct,
            _ => self.visited.min(self.samples as u64),
        }
    }
}

/// Fisher and Yates: all orders alike, whatever the order before.
fn shuffle<R: Rng + ?Sized>(pass: &mut [u32], rng: &mut R) {
    for k in 0..pass.len() {
        let other = rng.random_range(k..pass.len());
        pass.swap(k, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use asymscale_sampling::Key;

    fn visits(order: Order, samples: usize, count: usize, seed: u64) -> Vec<usize> {
        let (mut visits, mut rng) = (Visits::new(order, samples), Key::new(seed).stream());
        (0..count).map(|_| visits.next(&mut rng)).collect()
    }

    /// `χ²` of counts that should be alike.
    fn chi(counts: &[f64]) -> f64 {
        let mean = counts.iter().sum::<f64>() / counts.len() as f64;
        counts.iter().map(|count| (count - mean).powi(2) / mean).sum()
    }

    #[test]
    fn orders_visit_what_they_say() {
        assert_eq!(visits(Order::Fresh, 5, 5, 1), [0, 1, 2, 3, 4]);
        assert_eq!(visits(Order::Cyclic, 3, 7, 1), [0, 1, 2, 0, 1, 2, 0]);
        for pass in visits(Order::Reshuffled, 40, 400, 2).chunks(40) {
            let mut sorted = pass.to_vec();
            sorted.sort_unstable();
            assert!(sorted.into_iter().eq(0..40) && !pass.is_sorted());
        }
    }

    /// `n` = 24 000 passes over 4 samples, seed 3: 24 orders, χ² with 23 degrees of freedom, and
    /// 16 pairs of the last and the next first sample, 15 degrees of freedom; α = 1e-4 each.
    #[test]
    fn passes_are_shuffled_alike_and_independently() {
        let (mut orders, mut pairs) = (vec![0.0; 256], vec![0.0; 16]);
        let all = visits(Order::Reshuffled, 4, 96_000, 3);
        for pass in all.chunks(4) {
            orders[pass.iter().fold(0, |code, sample| 4 * code + sample)] += 1.0;
        }
        for two in all.chunks_exact(8) {
            pairs[4 * two[3] + two[4]] += 1.0;
        }
        orders.retain(|count| *count > 0.0);
        assert_eq!(orders.len(), 24);
        let (orders, pairs) = (chi(&orders), chi(&pairs));
        assert!(orders < 55.5 && pairs < 43.0, "{orders} {pairs}");
    }

    /// `n` = 90 000 draws from 9 in pairs, seed 4: χ² with 80 degrees of freedom, α = 1e-4.
    #[test]
    fn draws_with_replacement_are_independent() {
        let mut pairs = vec![0.0; 81];
        for pair in visits(Order::WithReplacement, 9, 90_000, 4).chunks(2) {
            pairs[9 * pair[0] + pair[1]] += 1.0;
        }
        assert!(chi(&pairs) < 134.0, "{}", chi(&pairs));
    }

    #[test]
    fn distinct_samples_are_counted() {
        for order in [Order::WithReplacement, Order::Reshuffled, Order::Cyclic] {
            let (mut visits, mut rng) = (Visits::new(order, 20), Key::new(5).stream());
            let mut met = [false; 20];
            for _ in 0..60 {
                met[visits.next(&mut rng)] = true;
                assert_eq!(visits.distinct(), met.iter().filter(|met| **met).count() as u64);
            }
        }
    }
}
