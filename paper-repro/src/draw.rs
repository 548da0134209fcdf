//! The few shapes every chapter draws: simulated points, theory lines, axes of numbers without
//! unit. Colours and markers go by number.

use asymscale_montecarlo::Estimate;
use asymscale_plots::{Axis, Color, Dash, Layer, Line, Marker, Panel, Points};

/// A logarithmic axis of a quantity without unit.
pub(crate) fn log(label: &str) -> Axis {
    Axis::log(label, "")
}

/// A linear axis of a quantity without unit.
pub(crate) fn linear(label: &str) -> Axis {
    Axis::linear(label, "")
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

/// The means of several values at each abscissa with their 95 % intervals.
pub(crate) fn means(
    name: impl Into<String>,
    number: usize,
    at: &[f64],
    values: &[&[f64]],
) -> Points {
    let estimates: Vec<Estimate> = values.iter().map(|values| Estimate::of(values)).collect();
    let points = at.iter().zip(&estimates).map(|(x, estimate)| (*x, estimate.mean)).collect();
    marks(name, number, points, estimates.iter().map(|estimate| estimate.interval(0.95)).collect())
}

/// A line in the colour of series `number`, without an entry in the legend.
pub(crate) fn line(number: usize, points: Vec<(f64, f64)>) -> Line {
    Line { points, color: Color::Series(number), ..Line::default() }
}

/// Theory and measurement of series `number`, which share an entry of the legend.
pub(crate) fn both(
    name: impl Into<String>,
    number: usize,
    theory: Vec<(f64, f64)>,
    measured: Points,
) -> [Layer; 2] {
    let name = name.into();
    let theory = Line { name: name.clone(), ..line(number, theory) };
    [theory.into(), Points { name, ..measured }.into()]
}

/// A line as [`line`], with an entry in the legend and a dash that goes by number too.
pub(crate) fn named(name: impl Into<String>, number: usize, points: Vec<(f64, f64)>) -> Line {
    let dash = [Dash::Solid, Dash::Dashed, Dash::Dotted][number % 3];
    Line { name: name.into(), dash, ..line(number, points) }
}

/// Adds abscissa, mean, standard error and theory of series `number`: marks with intervals of two
/// standard errors, and a line, under one name.
pub(crate) fn against(panel: Panel, name: &str, number: usize, points: &[[f64; 4]]) -> Panel {
    let (at, ends) =
        points.iter().map(|p| ((p[0], p[1]), (p[1] - 2.0 * p[2], p[1] + 2.0 * p[2]))).unzip();
    let theory = points.iter().map(|p| (p[0], p[3])).collect();
    both(name, number, theory, marks("", number, at, ends)).into_iter().fold(panel, Panel::with)
}
