//! What can be wrong with a request for a design.

use asymscale_model::{InvalidInput, LibraryError};
use thiserror::Error;

/// A request that no sampler can meet, or data that are no design.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{}", self.input_text())]
#[non_exhaustive]
pub enum SamplingError {
    /// No sample was asked for, or more than row numbers can tell apart.
    Samples(usize),
    /// Every sample would have infinitely many active coordinates.
    Beta {
        /// The activity exponent.
        beta: f64,
    },
    /// As [`SamplingError::Beta`], for a uniform activity.
    Uniform {
        /// The activity of every coordinate.
        probability: f64,
    },
    /// Seen coordinates would have numbers beyond the range of floats.
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
    Size {
        /// Expected number of entries, of coordinates if these are more.
        entries: f64,
        /// Their bytes.
        bytes: f64,
        /// The most bytes a design may have.
        largest: f64,
    },
    /// Columns that are no design.
    Column {
        /// Number of the coordinate.
        index: f64,
        /// What is wrong with it.
        reason: String,
    },
    /// An unseen mass that is no mass.
    UnseenMass(f64),
    /// A level that no square can be held against.
    Level(f64),
    /// No entry can be large.
    NoneLarge {
        /// What squares must exceed.
        level: f64,
    },
    /// Large entries have no law of their own: rare coordinates are not large.
    RareNotLarge {
        /// `1 + α`.
        needed: f64,
    },
}

/// Bytes in GiB.
fn gib(bytes: f64) -> f64 {
    bytes / f64::from(1 << 30)
}

impl LibraryError for SamplingError {
    fn invalid_input(&self) -> Option<InvalidInput> {
        Some(match self {
            Self::Samples(samples) => InvalidInput::of(
                "samples",
                samples,
                "must be a whole number >= 1 and <= 4294967295",
            ),
            Self::Beta { beta } => InvalidInput::of(
                "beta",
                beta,
                "sampling with coordinates = inf needs beta > 1 (or choose a finite number of \
                 coordinates)",
            ),
            Self::Uniform { probability } => InvalidInput::of(
                "coordinates",
                "inf",
                format!(
                    "a uniform activity ({probability}) can be sampled for a finite number of \
                     coordinates only"
                ),
            ),
            Self::Range { beta, samples, beyond, allowed } => InvalidInput::of(
                "beta",
                beta,
                format!(
                    "too near 1 for samples = {samples} with coordinates = inf, {beyond:.1e} \
                     coordinates beyond 1e300 would be seen (at most 1e-6 are allowed, so samples \
                     <= {allowed})"
                ),
            ),
            Self::Size { entries, bytes, largest } => InvalidInput::text(format!(
                "coordinates and samples make about {entries:.1e} entries, {:.1} GiB: must be <= \
                 {:.1} GiB",
                gib(*bytes),
                gib(*largest)
            )),
            Self::Column { index, reason } => {
                InvalidInput::text(format!("column {index}: {reason}"))
            }
            Self::UnseenMass(mass) => {
                InvalidInput::of("unseen_mass", mass, "must be a finite number >= 0")
            }
            Self::Level(level) => InvalidInput::of("level", level, "must be a finite number > 0"),
            Self::NoneLarge { level } => InvalidInput::of(
                "level",
                level,
                "no rare coordinate has such a square, must be lower",
            ),
            Self::RareNotLarge { needed } => InvalidInput::text(format!(
                "large entries need a power law of activity with beta > 1 + alpha = {needed}"
            )),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::SamplingError;
    use asymscale_model::LibraryError;

    /// One of each variant with the parameter that it is about and its message.
    fn all() -> [(SamplingError, Option<&'static str>, &'static str); 10] {
        [
            (
                SamplingError::Samples(0),
                Some("samples"),
                "samples = 0: must be a whole number >= 1 and <= 4294967295",
            ),
            (
                SamplingError::Beta { beta: 1.0 },
                Some("beta"),
                "beta = 1: sampling with coordinates = inf needs beta > 1 (or choose a finite \
                 number of coordinates)",
            ),
            (
                SamplingError::Uniform { probability: 0.5 },
                Some("coordinates"),
                "coordinates = inf: a uniform activity (0.5) can be sampled for a finite number \
                 of coordinates only",
            ),
            (
                SamplingError::Range { beta: 1.01, samples: 10, beyond: 0.5, allowed: 3 },
                Some("beta"),
                "beta = 1.01: too near 1 for samples = 10 with coordinates = inf, 5.0e-1 \
                 coordinates beyond 1e300 would be seen (at most 1e-6 are allowed, so samples <= 3)",
            ),
            (
                SamplingError::Size {
                    entries: 1e10,
                    bytes: 16.0 * 1e10,
                    largest: 8.0 * 1_073_741_824.0,
                },
                None,
                "coordinates and samples make about 1.0e10 entries, 149.0 GiB: must be <= 8.0 GiB",
            ),
            (
                SamplingError::Column { index: 3.0, reason: "is empty".into() },
                None,
                "column 3: is empty",
            ),
            (
                SamplingError::UnseenMass(-1.0),
                Some("unseen_mass"),
                "unseen_mass = -1: must be a finite number >= 0",
            ),
            (SamplingError::Level(0.0), Some("level"), "level = 0: must be a finite number > 0"),
            (
                SamplingError::NoneLarge { level: 9.0 },
                Some("level"),
                "level = 9: no rare coordinate has such a square, must be lower",
            ),
            (
                SamplingError::RareNotLarge { needed: 2.0 },
                None,
                "large entries need a power law of activity with beta > 1 + alpha = 2",
            ),
        ]
    }

    #[test]
    fn every_error_is_bad_input_and_names_its_parameter() {
        for (error, parameter, message) in all() {
            assert_eq!(error.to_string(), message);
            assert_eq!(error.invalid_input().map(|input| input.parameter()), Some(parameter));
        }
    }
}
