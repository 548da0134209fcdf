//! Axes: from values to fractions of the frame.

use crate::error::PlotError;
use crate::layout::ticks::{self, Tick};

/// How values are spread along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// Equal ratios at equal distances; shows only values > 0.
    #[default]
    Log,
    /// Equal differences at equal distances.
    Linear,
}

impl Scale {
    /// The coordinate in which equal distances on the axis are equal: the logarithm on a log axis.
    /// `None` for a value that the axis cannot place.
    pub(crate) fn transform(self, value: f64) -> Option<f64> {
        // Differences and ratios of values within these limits stay finite.
        match self {
            Scale::Linear => (value.abs() <= 1e300).then_some(value),
            Scale::Log => (1e-300..=1e300).contains(&value).then(|| value.log10()),
        }
    }

    /// The value at a transformed coordinate.
    pub(crate) fn inverse(self, transformed: f64) -> f64 {
        match self {
            Scale::Linear => transformed,
            Scale::Log => 10f64.powf(transformed),
        }
    }
}

/// Where an axis begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Range {
    /// All data, with a little room around them.
    #[default]
    Auto,
    /// From the first to the second value; data outside are cut.
    Fixed(f64, f64),
}

/// An axis: what it measures, in which unit, how it is spread.
///
/// ```
/// use asymscale_plots::{Axis, Range, Scale};
/// let axis = Axis::log("time $t$", "s").range(1.0, 1e6);
/// assert_eq!((axis.scale, axis.range), (Scale::Log, Range::Fixed(1.0, 1e6)));
/// assert_eq!(axis.caption(), "time $t$ (s)");
/// assert_eq!(Axis::log("samples $D$", "").caption(), "samples $D$");
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Axis {
    /// What it measures; the label's little TeX is described on [`crate::Figure`].
    pub label: String,
    /// Its unit, shown in brackets after the label; empty for a number without unit.
    pub unit: String,
    /// How values are spread.
    pub scale: Scale,
    /// Where it begins and ends.
    pub range: Range,
    /// Names that stand at values in place of numbers; empty for numbers.
    pub names: Vec<(f64, String)>,
}

impl Axis {
    /// A logarithmic axis over all data.
    pub fn log(label: impl Into<String>, unit: impl Into<String>) -> Axis {
        let (label, unit) = (label.into(), unit.into());
        Axis { label, unit, scale: Scale::Log, range: Range::Auto, names: Vec::new() }
    }

    /// A linear axis over all data.
    pub fn linear(label: impl Into<String>, unit: impl Into<String>) -> Axis {
        Axis { scale: Scale::Linear, ..Axis::log(label, unit) }
    }

    /// An axis of things that have names and no order: the first at 1, the second at 2, and so on,
    /// with half a place of room at either end.
    ///
    /// ```
    /// use asymscale_plots::{Axis, Range};
    /// let axis = Axis::names("parameter", ["$E$", "$A$"]);
    /// assert_eq!(axis.range, Range::Fixed(0.5, 2.5));
    /// assert_eq!(axis.names[1], (2.0, "$A$".to_owned()));
    /// ```
    pub fn names<S: Into<String>>(
        label: impl Into<String>,
        names: impl IntoIterator<Item = S>,
    ) -> Axis {
        let names: Vec<(f64, String)> =
            (1..).map(f64::from).zip(names.into_iter().map(Into::into)).collect();
        let range = Range::Fixed(0.5, names.len() as f64 + 0.5);
        Axis { range, names, ..Axis::linear(label, "") }
    }

    /// The same axis with fixed ends.
    ///
    /// ```
    /// use asymscale_plots::{Axis, Range};
    /// assert_eq!(Axis::linear("share", "").range(0.0, 1.0).range, Range::Fixed(0.0, 1.0));
    /// ```
    #[must_use]
    pub fn range(self, low: f64, high: f64) -> Axis {
        Axis { range: Range::Fixed(low, high), ..self }
    }

    /// Label and unit as they are drawn.
    pub fn caption(&self) -> String {
        match (self.label.is_empty(), self.unit.is_empty()) {
            (_, true) => self.label.clone(),
            (true, false) => self.unit.clone(),
            (false, false) => format!("{} ({})", self.label, self.unit),
        }
    }

