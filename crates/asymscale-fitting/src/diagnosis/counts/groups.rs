//! Features with the same count, taken together: every estimate of a diagnosis is computed from
//! these groups.

use std::collections::BTreeMap;

/// All features of one count `k`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct CountGroup {
    /// How many.
    pub(crate) features: f64,
    /// `Σ S_i`, where `S_i` is the energy of feature `i` summed over its activations (`k` where
    /// unknown).
    pub(crate) energy: f64,
    /// `Σ S_i²`.
    pub(crate) square: f64,
}

/// Counts below this are counted in a table; the others, of which there are few, are sorted.
const TABULATED: u64 = 1 << 16;

/// Groups whose activations have energy 1: what [`groups`] gives, without a number beside each
/// count.
pub(super) fn binary_groups(counts: &[u64]) -> BTreeMap<u64, CountGroup> {
    let mut tally = vec![0_u64; TABULATED as usize];
    let mut large = Vec::new();
    for &count in counts {
        if count < TABULATED { tally[count as usize] += 1 } else { large.push(count) }
    }
    large.sort_unstable();
    let small = (1..)
        .zip(&tally[1..])
        .filter(|(_, features)| **features > 0)
        .map(|(count, &many)| (count, many));
    let large = large.chunk_by(|a, b| a == b).map(|rows| (rows[0], rows.len() as u64));
    small
        .chain(large)
        .map(|(count, features)| (count, binary_group(count, features as f64)))
        .collect()
}

/// A group of `features` features of one count, each activation with energy 1.
pub(super) fn binary_group(count: u64, features: f64) -> CountGroup {
    let count = count as f64;
    CountGroup { features, energy: features * count, square: features * count * count }
}

/// Groups of counts, each row with the energy of its feature.
pub(super) fn groups(counts: &[u64], energy: impl Fn(usize) -> f64) -> BTreeMap<u64, CountGroup> {
    let mut rows: Vec<(u64, f64)> = counts
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0)
        .map(|(row, &count)| (count, energy(row)))
        .collect();
    // Sums must not depend on the order of rows.
    rows.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let group = |rows: &[(u64, f64)]| CountGroup {
        features: rows.len() as f64,
        energy: rows.iter().map(|row| row.1).sum(),
        square: rows.iter().map(|row| row.1 * row.1).sum(),
    };
    rows.chunk_by(|a, b| a.0 == b.0).map(|rows| (rows[0].0, group(rows))).collect()
}

#[cfg(test)]
mod tests {
    use super::{TABULATED, groups};
    use crate::diagnosis::ActivationCounts;

    #[test]
    fn counts_are_grouped_alike_with_and_without_energies() {
        let around = TABULATED - 2..TABULATED + 2;
        let rows: Vec<u64> =
            around.clone().chain([1, 0, 3, 1 << 40]).chain(around).chain([3, 1]).collect();
        let counts = ActivationCounts::new(&rows, 1 << 41).expect("valid counts");
        assert_eq!(counts.groups, groups(&rows, |row| rows[row] as f64));
        let moments: Vec<f64> = rows.iter().map(|&count| 2.5 * count as f64).collect();
        let weighted = counts.clone().with_second_moments(&moments).expect("valid moments");
        assert_ne!(weighted.groups, counts.groups);
        assert_eq!(weighted.as_activity().into_owned(), counts);
    }
}
