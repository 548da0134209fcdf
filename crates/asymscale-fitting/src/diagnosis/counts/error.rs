//! What can be wrong with counts, and with what is asked of them.

/// What is wrong with counts and what is said of them.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CountsError {
    /// A share of activity that is none.
    #[error("share of activity = {share}: must be > 0 and < 1")]
    Share {
        /// The share asked for.
        share: f64,
    },
    /// A pair beyond the features or samples there are.
    #[error(
        "pair {row}, feature {feature} in sample {sample}: must be below {features} and {samples}"
    )]
    Pair {
        /// The feature.
        feature: u32,
        /// The sample.
        sample: u32,
        /// Its place, from 1.
        row: usize,
        /// How many features there are.
        features: usize,
        /// How many samples there are.
        samples: usize,
    },
    /// A question after a share of features that is none, or after no activations.
    #[error(
        "share of features = {share}, active {times} times: must be > 0 and <= 1, and at least once"
    )]
    Until {
        /// The share asked for.
        share: f64,
        /// The activations asked for.
        times: u64,
    },
    /// A step of gradient descent that is none.
    #[error("rate = {rate}: must be a finite number > 0")]
    Rate {
        /// The rate given.
        rate: f64,
    },
    /// Samples of one group only.
    #[error("groups of samples = {found}: must be at least 2")]
    Groups {
        /// Groups found.
        found: usize,
    },
    /// Fewer features in all than were given.
    #[error("{total} features in all: must be at least the {features} that the table holds")]
    Total {
        /// The number said.
        total: usize,
        /// Features given.
        features: usize,
    },
    /// A smallest count that the table cannot have.
    #[error("smallest count {floor}: must be in 1..={largest}, the largest count of the table")]
    Floor {
        /// The number said.
        floor: u64,
        /// The largest count.
        largest: u64,
    },
}
