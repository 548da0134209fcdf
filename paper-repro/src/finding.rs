//! A finding: what was predicted, what was measured, how sure, and the verdict that follows.

use crate::{Measured, Tolerance, rounded};
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

    /// The value with its sign of comparison, rounded to a tenth of `scale`. Nothing is known to be
    /// at most zero but for a tolerance, which is then the bound.
    pub(crate) fn text(self, scale: f64, tolerance: f64) -> String {
        match self {
            Self::Equals(value) => rounded(value, scale),
            Self::AtLeast(value) => format!("≥ {}", rounded(value, scale)),
            Self::AtMost(0.0) if tolerance > 0.0 => format!("≤ {}", rounded(tolerance, tolerance)),
            Self::AtMost(value) => format!("≤ {}", rounded(value, scale)),
        }
    }

    /// How far a value is on the wrong side, or from the predicted one.
    pub(crate) fn distance(self, value: f64) -> f64 {
        match self {
            Self::Equals(predicted) => (value - predicted).abs(),
            Self::AtLeast(bound) => (bound - value).max(0.0),
            Self::AtMost(bound) => (value - bound).max(0.0),
        }
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
    /// The measured value, and what is known of its error.
    #[serde(flatten)]
    pub measured: Measured,
    /// What disagreement is allowed, and why.
    pub tolerance: Tolerance,
    /// What follows.
    pub verdict: Verdict,
}

impl Finding {
    /// Begins a finding by its name and what is being measured, in words.
    ///
    /// Its parts are the prediction, the measured value and the tolerance, in this order; the
    /// compiler asks for each of them. The verdict follows. It *fails* if the whole interval lies
    /// outside the tolerated region. It *holds* if the measured value lies inside and the interval
    /// does not reach further outside than the tolerance itself. It is *inconclusive* otherwise,
    /// and where anything is NaN. A value that is exact, or has no interval, is judged by itself.
    ///
    /// ```
    /// use paper_repro::{Finding, Measured, Prediction, Tolerance, Verdict};
    /// let verdict = |measured: Measured| {
    ///     Finding::of("slope", "a slope")
    ///         .claim("C6")
    ///         .predicted(Prediction::Equals(1.0))
    ///         .measured(measured)
    ///         .within(Tolerance::statistical(0.1, "32 designs"))
    ///         .verdict
    /// };
    /// assert_eq!(verdict((1.02, (0.95, 1.08)).into()), Verdict::Holds);
    /// assert_eq!(verdict((1.25, (1.2, 1.3)).into()), Verdict::Fails);
    /// assert_eq!(verdict((1.0, (0.2, 1.8)).into()), Verdict::Inconclusive);
    /// assert_eq!(verdict(Measured::Exact(1.05)), Verdict::Holds);
    /// assert_eq!(verdict(Measured::NoInterval(1.2)), Verdict::Fails);
    /// ```
    pub fn of(id: impl Into<String>, statement: impl Into<String>) -> Statement {
        Statement { id: id.into(), claim: None, text: statement.into() }
    }
}

/// A finding of which only the statement is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    id: String,
    claim: Option<&'static str>,
    text: String,
}

impl Statement {
    /// The claim of the abstract that the finding bears on.
    #[must_use]
    pub fn claim(self, claim: &'static str) -> Self {
        Self { claim: Some(claim), ..self }
    }

    /// What the measured value is held against.
    pub fn predicted(self, predicted: Prediction) -> Predicted {
        Predicted { statement: self, predicted }
    }
}

/// A finding that is not measured yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicted {
    statement: Statement,
    predicted: Prediction,
}

impl Predicted {
    /// The measured value, with what is known of its error.
    pub fn measured(self, measured: impl Into<Measured>) -> Unjudged {
        Unjudged { predicted: self, measured: measured.into() }
    }
}

/// A finding that lacks only its tolerance.
#[derive(Debug, Clone, PartialEq)]
pub struct Unjudged {
    predicted: Predicted,
    measured: Measured,
}

impl Unjudged {
    /// The finding with its verdict, given how much disagreement is allowed.
    pub fn within(self, tolerance: Tolerance) -> Finding {
        let Self { predicted: Predicted { statement, predicted }, measured } = self;
        let Statement { id, claim, text: statement } = statement;
        let value = measured.value();
        let interval = measured.interval().unwrap_or((value, value));
        let verdict = judge(predicted.region(tolerance.width), value, interval, tolerance.width);
        Finding { id, claim, statement, predicted, measured, tolerance, verdict }
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

    fn verdict(predicted: Prediction, measured: impl Into<Measured>) -> Verdict {
        let tolerance = Tolerance::grid_step(0.01, "a step");
        Finding::of("x", "").predicted(predicted).measured(measured).within(tolerance).verdict
    }

    #[test]
    fn bounds_are_one_sided() {
        assert_eq!(verdict(Prediction::AtLeast(0.9), (0.99, (0.98, 1.0))), Verdict::Holds);
        assert_eq!(verdict(Prediction::AtLeast(0.9), (0.5, (0.4, 0.6))), Verdict::Fails);
        assert_eq!(verdict(Prediction::AtMost(0.1), (0.05, (0.04, 0.06))), Verdict::Holds);
        assert_eq!(verdict(Prediction::AtMost(0.1), (0.05, (0.0, 0.3))), Verdict::Inconclusive);
    }

    #[test]
    fn a_measurement_that_is_no_number_is_inconclusive() {
        let nan = f64::NAN;
        assert_eq!(verdict(Prediction::Equals(1.0), (nan, (nan, nan))), Verdict::Inconclusive);
        assert_eq!(verdict(Prediction::Equals(1.0), Measured::Exact(nan)), Verdict::Inconclusive);
    }

    #[test]
    fn an_unknown_interval_is_null_and_that_of_an_exact_value_a_point() {
        let json = |measured: Measured| {
            let tolerance = Tolerance::exact("a bound");
            let finding =
                Finding::of("x", "").predicted(Prediction::AtMost(2.0)).measured(measured);
            serde_json::to_value(finding.within(tolerance)).unwrap()
        };
        let unknown = json(Measured::NoInterval(1.0));
        assert_eq!(
            (unknown["measured"].as_f64(), unknown["interval"].is_null()),
            (Some(1.0), true)
        );
        assert_eq!(json(Measured::Exact(1.0))["interval"], serde_json::json!([1.0, 1.0]));
        assert_eq!(unknown["tolerance"]["kind"], "exact");
    }
}