    /// The axis with its ends computed from the data; `padding` is the share of the length left
    /// free at either end.
    pub(crate) fn resolve(
        &self,
        name: &'static str,
        panel: &str,
        data: &[f64],
        padding: f64,
    ) -> Result<ResolvedAxis, PlotError> {
        let transformed = || data.iter().filter_map(|&v| self.scale.transform(v));
        let (low, high) = transformed()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if let Range::Fixed(low, high) = self.range {
            return fixed(self.scale, name, panel, low, high);
        }
        if low > high {
            return Err(PlotError::NoFiniteData { panel: panel.into() });
        }
        let pad =
            if high > low { padding * (high - low) } else { padding_of_one_value(self.scale, low) };
        let limit = if self.scale == Scale::Log { 305.0 } else { f64::INFINITY };
        Ok(ResolvedAxis {
            scale: self.scale,
            low: (low - pad).max(-limit),
            high: (high + pad).min(limit),
        })
    }
}

/// Half the length of an axis whose data are all equal: a factor 2 or a tenth of the value.
fn padding_of_one_value(scale: Scale, transformed: f64) -> f64 {
    match scale {
        Scale::Log => 2f64.log10(),
        Scale::Linear if transformed.abs() < 1e-300 => 1.0,
        Scale::Linear => 0.1 * transformed.abs(),
    }
}

fn fixed(
    scale: Scale,
    axis: &'static str,
    panel: &str,
    low: f64,
    high: f64,
) -> Result<ResolvedAxis, PlotError> {
    match (scale.transform(low), scale.transform(high)) {
        (Some(l), Some(h)) if l < h => Ok(ResolvedAxis { scale, low: l, high: h }),
        _ => Err(PlotError::Range { panel: panel.into(), axis, low, high }),
    }
}

/// A resolved axis: its ends in the transformed coordinate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ResolvedAxis {
    pub(crate) scale: Scale,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// The distance of an infinite value from the edge, in lengths of the frame; lines to it leave the
/// frame steeply.
const INFINITE_AT: f64 = 8.0;

impl ResolvedAxis {
    /// Position of a value, 0 at the low end, 1 at the high end. An infinite value, or one ≤ 0 on a
    /// log axis, lies far outside; NaN has no position.
    pub(crate) fn fraction(&self, value: f64) -> Option<f64> {
        match self.scale.transform(value) {
            Some(transformed) => {
                Some(((transformed - self.low) / (self.high - self.low)).clamp(-1e4, 1e4))
            }
            None if value.is_nan() => None,
            None if value > 1.0 => Some(1.0 + INFINITE_AT),
            None => Some(-INFINITE_AT),
        }
    }

    /// The marks, for a given number of labels.
    pub(crate) fn ticks(&self, room: usize) -> Vec<Tick> {
        ticks::ticks(self.scale, self.scale.inverse(self.low), self.scale.inverse(self.high), room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn automatic_range_ignores_what_the_axis_cannot_show() {
        let data = [f64::NAN, f64::INFINITY, -1.0, 0.0, 1.0, 100.0];
        let span = Axis::log("x", "").resolve("x", "p", &data, 0.0).unwrap();
        assert_eq!((span.low, span.high), (0.0, 2.0));
    }

    #[test]
    fn equal_data_get_a_range_with_length() {
        for value in [0.0, -3.0, 7.0] {
            let span = Axis::linear("x", "").resolve("x", "p", &[value], 0.05).unwrap();
            assert!(span.low < value && value < span.high);
        }
    }

    #[test]
    fn bad_ranges_are_named() {
        for (low, high) in [(0.0, 1.0), (2.0, 1.0), (1.0, f64::INFINITY), (f64::NAN, 1.0)] {
            let error =
                Axis::log("x", "").range(low, high).resolve("x", "p", &[1.0], 0.0).unwrap_err();
            assert!(matches!(error, PlotError::Range { axis: "x", .. }), "{error}");
        }
    }

    #[test]
    fn infinite_values_lie_outside_and_nan_nowhere() {
        let span = Axis::log("x", "").range(1.0, 10.0).resolve("x", "p", &[], 0.0).unwrap();
        assert!(span.fraction(f64::INFINITY).unwrap() > 1.0);
        assert!(span.fraction(0.0).unwrap() < 0.0);
        assert_eq!(span.fraction(f64::NAN), None);
    }
}
