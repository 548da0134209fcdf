//! What can be wrong with the data or the options of a fit.

use thiserror::Error;

use crate::checks::{all_allowed, allowed, written};
use crate::runs::list_rows;

/// Input outside its domain. Every variant carries the offending value, and its message names the
/// parameter and the allowed range. Rows are counted from 1.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum FittingError {
    /// Two lists that must be of one length are not.
    #[error("{what} has {found} entries: must have {expected}, one per {per}")]
    Length {
        /// The list that does not fit.
        what: String,
        /// Its length.
        found: usize,
        /// The length it should have.
        expected: usize,
        /// What an entry stands for.
        per: &'static str,
    },
    /// A size whose logarithm does not exist.
    #[error("size = {value} in {place}: must be a finite number > 0")]
    Size {
        /// Where the value stands.
        place: String,
        /// The value found.
        value: f64,
    },
    /// A loss whose logarithm does not exist.
    #[error("loss = {value} in {place}: must be a finite number > 0")]
    Loss {
        /// Where the value stands.
        place: String,
        /// The value found.
        value: f64,
    },
    /// A standard error that cannot serve as one.
    #[error("standard error = {value} in {place}: must be a finite number > 0")]
    StandardError {
        /// Where the value stands.
        place: String,
        /// The value found.
        value: f64,
    },
    /// A size given twice where each may stand once.
    #[error(
        "size = {0} appears more than once: sizes must be distinct when losses carry no design"
    )]
    DuplicateSize(f64),
    /// Too few sizes for what is asked.
    #[error("distinct sizes = {found}: must be >= {needed}")]
    TooFewSizes {
        /// Distinct sizes found.
        found: usize,
        /// Distinct sizes needed.
        needed: usize,
    },
    /// A design that should contribute a whole curve lacks a size.
    #[error("design {block} has no loss at size {size}: shared designs need a loss at every size")]
    MissingBlock {
        /// The design.
        block: String,
        /// The size without a loss.
        size: f64,
    },
    /// Too few designs at a size.
    #[error("designs = {found} at size {size}: must be >= {needed} {purpose}")]
    TooFewDesigns {
        /// The size.
        size: f64,
        /// Designs found there.
        found: usize,
        /// Designs needed.
        needed: usize,
        /// What they are needed for.
        purpose: &'static str,
    },
    /// A resampling interval of data that cannot be resampled.
    #[error("interval = {0}: needs replicate designs; without them only the delta interval exists")]
    NothingToResample(&'static str),
    /// Weights from standard errors that are not there.
    #[error(
        "weights = standard errors: size {0} has none; give replicates or standard errors, or use unit weights"
    )]
    NoStandardError(f64),
    /// Weights from a standard error of zero.
    #[error(
        "standard error = 0 at size {0}: weights need a value > 0; all its losses are equal, use unit weights"
    )]
    ZeroStandardError(f64),
    /// A nominal level that is no probability.
    #[error("level = {0}: must lie strictly between 0 and 1")]
    Level(f64),
    /// Too few bootstrap resamples for the tails asked for.
    #[error("resamples = {found}: must be >= {needed} at level {level}")]
    Resamples {
        /// Resamples asked for.
        found: usize,
        /// Resamples needed.
        needed: usize,
        /// The nominal level.
        level: f64,
    },
    /// A window whose ends are not an interval of sizes.
    #[error("window = [{low}, {high}]: must satisfy 0 < low < high")]
    WindowRange {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// A window that holds too few sizes.
    #[error(
        "window = [{low}, {high}] holds {found} of the {available} sizes: must hold >= {needed}"
    )]
    WindowTooShort {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
        /// Sizes inside.
        found: usize,
        /// Sizes of the series.
        available: usize,
        /// Sizes needed.
        needed: usize,
    },
    /// A minimum number of sizes the window rule cannot work with.
    #[error("window minimum = {found}: must be a whole number >= {needed}")]
    WindowMinimum {
        /// The minimum asked for.
        found: usize,
        /// The least that works.
        needed: usize,
    },
    /// A tolerated drift of the exponent that is no tolerance.
    #[error("window drift = {0}: must be a finite number >= 0")]
    WindowDrift(f64),
    /// A significance of the window rule that is no probability.
    #[error("window significance = {0}: must lie strictly between 0 and 1")]
    WindowSignificance(f64),
    /// A spacing of local slopes that is no factor.
    #[error("spacing factor = {0}: must be a finite number > 1")]
    Factor(f64),
    /// A spacing of local slopes that no two sizes have.
    #[error(
        "spacing factor = {factor}: must be <= {largest}, the ratio of the largest size to the smallest"
    )]
    FactorTooLarge {
        /// The factor asked for.
        factor: f64,
        /// The largest ratio there is.
        largest: f64,
    },
    /// A number of samples that counts cannot come from.
    #[error("samples = {0}: must be a whole number from 2 to 2^53")]
    Samples(f64),
    /// A count that is no number of samples.
    #[error("count = {value} in row {row}: must be a whole number from 0 to samples = {samples}")]
    Count {
        /// The value found.
        value: f64,
        /// Its row, counted from 1.
        row: usize,
        /// Samples, the largest count there can be.
        samples: f64,
    },
    /// Counts of which none says anything.
    #[error("counts > 0: found 0 among {rows} rows; must be >= 1")]
    NoActiveFeature {
        /// Rows given.
        rows: usize,
    },
    /// What is said of counts does not fit them.
    #[error(transparent)]
    Counts(#[from] crate::diagnosis::CountsError),
    /// A second moment that disagrees with its count or is no number.
    #[error(
        "second moment = {} in row {row}: must be in 1e-100..1e100 where the count is > 0, and 0 where it is 0",
        written(*value)
    )]
    SecondMoment {
        /// The value found.
        value: f64,
        /// Its row, counted from 1.
        row: usize,
    },
    /// A spectral exponent that is none.
    #[error("alpha = {0}: must be a finite number > 0")]
    Alpha(f64),
    /// A factor of further data that is none.
    #[error("data factor = {}: must be > 1 and at most 1e100", written(*.0))]
    DataFactor(f64),
    /// A size of a random subset that there is no subset of.
    #[error("kept samples = {kept}: must be a whole number from 1 to {samples}")]
    KeptSamples {
        /// Samples to keep.
        kept: u64,
        /// Samples there are.
        samples: u64,
    },
    /// A part of the samples that there is none of.
    #[error("kept samples = {kept}: must lie from 0 to {most}")]
    PartOfSamples {
        /// Samples to keep.
        kept: f64,
        /// The most there can be.
        most: f64,
    },
    /// Values of runs whose logarithms, squares or products do not exist.
    #[error("{what} in {}: must be {}", list_rows(rows, values), all_allowed(values))]
    RunValues {
        /// The list they stand in.
        what: &'static str,
        /// Their rows.
        rows: Vec<usize>,
        /// The values.
        values: Vec<f64>,
    },
    /// Fewer runs than a fit needs.
    #[error("runs = {found}: must be >= {needed} for a law with {parameters} free parameters")]
    TooFewRuns {
        /// Runs found.
        found: usize,
        /// Runs needed.
        needed: usize,
        /// Free parameters of the law.
        parameters: usize,
    },
    /// Sizes that do not vary enough to tell the parameters of a law.
    #[error("distinct {what} = {found}: must be >= {needed} for this law")]
    TooFewDistinct {
        /// The size.
        what: &'static str,
        /// Distinct values found.
        found: usize,
        /// Distinct values needed.
        needed: usize,
    },
    /// Runs that all lie on one line of `ln N` and `ln D`.
    #[error(
        "{}; ln samples is a linear function of ln features but for {unexplained:.1e} of its variance: must leave >= {needed:e}, \
         or the two terms of the law cannot be told apart",
        ratio.map_or_else(
            || "D follows from N, so that nothing separates the two: vary D at the same N".to_owned(),
            |ratio| format!("every run has {ratio:.4} samples per feature, so that nothing separates N from D: vary it")
        )
    )]
    Collinear {
        /// Share of the variance of `ln D` that `ln N` leaves.
        unexplained: f64,
        /// Share needed.
        needed: f64,
        /// D/N, where it is the same in all runs.
        ratio: Option<f64>,
    },
    /// Parameters in all and active ones that lie on one line: the smaller spread over the larger,
    /// in squares of logarithms.
    #[error(
        "active features follow from features but for {0:.1e} of their spread: must leave >= 1e-4, or what is due to \
         either cannot be told apart"
    )]
    ActiveAlike(f64),
    /// Kinds of runs of which fewer than two, so many, can be fitted.
    #[error("kinds with enough runs = {0}: must be >= 2 to compare their laws")]
    TooFewKinds(usize),
    /// A fixed irreducible loss that is none.
    #[error("fixed e = {0}: must be a finite number >= 0")]
    Floor(f64),
    /// Losses that a fixed irreducible loss rules out.
    #[error("losses in {}: must be > fixed e = {floor}", list_rows(rows, values))]
    LossBelowFloor {
        /// The fixed irreducible loss.
        floor: f64,
        /// Rows not above it.
        rows: Vec<usize>,
        /// Their losses.
        values: Vec<f64>,
    },
    /// A weight of runs above the law that is none.
    #[error("weight of runs above the law = {0}: must be in (0, 1]")]
    Weight(f64),
    /// A weight of runs above the law where all runs count alike.
    #[error(
        "weight of runs above the law = {0}: the law of repeated data has none, use a symmetric objective"
    )]
    SymmetricOnly(f64),
    /// A residual beyond which the Huber loss is linear that is none, or below what fits resolve.
    #[error("delta = {}: must be in 1e-12..1e100", written(*.0))]
    Delta(f64),
    /// An option of a fit of runs out of its range.
    #[error("{what} = {}: must be {}", written(*value), allowed(*value))]
    FitOption {
        /// The option.
        what: &'static str,
        /// The value found.
        value: f64,
    },
    /// Runs that make no isoFLOP curve.
    #[error(transparent)]
    NoBudgets(#[from] crate::isoflop::NoBudgets),
    /// A fit none of whose starts, so many, has a finite objective.
    #[error("starts = {0}: the objective is finite at none of them; give others")]
    NoFiniteStart(usize),
    /// A fitted law that leaves nothing to allocate.
    #[error(
        "a = {a}, b = {b}, alpha = {alpha}, beta = {beta}: all must be > 0 for an optimal allocation to exist"
    )]
    NoOptimum {
        /// Fitted A.
        a: f64,
        /// Fitted B.
        b: f64,
        /// Fitted α.
        alpha: f64,
        /// Fitted β.
        beta: f64,
    },
    /// A bootstrap by groups of runs that have none.
    #[error("resampling = groups: the runs have no groups; give their labels or resample rows")]
    NoGroups,
    /// A bootstrap of too few groups.
    #[error("groups = {found}: must be >= {needed}, one more than the law has free parameters")]
    TooFewGroups {
        /// Groups found.
        found: usize,
        /// Groups needed.
        needed: usize,
    },
    /// Too few refits for any interval.
    #[error("resamples = {found}: must be >= {needed}")]
    FewResamples {
        /// Resamples asked for.
        found: usize,
        /// Resamples needed.
        needed: usize,
    },
    /// A share of audited refits that is none.
    #[error("audit = {0}: must be in [0, 1]")]
    AuditShare(f64),
    /// A frame that is not what is asked for.
    #[cfg(feature = "frames")]
    #[error(transparent)]
    Frame(#[from] crate::frame::FrameError),
    /// What is wrong in one group of a frame.
    #[cfg(feature = "frames")]
    #[error("group {group}: {source}")]
    Group {
        /// The group's columns and values.
        group: String,
        /// What is wrong there.
        source: Box<FittingError>,
    },
}

impl FittingError {
    /// Whether the data or the options are at fault; else a computation failed on data that are
    /// allowed.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        match self {
            Self::NoFiniteStart(_) => false,
            #[cfg(feature = "frames")]
            Self::Frame(crate::frame::FrameError::Polars(_)) => false,
            #[cfg(feature = "frames")]
            Self::Group { source, .. } => source.is_invalid_input(),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descent_without_an_end_is_no_bad_input() {
        assert!(!FittingError::NoFiniteStart(7).is_invalid_input());
        assert!(FittingError::Level(1.0).is_invalid_input());
    }
}
