//! Values on a grid: the data of heat maps and contours.

use crate::error::PlotError;
use crate::model::axis::{Axis, Scale};
use crate::model::colors::{ColorMap, ColorScale};
use crate::theme::Color;

/// Values at the nodes of a rectangular grid.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Grid {
    /// Abscissas of the nodes, strictly ascending.
    pub x: Vec<f64>,
    /// Ordinates of the nodes, strictly ascending.
    pub y: Vec<f64>,
    /// Row by row, the lowest ordinate first: `values[j * x.len() + i]` belongs to `(x[i], y[j])`.
    pub values: Vec<f64>,
}

impl Grid {
    /// Evaluates a function at every node.
    ///
    /// ```
    /// use asymscale_plots::Grid;
    /// let grid = Grid::from_fn(vec![1.0, 10.0], vec![1.0, 2.0, 4.0], |x, y| x + y);
    /// assert_eq!(grid.at(1, 2), 14.0);
    /// ```
    pub fn from_fn(x: Vec<f64>, y: Vec<f64>, mut f: impl FnMut(f64, f64) -> f64) -> Grid {
        let values =
            y.iter().flat_map(|&v| x.iter().map(move |&u| (u, v))).map(|(u, v)| f(u, v)).collect();
        Grid { x, y, values }
    }

    /// The value in column `i` (counted along x) and row `j` (along y).
    ///
    /// # Panics
    /// If there is no such node.
    pub fn at(&self, i: usize, j: usize) -> f64 {
        self.values[j * self.x.len() + i]
    }

    /// Ends of the cells around the nodes, one more than nodes: half-way on the axis.
    pub(crate) fn edges_x(&self, scale: Scale) -> Vec<f64> {
        edges(&self.x, scale)
    }
    pub(crate) fn edges_y(&self, scale: Scale) -> Vec<f64> {
        edges(&self.y, scale)
    }

    pub(crate) fn check(
        &self,
        panel: &str,
        layer: &str,
        x: &Axis,
        y: &Axis,
    ) -> Result<(), PlotError> {
        for (axis, nodes, scale) in [("x", &self.x, x.scale), ("y", &self.y, y.scale)] {
            let shown = nodes.iter().all(|&v| scale.transform(v).is_some());
            if nodes.len() < 2 || !shown || !nodes.windows(2).all(|w| w[0] < w[1]) {
                return Err(PlotError::Nodes { panel: panel.into(), axis });
            }
        }
        let expected = self.x.len() * self.y.len();
        if self.values.len() == expected {
            return Ok(());
        }
        let (panel, layer, found) = (panel.into(), layer.into(), self.values.len());
        Err(PlotError::Length { panel, layer, what: "values", found, expected })
    }
}

fn edges(nodes: &[f64], scale: Scale) -> Vec<f64> {
    let transformed: Vec<f64> = nodes.iter().filter_map(|&v| scale.transform(v)).collect();
    let [first, .., last] = transformed[..] else { return nodes.to_vec() };
    let inner = transformed.windows(2).map(|w| 0.5 * (w[0] + w[1]));
    let start = first - 0.5 * (transformed[1] - first);
    let end = last + 0.5 * (last - transformed[transformed.len() - 2]);
    std::iter::once(start).chain(inner).chain([end]).map(|v| scale.inverse(v)).collect()
}

/// A heat map: each node's cell in the colour of its value, with a colour bar beside the panel.
/// Values beyond a fixed range take the colour of its end; cells without a value the scale can show
/// (NaN, ±∞, ≤ 0 on a log scale) are grey. One per panel.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Heat {
    /// The values.
    pub grid: Grid,
    /// What the colours measure, their unit, scale and range, as for an axis.
    pub colors: Axis,
    /// Which colours these are.
    pub map: ColorMap,
}

impl Heat {
    pub(crate) fn check(&self, panel: &str, x: &Axis, y: &Axis) -> Result<(), PlotError> {
        self.grid.check(panel, &self.colors.label, x, y)?;
        self.resolve(panel).map(|_| ())
    }

    /// The colour scale, resolved.
    pub(crate) fn resolve(&self, panel: &str) -> Result<ColorScale, PlotError> {
        let axis = self.colors.resolve("colour", panel, &self.grid.values, 0.0)?;
        Ok(ColorScale { axis: self.map.range(axis), map: self.map })
    }

    /// Whether some cell has no value to show.
    pub(crate) fn has_gaps(&self) -> bool {
        self.grid.values.iter().any(|&v| self.colors.scale.transform(v).is_none())
    }
}

/// Lines of equal value, by marching squares. Cells with a corner the scale cannot show are left
/// out.
#[derive(Debug, Clone, PartialEq)]
pub struct Contours {
    /// Name in the legend; empty for none.
    pub name: String,
    /// The values.
    pub grid: Grid,
    /// The values to draw lines for; each is written on its line where there is room.
    pub levels: Vec<f64>,
    /// In which scale values are interpolated between nodes.
    pub scale: Scale,
    /// Colour of all lines; without one, black or white by contrast with the heat map below.
    pub color: Option<Color>,
    /// Whether levels are written on their lines.
    pub labelled: bool,
}

impl Default for Contours {
    fn default() -> Contours {
        let (name, grid, levels) = (String::new(), Grid::default(), Vec::new());
        Contours { name, grid, levels, scale: Scale::Log, color: None, labelled: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_lie_half_way_on_the_axis() {
        let grid = Grid::from_fn(vec![1.0, 100.0], vec![0.0, 2.0], |_, _| 1.0);
        let x = grid.edges_x(Scale::Log);
        for (found, wanted) in x.iter().zip([0.1, 10.0, 1000.0]) {
            assert!((found / wanted - 1.0).abs() < 1e-12, "{x:?}"); // one rounding of log and power each
        }
        assert_eq!(grid.edges_y(Scale::Linear), [-1.0, 1.0, 3.0]);
    }

    #[test]
    fn bad_grids_are_named() {
        let (x, y) = (Axis::log("x", ""), Axis::linear("y", ""));
        let descending = Grid { x: vec![2.0, 1.0], y: vec![0.0, 1.0], values: vec![1.0; 4] };
        assert!(matches!(
            descending.check("p", "l", &x, &y),
            Err(PlotError::Nodes { axis: "x", .. })
        ));
        let short = Grid { x: vec![1.0, 2.0], y: vec![0.0, 1.0], values: vec![1.0; 3] };
        let error = short.check("p", "l", &x, &y).unwrap_err();
        assert_eq!(error.to_string(), r#"panel "p", layer "l": values has 3 entries, must have 4"#);
    }
}
