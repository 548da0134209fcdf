//! How much disagreement a finding allows, of what kind it is, and where it comes from.

use serde::Serialize;
use std::fmt;

/// What a tolerance allows for.
///
/// Where several sources add up, the kind is that of the one that more designs would not remove,
/// and [`Tolerance::source`] names them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToleranceKind {
    /// Nothing: the width is zero, because the statement is a bound or a sign.
    Exact,
    /// Digits that are not known: rounding of arithmetic or of published numbers, and the accuracy
    /// of a numerical method.
    Rounding,
    /// The distance between neighbouring points at which something was looked for.
    GridStep,
    /// Terms that vanish as sizes grow, in theory or in the simulated sizes.
    FiniteSize,
    /// The next order of an expansion of which only the first is used.
    Truncation,
    /// What the preset is made to resolve, whatever the finding.
    Resolution,
    /// Sampling error: of designs, data sets, runs or resamples.
    Statistical,
}

impl fmt::Display for ToleranceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Exact => "none",
            Self::Rounding => "rounding",
            Self::GridStep => "grid step",
            Self::FiniteSize => "finite size",
            Self::Truncation => "next order",
            Self::Resolution => "resolution",
            Self::Statistical => "sampling error",
        })
    }
}

/// How much disagreement is allowed, and why.
///
/// ```
/// use paper_repro::Tolerance;
/// let tolerance = Tolerance::grid_step(0.025, "sizes are 2.5 % apart");
/// assert_eq!((tolerance.width, tolerance.to_string().as_str()), (0.025, "grid step: sizes are 2.5 % apart"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tolerance {
    /// Largest allowed distance, in the unit of the measured value.
    pub width: f64,
    /// What it allows for.
    pub kind: ToleranceKind,
    /// Where the width comes from, in words.
    pub source: &'static str,
}

impl Tolerance {
    /// No tolerance, because the statement is a bound or a sign.
    pub const fn exact(source: &'static str) -> Self {
        Self { width: 0.0, kind: ToleranceKind::Exact, source }
    }

    /// Digits that are not known.
    pub const fn rounding(width: f64, source: &'static str) -> Self {
        Self { width, kind: ToleranceKind::Rounding, source }
    }

    /// A step of the grid on which something was looked for.
    pub const fn grid_step(width: f64, source: &'static str) -> Self {
        Self { width, kind: ToleranceKind::GridStep, source }
    }

    /// Terms that vanish as sizes grow.
    pub const fn finite_size(width: f64, source: &'static str) -> Self {
        Self { width, kind: ToleranceKind::FiniteSize, source }
    }

    /// The next order of an expansion.
    pub const fn truncation(width: f64, source: &'static str) -> Self {
        Self { width, kind: ToleranceKind::Truncation, source }
    }

    /// What the preset is made to resolve.
    pub const fn resolution(width: f64, source: &'static str) -> Self {
        Self { width, kind: ToleranceKind::Resolution, source }
    }

    /// Sampling error.
    pub const fn statistical(width: f64, source: &'static str) -> Self {
        Self { width, kind: ToleranceKind::Statistical, source }
    }
}

impl fmt::Display for Tolerance {
    /// The kind and the source, without the width.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.source)
    }
}
