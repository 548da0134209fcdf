//! Which samples activate a coordinate, given how many do.

use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

/// Up to this many rows a linear scan finds a repetition faster than a bitmap.
const FEW: usize = 16;

/// The source of the rows of one design, column by column.
pub(crate) enum RowSource {
    /// Every column has a uniform subset of its own.
    Subsets(Subsets),
    /// The columns share out all rows: those not yet dealt, in random order.
    Deck(Vec<u32>),
}

/// Uniform subsets of `0..samples`, with a bitmap that is reused and empty between draws.
pub(crate) struct Subsets {
    samples: usize,
    taken: Vec<u64>,
}

impl RowSource {
    /// Rows for columns that are active independently of each other.
    pub(crate) fn independent(samples: usize) -> Self {
        Self::Subsets(Subsets { samples, taken: Vec::new() })
    }

    /// Rows for columns of which every sample activates exactly one.
    pub(crate) fn partition<R: Rng + ?Sized>(samples: usize, rng: &mut R) -> Self {
        let mut deck: Vec<u32> = (0..samples as u32).collect();
        deck.shuffle(rng);
        Self::Deck(deck)
    }

    /// Appends `count` distinct rows, ascending.
    pub(crate) fn draw<R: Rng + ?Sized>(&mut self, count: usize, rows: &mut Vec<u32>, rng: &mut R) {
        match self {
            Self::Subsets(subsets) => subsets.draw(count, rows, rng),
            Self::Deck(deck) => {
                let start = rows.len();
                rows.extend(deck.drain(deck.len() - count..));
                rows[start..].sort_unstable();
            }
        }
    }
}

impl Subsets {
    fn draw<R: Rng + ?Sized>(&mut self, count: usize, rows: &mut Vec<u32>, rng: &mut R) {
        if count == self.samples {
            rows.extend(0..self.samples as u32);
        } else if count <= FEW {
            self.few(count, rows, rng);
        } else if 2 * count > self.samples {
            self.mark(self.samples - count, rng, |_| ());
            self.collect(true, rows);
        } else if 8 * count > self.samples / 64 {
            self.mark(count, rng, |_| ());
            self.collect(false, rows);
        } else {
            self.sparse(count, rows, rng);
        }
    }

    /// Rejects repetitions; what is left after each is uniform among the rows not yet drawn.
    fn few<R: Rng + ?Sized>(&self, count: usize, rows: &mut Vec<u32>, rng: &mut R) {
        let start = rows.len();
        while rows.len() < start + count {
            let row = rng.random_range(0..self.samples as u32);
            if !rows[start..].contains(&row) {
                rows.push(row);
            }
        }
        rows[start..].sort_unstable();
    }

    /// As `few`, with the bitmap as memory; only the bits drawn are visited again.
    fn sparse<R: Rng + ?Sized>(&mut self, count: usize, rows: &mut Vec<u32>, rng: &mut R) {
        let start = rows.len();
        self.mark(count, rng, |row| rows.push(row));
        rows[start..].sort_unstable();
        for row in &rows[start..] {
            self.taken[*row as usize / 64] = 0;
        }
    }

    /// Sets `count` bits of rows drawn without repetition.
    fn mark<R: Rng + ?Sized>(&mut self, count: usize, rng: &mut R, mut drawn: impl FnMut(u32)) {
        self.taken.resize(self.samples.div_ceil(64), 0);
        let mut missing = count;
        while missing > 0 {
            let row = rng.random_range(0..self.samples as u32);
            let (word, bit) = (&mut self.taken[row as usize / 64], 1 << (row % 64));
            if *word & bit == 0 {
                *word |= bit;
                missing -= 1;
                drawn(row);
            }
        }
    }

    /// Appends the rows whose bit is set (or, `inverted`, is not) and clears the bitmap.
    fn collect(&mut self, inverted: bool, rows: &mut Vec<u32>) {
        let flip = if inverted { u64::MAX } else { 0 };
        for (at, word) in self.taken.iter_mut().enumerate() {
            let first = 64 * at as u32;
            let beyond = (self.samples as u32 - first).min(64);
            let mut bits = (*word ^ flip) & (u64::MAX >> (64 - beyond));
            *word = 0;
            while bits != 0 {
                rows.push(first + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RowSource;
    use crate::Key;
    use statrs::distribution::{ChiSquared, ContinuousCDF};

    #[test]
    fn rows_are_distinct_ascending_and_as_many_as_asked() {
        let mut rng = Key::new(3).stream();
        for samples in [1, 2, 63, 64, 65, 1000, 100_000] {
            let mut source = RowSource::independent(samples);
            for count in [0, 1, 15, 16, 17, samples / 3, samples / 2 + 1, samples - 1, samples] {
                let count = count.min(samples);
                let mut rows = vec![7];
                source.draw(count, &mut rows, &mut rng);
                assert_eq!(rows[0], 7);
                assert_eq!(rows.len(), count + 1);
                assert!(rows[1..].windows(2).all(|pair| pair[0] < pair[1]));
                assert!(rows[1..].iter().all(|row| (*row as usize) < samples));
            }
        }
    }

    #[test]
    fn a_deck_deals_every_row_once() {
        let mut rng = Key::new(4).stream();
        let mut source = RowSource::partition(100, &mut rng);
        let mut rows = Vec::new();
        for count in [60, 1, 39] {
            source.draw(count, &mut rows, &mut rng);
        }
        rows.sort_unstable();
        assert!(rows.iter().copied().eq(0..100));
    }

    /// Every row is equally likely in each of the ways to draw: χ² over 40 classes of rows, α =
    /// 1e-3 shared by 5 cases, n = 4 000 subsets each, seed 6.
    #[test]
    fn subsets_are_uniform() {
        for (samples, count) in [(40, 2), (40, 16), (40, 18), (40, 25), (12_000, 20)] {
            let mut rng = Key::new(6).index(count as u64).stream();
            let mut source = RowSource::independent(samples);
            let mut hits = [0.0; 40];
            for _ in 0..4_000 {
                let mut rows = Vec::new();
                source.draw(count, &mut rows, &mut rng);
                for row in rows {
                    hits[row as usize % 40] += 1.0;
                }
            }
            let expected = 4_000.0 * count as f64 / 40.0;
            let chi2: f64 = hits.iter().map(|hit: &f64| (hit - expected).powi(2) / expected).sum();
            // Without repetition the counts are hypergeometric: their variance is smaller by this
            // factor.
            let left = (samples - count) as f64 / (samples as f64 - 1.0);
            let p = ChiSquared::new(39.0).unwrap().sf(chi2 / left);
            assert!(p > 1e-3 / 5.0, "{count} of {samples}: p-value {p}");
        }
    }
}
