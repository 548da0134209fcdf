//! Heat maps, their colour bar, and contours with their values.

use std::collections::BTreeMap;

use crate::backends::scene::{HorizontalAnchor, Label, Pen, Position, Rect, Scene};
use crate::backends::text::{self, Weight};
use crate::layout::coordinates::Frame;
use crate::layout::obstacles::Obstacles;
use crate::layout::ticks::{self, Tick};
use crate::marks::clip::clip_line;
use crate::marks::contour::ScalarField;
use crate::model::colors::{ColorMap, ColorScale};
use crate::model::grid::{Contours, Heat};
use crate::theme::{self, Color};

/// Steps of the colour bar.
const BAR_SLICES: u32 = 128;
/// Width of the colour bar.
const BAR_WIDTH: f64 = 12.0;
/// Height kept below the bar for the key of missing values.
const MISSING_KEY_HEIGHT: f64 = 24.0;
const NO_VALUE: &str = "no value";

/// Draws the cells, those of one colour together.
pub(crate) fn cells(scene: &mut Scene, frame: &Frame, heat: &Heat, colors: &ColorScale) {
    let pixels = |edges: Vec<f64>, place: &dyn Fn(f64) -> Option<f64>| -> Vec<f64> {
        edges.into_iter().map(|edge| place(edge).unwrap_or(0.0)).collect()
    };
    let x = pixels(heat.grid.edges_x(frame.x.scale), &|v| frame.x_pixel(v));
    let y = pixels(heat.grid.edges_y(frame.y.scale), &|v| frame.y_pixel(v));
    let mut by_color: BTreeMap<(u8, u8, u8), Vec<Rect>> = BTreeMap::new();
    for j in 0..heat.grid.y.len() {
        for i in 0..heat.grid.x.len() {
            let cell = cell(&frame.rect, (x[i], x[i + 1]), (y[j + 1], y[j]));
            if cell.width() > 0.0 && cell.height() > 0.0 {
                by_color.entry(colors.color(heat.grid.at(i, j)).rgb()).or_default().push(cell);
            }
        }
    }
    for ((r, g, b), cells) in by_color {
        for cell in cells {
            scene.cell(cell, Color::Rgb(r, g, b));
        }
    }
}

fn cell(frame: &Rect, x: (f64, f64), y: (f64, f64)) -> Rect {
    Rect::new(
        x.0.max(frame.left),
        y.0.max(frame.top),
        (x.1).min(frame.right),
        (y.1).min(frame.bottom),
    )
}

/// The colour bar of a heat map: what it writes, measured before it is drawn.
pub(crate) struct ColorBar {
    colors: ColorScale,
    ticks: Vec<Tick>,
    caption: String,
    has_missing: bool,
}

impl ColorBar {
    pub(crate) fn new(heat: &Heat, colors: ColorScale, height: f64) -> ColorBar {
        let has_missing = heat.has_gaps();
        let room = height - if has_missing { MISSING_KEY_HEIGHT } else { 0.0 };
        let ticks = colors.axis.ticks((room / 32.0) as usize);
        ColorBar { colors, ticks, caption: heat.colors.caption(), has_missing }
    }

    /// Width it takes beside the frame.
    pub(crate) fn width(&self) -> f64 {
        let key = if self.has_missing {
            text::width(NO_VALUE, theme::SMALL, Weight::Regular) - self.captioned()
        } else {
            0.0
        };
        2.0 * theme::GAP
            + BAR_WIDTH
            + theme::TICK
            + 3.0
            + self.tick_width().max(key)
            + self.captioned()
    }

    fn tick_width(&self) -> f64 {
        let width = |tick: &Tick| text::width(&tick.label, theme::SMALL, Weight::Regular);
        self.ticks.iter().map(width).fold(0.0, f64::max)
    }

    fn captioned(&self) -> f64 {
        if self.caption.is_empty() { 0.0 } else { theme::GAP + 1.2 * theme::LABEL }
    }

