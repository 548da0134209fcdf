//! A real text as sparse activations: a sample is a verse, a feature is a word.

use sha2::{Digest, Sha256};

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

/// A few digits of the table's SHA-256: part of a cell's parameters, so that other data are other cells.
pub fn verse_digest() -> String {
    Sha256::digest(TABLE).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
