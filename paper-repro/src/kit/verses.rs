//! A real text as sparse activations: a sample is a verse, a feature is a word.

use asymscale_fitting::FittingError;
use asymscale_fitting::diagnosis::{ActivityLaw, thin_counts};
use rand::Rng;

/// Verses of the King James Bible (counted from Debian's package `bible-kjv-text`; text of 1611 and 1769, in the public
/// domain outside the United Kingdom). The table is that of the tests of `asymscale-fitting`.
const TABLE: &str = include_str!("../../../crates/asymscale-fitting/tests/data/kjv-verse-words.csv");

/// Verses there are.
pub const VERSES: u64 = 31_102;

/// In how many verses each word stands, most frequent first.
pub fn verse_counts() -> Vec<u64> {
    let verses = |line: &str| line.split(',').nth(2).and_then(|field| field.parse().ok());
    let mut counts: Vec<u64> = TABLE.lines().skip(1).filter_map(verses).collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    counts
}

/// A number that changes with the table: part of a cell's parameters, so that other data are other cells.
pub fn verses_version() -> u64 {
    super::seed_of(TABLE)
}

/// Counts in a random part of the verses and in 2, 4 and 16 times as many, one inside the other: factor, verses, counts.
///
/// # Errors
/// As [`thin_counts`]; none for parts from 1 on.
pub fn nested_verses<R: Rng + ?Sized>(
    all: &[u64],
    part: u64,
    rng: &mut R,
) -> Result<Vec<(u64, u64, Vec<u64>)>, FittingError> {
    let mut read: Vec<(u64, u64, Vec<u64>)> = Vec::new();
    for factor in [16, 4, 2, 1].into_iter().filter(|factor| *factor <= part) {
        let (verses, counts) = read.last().map_or((VERSES, all), |(_, verses, counts)| (*verses, counts));
        let kept = factor * (VERSES / part);
        let counts = thin_counts(counts, verses, kept, rng)?;
        read.push((factor, kept, counts));
    }
    read.reverse();
    Ok(read)
}

/// Words per verse, in the verses not read, that the `verses` read do not hold. Where (nearly) all are read the next verse
/// is not there to be looked at: then what all of them leave unseen by Good and Turing's estimate.
pub fn still_unseen(all: &[u64], read: &[u64], verses: u64) -> f64 {
    if VERSES - verses < 100 {
        return all.iter().filter(|count| **count == 1).count() as f64 / VERSES as f64;
    }
    let missed: u64 = all.iter().zip(read).filter(|(_, read)| **read == 0).map(|(all, _)| all).sum();
    missed as f64 / (VERSES - verses) as f64
}

/// The straight line through the logarithms of count and rank, as a law of activity: what is often done, and should not be.
pub fn line_through_ranks(counts: &[u64], samples: f64) -> ActivityLaw {
    let mut seen: Vec<f64> = counts.iter().filter(|count| **count > 0).map(|count| *count as f64).collect();
    seen.sort_by(|a, b| b.total_cmp(a));
    let n = seen.len() as f64;
    let points = || seen.iter().zip(1..).map(|(count, rank)| (f64::from(rank).ln(), (count / samples).ln()));
    let (x, y) = points().fold((0.0, 0.0), |(x, y), at| (x + at.0 / n, y + at.1 / n));
    let (xy, xx) =
        points().fold((0.0, 0.0), |(xy, xx), at| (xy + (at.0 - x) * (at.1 - y), xx + (at.0 - x).powi(2)));
    let slope = xy / xx;
    ActivityLaw { beta: -slope, onset: (x - y / slope).exp() }
}
