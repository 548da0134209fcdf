//! A finding: what was predicted, what was measured, how sure, and the verdict that follows.

use serde::Serialize;

/// What a measured value is held against.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "value")]
pub enum Prediction {
    /// The value itself, within the tolerance.
    Equals(f64),
    /// At least this much, less the tolerance.
    AtLeast(f64),
    /// At most this much, plus the tolerance.
    AtMost(f64),
}

impl Prediction {
    /// The predicted value or bound.
    pub fn value(self) -> f64 {
        let (Self::Equals(value) | Self::AtLeast(value) | Self::AtMost(value)) = self;
        value
    }

    /// The measured values that agree with it.
    fn region(self, tolerance: f64) -> (f64, f64) {
        match self {
            Self::Equals(value) => (value - tolerance, value + tolerance),
            Self::AtLeast(value) => (value - tolerance, f64::INFINITY),
            Self::AtMost(value) => (f64::NEG_INFINITY, value + tolerance),
        }
    }
}

/// How much disagreement is allowed, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tolerance {
    /// Largest allowed distance, in the unit of the measured value.
    pub width: f64,
    /// Where it comes from: rounding, Monte-Carlo error, finite size, grid step.
    pub source: &'static str,
}

impl Tolerance {
    /// A tolerance and where it comes from.
    pub const fn new(width: f64, source: &'static str) -> Self {
        Self { width, source }
    }
}

/// What follows from a measurement and its interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The measured value agrees, and its interval is not wider than the tolerance allows to tell.
    Holds,
    /// The whole interval disagrees.
    Fails,
    /// Neither: the measurement is too coarse to tell.
    Inconclusive,
}

impl Verdict {
    /// The verdict in a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Fails => "fails",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// A measured statement with its verdict. The verdict is computed, never given.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// Short name, unique in its chapter, by which prose cites it.
    pub id: String,
    /// The claim of the abstract it bears on: `C1` … `C10`, or none.
    pub claim: Option<&'static str>,
    /// What is being measured, in words.
    pub statement: String,
    /// What it is held against.
    pub predicted: Prediction,
    /// The measured value.
    pub measured: f64,
    /// A 95 % interval of the measured value; a point where it is exact.
    pub interval: (f64, f64),
    /// What disagreement is allowed, and why.
    pub tolerance: Tolerance,
    /// What follows.
    pub verdict: Verdict,
}

impl Finding {
    /// A finding with its verdict.
    ///
    /// *Fails* if the whole interval lies outside the tolerated region. *Holds* if the measured
    /// value lies inside it and the interval does not reach further outside than the tolerance
    /// itself. *Inconclusive* otherwise, and where anything is NaN.
    ///
    /// ```
    /// use paper_repro::{Finding, Prediction, Tolerance, Verdict};
    /// let tolerance = Tolerance { width: 0.1, source: "Monte-Carlo error" };
    /// let verdict = |low, high| {
    ///     let measured = 0.5 * (low + high);
    ///     Finding::new("slope", None, "a slope", Prediction::Equals(1.0), measured, (low, high), tolerance.clone())
    ///         .verdict
    /// };
    /// assert_eq!(verdict(0.95, 1.08), Verdict::Holds);
    /// assert_eq!(verdict(1.2, 1.3), Verdict::Fails);
    /// assert_eq!(verdict(0.2, 1.8), Verdict::Inconclusive);
    /// ```
    pub fn new(
        id: impl Into<String>,
        claim: Option<&'static str>,
        statement: impl Into<String>,
        predicted: Prediction,
        measured: f64,
        interval: (f64, f64),
        tolerance: Tolerance,
    ) -> Self {
        let verdict = judge(predicted.region(tolerance.width), measured, interval, tolerance.width);
        let (id, statement) = (id.into(), statement.into());
        Self { id, claim, statement, predicted, measured, interval, tolerance, verdict }
    }
}

impl Finding {
    /// A finding about a value without sampling error: computed by theory, or the worst or the
    /// share of many.
    pub fn exact(
        id: impl Into<String>,
        claim: Option<&'static str>,
        statement: impl Into<String>,
        predicted: Prediction,
        value: f64,
        tolerance: Tolerance,
    ) -> Self {
        Self::new(id, claim, statement, predicted, value, (value, value), tolerance)
    }
}

fn judge(region: (f64, f64), measured: f64, (low, high): (f64, f64), width: f64) -> Verdict {
    let inside = region.0 <= measured && measured <= region.1;
    let sharp = low >= region.0 - width && high <= region.1 + width;
    let outside = high < region.0 || low > region.1;
    match (outside, inside && sharp) {
        (true, _) => Verdict::Fails,
        (false, true) => Verdict::Holds,
        (false, false) => Verdict::Inconclusive,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(predicted: Prediction, measured: f64, interval: (f64, f64)) -> Verdict {
        let tolerance = Tolerance { width: 0.01, source: "grid step" };
        Finding::new("x", None, "", predicted, measured, interval, tolerance).verdict
    }

    #[test]
    fn bounds_are_one_sided() {
        assert_eq!(verdict(Prediction::AtLeast(0.9), 0.99, (0.98, 1.0)), Verdict::Holds);
        assert_eq!(verdict(Prediction::AtLeast(0.9), 0.5, (0.4, 0.6)), Verdict::Fails);
        assert_eq!(verdict(Prediction::AtMost(0.1), 0.05, (0.04, 0.06)), Verdict::Holds);
        assert_eq!(verdict(Prediction::AtMost(0.1), 0.05, (0.0, 0.3)), Verdict::Inconclusive);
    }

    #[test]
    fn a_measurement_that_is_no_number_is_inconclusive() {
        assert_eq!(
            verdict(Prediction::Equals(1.0), f64::NAN, (f64::NAN, f64::NAN)),
            Verdict::Inconclusive
        );
    }
}
