//! The few shapes every chapter draws: simulated points, theory lines, dimensionless axes. Colours and markers go by number.

use asymscale_plots::{Axis, Color, Line, Marker, Points};

/// A logarithmic axis of a dimensionless quantity.
pub(crate) fn log(label: &str) -> Axis {
    Axis::log(label, "dimensionless")
}

/// A linear axis of a dimensionless quantity.
pub(crate) fn linear(label: &str) -> Axis {
    Axis::linear(label, "dimensionless")
}

/// Measured points of series `number`, with intervals or (an empty list) without.
pub(crate) fn marks(
    name: impl Into<String>,
    number: usize,
    points: Vec<(f64, f64)>,
    intervals: Vec<(f64, f64)>,
) -> Points {
    let (color, marker) = (Color::Series(number), Marker::series(number));
    Points { name: name.into(), points, intervals, color, marker, ..Points::default() }
}

/// A line in the colour of series `number`, without an entry in the legend.
pub(crate) fn line(number: usize, points: Vec<(f64, f64)>) -> Line {
    Line { points, color: Color::Series(number), ..Line::default() }
}
