//! What can be wrong with a request for a design.

use thiserror::Error;

/// A request that no sampler can meet, or data that are no design.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum SamplingError {
    /// No sample was asked for, or more than row numbers can tell apart.
    #[error("samples = {0}: must be a whole number >= 1 and <= 4294967295")]
    Samples(usize),
    /// Every sample would have infinitely many active coordinates.
    #[error(
        "beta = {beta}: sampling with coordinates = inf needs beta > 1 (or choose a finite number of \
         coordinates)"
    )]
    Beta {
        /// The activity exponent.
        beta: f64,
    },
    /// As [`SamplingError::Beta`], for a uniform activity.
    #[error(
        "coordinates = inf: a uniform activity ({probability}) can be sampled for a finite number of \
         coordinates only"
    )]
    Uniform {
        /// The activity of every coordinate.
        probability: f64,
    },
    /// Seen coordinates would have numbers beyond the range of floats.
    #[error(
        "beta = {beta}: too near 1 for samples = {samples} with coordinates = inf, {beyond:.1e} coordinates \
         beyond 1e300 would be seen (at most 1e-6 are allowed, so samples <= {allowed})"
    )]
    Range {
        /// The activity exponent.
        beta: f64,
        /// Number of samples.
        samples: usize,
        /// Expected number of such coordinates.
        beyond: f64,
        /// The largest number of samples at this exponent, 0 if there is none.
        allowed: u64,
    },
    /// A design too large to be held.
    #[error(
        "coordinates and samples make about {entries:.1e} entries, {:.1} GiB: must be <= {:.1} GiB",
        *bytes / f64::from(1 << 30), *largest / f64::from(1 << 30)
    )]
    Size {
        /// Expected number of entries, of coordinates if these are more.
        entries: f64,
        /// Their bytes.
        bytes: f64,
        /// The most bytes a design may have.
        largest: f64,
    },
    /// Columns that are no design.
    #[error("column {index}: {reason}")]
    Column {
        /// Number of the coordinate.
        index: f64,
        /// What is wrong with it.
        reason: String,
    },
    /// An unseen mass that is no mass.
    #[error("unseen_mass = {0}: must be a finite number >= 0")]
    UnseenMass(f64),
    /// A level that no square can be held against.
    #[error("level = {0}: must be a finite number > 0")]
    Level(f64),
    /// No entry can be large.
    #[error("level = {level}: no rare coordinate has such a square, must be lower")]
    NoneLarge {
        /// What squares must exceed.
        level: f64,
    },
    /// Large entries have no law of their own: rare coordinates are not large.
    #[error("large entries need a power law of activity with beta > 1 + alpha = {needed}")]
    RareNotLarge {
        /// `1 + α`.
        needed: f64,
    },
}