    pub(crate) fn draw(&self, scene: &mut Scene, frame: &Rect) {
        let left = frame.right + 2.0 * theme::GAP;
        let bottom = frame.bottom - if self.has_missing { MISSING_KEY_HEIGHT } else { 0.0 };
        let bar = Rect::new(left, frame.top, left + BAR_WIDTH, bottom);
        slices(scene, &bar, self.colors.map);
        outline(scene, &bar);
        let end = bar.right + theme::TICK + 3.0;
        self.draw_ticks(scene, &bar, end);
        let size = text::fit(&self.caption, theme::LABEL, Weight::Regular, bar.height());
        let beside = end + self.tick_width() + theme::GAP + 0.6 * theme::LABEL;
        let caption = Label::new(&self.caption, (beside, f64::midpoint(bar.top, bar.bottom)), size);
        scene.text(Label { side: HorizontalAnchor::Middle, rotated: true, ..caption });
        if self.has_missing {
            let key = Rect::new(left, frame.bottom - BAR_WIDTH, left + BAR_WIDTH, frame.bottom);
            scene.cell(key, theme::MISSING);
            outline(scene, &key);
            scene.text(Label::new(NO_VALUE, (end, frame.bottom - BAR_WIDTH / 2.0), theme::SMALL));
        }
    }

    /// Marks and their labels; labels start at `end`.
    fn draw_ticks(&self, scene: &mut Scene, bar: &Rect, end: f64) {
        for tick in &self.ticks {
            let y =
                bar.bottom - self.colors.axis.fraction(tick.value).unwrap_or(0.0) * bar.height();
            let length = if tick.label.is_empty() { 0.6 * theme::TICK } else { theme::TICK };
            scene.path(
                vec![(bar.right, y), (bar.right + length, y)],
                Pen { color: Color::AXIS, width: 0.8 },
            );
            scene.text(Label::new(&tick.label, (end, y), theme::SMALL));
        }
    }
}

/// The colours of the bar, the lowest at its foot.
fn slices(scene: &mut Scene, bar: &Rect, map: ColorMap) {
    let step = bar.height() / f64::from(BAR_SLICES);
    for k in 0..BAR_SLICES {
        let low = bar.bottom - f64::from(k) * step;
        let slice = Rect::new(bar.left, low - step, bar.right, low);
        scene.cell(slice, map.at((f64::from(k) + 0.5) / f64::from(BAR_SLICES)));
    }
}

/// A thin border.
pub(crate) fn outline(scene: &mut Scene, rect: &Rect) {
    let mut vertices = rect.corners();
    vertices.push(vertices[0]);
    scene.path(vertices, Pen { color: Color::AXIS, width: 0.8 });
}

/// Draws the contours with their values, off other lines as far as possible and off what is
/// `written` already; `below` is the colour scale of the heat map they lie on.
pub(crate) fn contours(
    scene: &mut Scene,
    frame: &Frame,
    layer: &Contours,
    below: Option<&ColorScale>,
    others: &Obstacles,
    written: &mut Vec<Rect>,
) {
    let field = field(frame, layer);
    for &level in &layer.levels {
        let Some(transformed) = layer.scale.transform(level) else { continue };
        let color = layer
            .color
            .unwrap_or_else(|| below.map_or(Color::Ink, |colors| colors.color(level).contrast()));
        let text = if layer.labelled { ticks::short(level) } else { String::new() };
        for line in field.lines(transformed).iter().flat_map(|line| clip_line(line, &frame.rect)) {
            let label = label(&line, &text, &frame.rect, others, written);
            let gap = label.as_ref().map(|label| label.bounds().grown(3.0));
            for part in cut_gap(&line, gap.as_ref()) {
                scene.path(part, Pen { color, width: 1.1 });
            }
            if let Some(label) = label {
                scene.text(Label { color, ..label });
            }
            written.extend(gap);
        }
    }
}

