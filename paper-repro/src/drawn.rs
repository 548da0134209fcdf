//! Everything a figure draws, as one long table: whatever a chapter puts into a figure is written
//! beside it and guarded by `--check`, without the chapter having to remember.

use crate::FigureWithData;
use asymscale_plots::{Figure, Grid, Layer};
use asymscale_sweep::{SweepError, Table, Tolerance, row};

/// Columns that name a row of [`drawn_table`].
pub(crate) const KEYS: &[&str] = &["panel", "layer", "point"];

/// One drawn point: where, and its interval.
type Mark = (f64, f64, Option<(f64, f64)>);

/// Every point, line, band, bar, reference line, heat map and contoured grid of a figure, in
/// drawing order. Heat maps and contours have their value in `value`, all others have none;
/// contours of a panel that has a heat map repeat it and are left out.
///
/// # Errors
/// None but those of the table, which these rows cannot cause.
pub(crate) fn drawn_table(figure: &Figure) -> Result<Table, SweepError> {
    let mut table = Table::with_columns([
        "panel", "layer", "point", "kind", "series", "x", "y", "low", "high", "value",
    ])?;
    for (panel, content) in figure.panels.iter().enumerate() {
        let mapped = content.layers.iter().any(|layer| matches!(layer, Layer::Heat(_)));
        let repeats = |layer: &Layer| mapped && matches!(layer, Layer::Contours(_));
        for (layer, drawn) in content.layers.iter().enumerate().filter(|(_, layer)| !repeats(layer))
        {
            let (kind, marks, values) = marks(drawn);
            for (point, (x, y, interval)) in marks.into_iter().enumerate() {
                table.push(row! {
                    panel: panel as i64, layer: layer as i64, point: point as i64, kind, series: drawn.name(), x, y,
                    low: interval.map(|i| i.0), high: interval.map(|i| i.1), value: values.get(point).copied()
                })?;
            }
        }
    }
    Ok(table)
}

/// A layer's kind, its marks, and the values at them for layers that have some.
fn marks(layer: &Layer) -> (&'static str, Vec<Mark>, Vec<f64>) {
    let plain =
        |points: &[(f64, f64)]| points.iter().map(|(x, y)| (*x, *y, None)).collect::<Vec<_>>();
    match layer {
        Layer::Line(line) => ("line", plain(&line.points), Vec::new()),
        Layer::Points(points) => {
            let interval = |k: usize| points.intervals.get(k).copied();
            let marks = points.points.iter().enumerate().map(|(k, (x, y))| (*x, *y, interval(k)));
            ("points", marks.collect(), Vec::new())
        }
        Layer::Band(band) => {
            let marks = band.nodes.iter().map(|(x, low, high)| (*x, f64::NAN, Some((*low, *high))));
            ("band", marks.collect(), Vec::new())
        }
        Layer::Bars(bars) => {
            let marks =
                bars.bars.iter().map(|(from, to, height)| (*from, *height, Some((*from, *to))));
            ("bars", marks.collect(), Vec::new())
        }
        Layer::Reference(reference) => {
            ("reference", vec![(reference.at, f64::NAN, None)], Vec::new())
        }
        Layer::Note(_) => ("note", Vec::new(), Vec::new()),
        Layer::Heat(heat) => ("heat", nodes(&heat.grid), heat.grid.values.clone()),
        Layer::Contours(contours) => {
            ("contours", nodes(&contours.grid), contours.grid.values.clone())
        }
    }
}

/// Nodes of a grid in the order of its values.
fn nodes(grid: &Grid) -> Vec<Mark> {
    grid.y.iter().flat_map(|y| grid.x.iter().map(|x| (*x, *y, None))).collect()
}

/// How far drawn numbers may drift: as far as the loosest column of the chapter's own table.
pub(crate) fn drift(drawn: &FigureWithData) -> [(&'static str, Tolerance); 5] {
    let loosest = drawn.drift.iter().fold(Tolerance::EXACT, |all, (_, one)| Tolerance {
        absolute: all.absolute.max(one.absolute),
        relative: all.relative.max(one.relative),
    });
    ["x", "y", "low", "high", "value"].map(|column| (column, loosest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use asymscale_plots::{Axis, Line, Panel, Points, Reference};

    #[test]
    fn every_layer_leaves_its_numbers() {
        let panel = Panel::new("", Axis::linear("x", ""), Axis::linear("y", ""))
            .with(Line {
                name: "theory".into(),
                points: vec![(1.0, 2.0), (3.0, 4.0)],
                ..Line::default()
            })
            .with(Points {
                points: vec![(1.0, 2.5)],
                intervals: vec![(2.0, 3.0)],
                ..Points::default()
            })
            .with(Reference::vertical(1.5, "here"));
        let table = drawn_table(&Figure { panels: vec![panel], ..Figure::default() }).unwrap();
        assert_eq!(table.ints("layer").unwrap(), [0, 0, 1, 2]);
        assert_eq!(table.floats("x").unwrap(), [1.0, 3.0, 1.0, 1.5]);
        let points = table.matching("layer", 1_i64).unwrap();
        assert_eq!(
            (points.floats("low").unwrap(), points.floats("high").unwrap()),
            (vec![2.0], vec![3.0])
        );
    }
}
