//! From the values of a heat map to colours.

use crate::model::axis::ResolvedAxis;
use crate::theme::{self, Color};

/// Steps of a colour map: more than an eye tells apart, and an even number, so that the middle of a
/// range has the colour of the middle.
const STEPS: f64 = 256.0;

/// Which colours stand for the values of a heat map.
///
/// ```
/// use asymscale_plots::{Axis, ColorMap, Figure, Grid, Heat, Panel};
/// let grid = Grid::from_fn(vec![1.0, 2.0], vec![1.0, 2.0], |x, y| x / y);
/// let map = ColorMap::Diverging(1.0);
/// let heat = Heat { grid, colors: Axis::log("ratio", ""), map };
/// let panel = Panel::new("", Axis::linear("x", ""), Axis::linear("y", "")).with(heat);
/// let svg = Figure { panels: vec![panel], ..Figure::default() }.to_svg()?;
/// assert!(svg.contains("#f7f7f7")); // the cells where the ratio is 1
/// # Ok::<(), asymscale_plots::PlotError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum ColorMap {
    /// From dark to light, for values that are more or less: viridis.
    #[default]
    Sequential,
    /// Two hues that meet in a pale grey at this value, for values that lie on either side of it:
    /// `PuOr`, orange below and purple above. The range is widened until both sides reach equally
    /// far on the scale.
    Diverging(f64),
}

impl ColorMap {
    /// The colour at a share of the range, from 0 to 1.
    pub(crate) fn at(self, share: f64) -> Color {
        match self {
            ColorMap::Sequential => Color::Ramp(share),
            ColorMap::Diverging(_) => Color::Diverging(share),
        }
    }

    /// The range of colours for resolved ends: the same, or symmetric about the middle.
    pub(crate) fn range(self, axis: ResolvedAxis) -> ResolvedAxis {
        let middle = match self {
            ColorMap::Sequential => None,
            ColorMap::Diverging(value) => axis.scale.transform(value),
        };
        let Some(middle) = middle else { return axis };
        let half = (middle - axis.low).max(axis.high - middle);
        ResolvedAxis { low: middle - half, high: middle + half, ..axis }
    }
}

/// A resolved range of values with its colours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ColorScale {
    pub(crate) axis: ResolvedAxis,
    pub(crate) map: ColorMap,
}

impl ColorScale {
    /// The colour of a value; grey where the scale cannot show it.
    pub(crate) fn color(&self, value: f64) -> Color {
        if self.axis.scale.transform(value).is_none() {
            return theme::MISSING;
        }
        let share = self.axis.fraction(value).unwrap_or(0.0).clamp(0.0, 1.0);
        self.map.at((share * STEPS).round() / STEPS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::axis::Scale;

    fn scale(map: ColorMap) -> ColorScale {
        let axis = map.range(ResolvedAxis { scale: Scale::Log, low: 0.0, high: 2.0 });
        ColorScale { axis, map }
    }

    #[test]
    fn colors_end_at_the_range_and_gaps_are_grey() {
        let scale = scale(ColorMap::Sequential);
        assert_eq!(scale.color(1e9).rgb(), Color::Ramp(1.0).rgb());
        assert_eq!(scale.color(1e-9).rgb(), Color::Ramp(0.0).rgb());
        for gap in [f64::NAN, 0.0, -1.0, f64::INFINITY] {
            assert_eq!(scale.color(gap), theme::MISSING);
        }
    }

    #[test]
    fn both_sides_of_the_middle_reach_equally_far() {
        let scale = scale(ColorMap::Diverging(10.0_f64.sqrt()));
        assert_eq!((scale.axis.low, scale.axis.high), (-1.0, 2.0));
        assert_eq!(scale.color(10.0_f64.sqrt()).rgb(), (0xf7, 0xf7, 0xf7));
    }
}