fn field(frame: &Frame, layer: &Contours) -> ScalarField {
    let grid = &layer.grid;
    let x = grid.x.iter().map(|&v| frame.x_pixel(v).unwrap_or(0.0)).collect();
    let y = grid.y.iter().map(|&v| frame.y_pixel(v).unwrap_or(0.0)).collect();
    ScalarField { x, y, values: grid.values.iter().map(|&v| layer.scale.transform(v)).collect() }
}

/// Positions along a line, as shares of its length, at which its label is tried.
const LABEL_POSITIONS: [f64; 11] = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82, 0.1, 0.9];

/// The label of a contour on its line: inside the frame, off other values, and of such places the
/// one that hides least of other lines and of its own; among equals the one nearest to the middle.
fn label(
    line: &[Position],
    text: &str,
    frame: &Rect,
    others: &Obstacles,
    written: &[Rect],
) -> Option<Label> {
    let length: f64 = line.windows(2).map(|w| (w[1].0 - w[0].0).hypot(w[1].1 - w[0].1)).sum();
    if text.is_empty() || length < 2.5 * text::width(text, theme::SMALL, Weight::Regular) {
        return None;
    }
    let own = subdivided(line);
    let place = |share: f64| {
        let at = point_at_length(line, share * length);
        let label = Label { side: HorizontalAnchor::Middle, ..Label::new(text, at, theme::SMALL) };
        let bounds = label.bounds().grown(4.0);
        let free = frame.holds(&bounds) && !written.iter().any(|t| t.overlaps(&bounds));
        // Places on the own line lie closer together than those on others, so that hiding others
        // weighs more.
        let hidden = 20 * others.within(&bounds)
            + own.iter().filter(|&&dot| bounds.contains(dot)).count() / 10;
        free.then_some((hidden, label))
    };
    LABEL_POSITIONS
        .into_iter()
        .filter_map(place)
        .min_by_key(|(hidden, _)| *hidden)
        .map(|(_, label)| label)
}

/// The place at a given length along a line.
fn point_at_length(line: &[Position], mut length: f64) -> Position {
    for pair in line.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let step = (b.0 - a.0).hypot(b.1 - a.1);
        if step >= length && step > 0.0 {
            let t = length / step;
            return (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1));
        }
        length -= step;
    }
    line[line.len() - 1]
}

/// The parts of a line outside a gap, to within a pixel.
fn cut_gap(line: &[Position], gap: Option<&Rect>) -> Vec<Vec<Position>> {
    let Some(gap) = gap else { return vec![line.to_vec()] };
    let mut parts = vec![Vec::new()];
    for dot in subdivided(line) {
        if gap.contains(dot) {
            parts.push(Vec::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(dot);
        }
    }
    parts.retain(|part| part.len() > 1);
    parts
}

/// The line with a node at least every pixel or so.
fn subdivided(line: &[Position]) -> Vec<Position> {
    let mut vertices = vec![line[0]];
    for pair in line.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let steps = (b.0 - a.0).hypot(b.1 - a.1).ceil().max(1.0);
        vertices.extend((1..=steps as u32).map(|k| {
            let t = f64::from(k) / steps;
            (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1))
        }));
    }
    vertices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::axis::Axis;
    use crate::model::grid::Grid;

    #[test]
    fn a_gap_is_cut_out_of_a_line() {
        let gap = Rect::new(40.0, -5.0, 60.0, 5.0);
        let parts = cut_gap(&[(0.0, 0.0), (100.0, 0.0)], Some(&gap));
        assert_eq!(parts.len(), 2);
        assert!(parts.iter().flatten().all(|&dot| !gap.contains(dot)));
    }

    #[test]
    fn bar_is_wider_with_a_caption() {
        let grid = Grid::from_fn(vec![1.0, 2.0], vec![1.0, 2.0], |x, y| x * y);
        let bare = Heat { grid, colors: Axis::log("", ""), ..Heat::default() };
        let named = Heat { colors: Axis::log("loss", ""), ..bare.clone() };
        let width =
            |heat: &Heat| ColorBar::new(heat, heat.resolve("panel").unwrap(), 200.0).width();
        assert!(width(&named) > width(&bare));
    }
}
