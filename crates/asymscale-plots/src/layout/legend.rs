//! The legend: its entries, its size, and a place for it off the data.

use crate::backends::scene::{Label, Position, Rect, Scene};
use crate::backends::text::{self, Weight};
use crate::layout::obstacles::Obstacles;
use crate::marks::layers::{self as draw, BAND_OPACITY, MARKER_RADIUS};
use crate::model::layer::{Layer, Marker};
use crate::theme::{self, Color};

/// Height of a row.
const ROW_HEIGHT: f64 = 16.5;
/// Width of a sample, and from its start to the text.
const SAMPLE_WIDTH: f64 = 24.0;
const TEXT_START: f64 = 31.0;
/// Between entries in a row.
const ENTRY_GAP: f64 = 18.0;
/// Between the legend and the frame, inside.
const INSET: f64 = 8.0;

/// A name and all layers that carry it.
pub(crate) struct Entry<'a> {
    name: &'a str,
    layers: Vec<&'a Layer>,
}

/// The entries of a panel, in the order in which names first occur.
pub(crate) fn entries(layers: &[Layer]) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for layer in layers.iter().filter(|layer| !layer.name().is_empty()) {
        match entries.iter_mut().find(|entry| entry.name == layer.name()) {
            Some(entry) => entry.layers.push(layer),
            None => entries.push(Entry { name: layer.name(), layers: vec![layer] }),
        }
    }
    entries
}

impl Entry<'_> {
    fn width(&self) -> f64 {
        TEXT_START + text::width(self.name, theme::SMALL, Weight::Regular)
    }

    /// Draws the sample and the name; `background` lies below the sample, as the heat map does in
    /// the panel.
    fn draw(&self, scene: &mut Scene, left: f64, middle: f64, background: Option<Color>) {
        let ends = [(left, middle), (left + SAMPLE_WIDTH, middle)];
        let box_of = |half: f64| {
            Rect::new(left, middle - half, left + SAMPLE_WIDTH, middle + half).corners()
        };
        if let Some(background) = background {
            scene.area(box_of(6.0), background, 1.0);
        }
        for layer in &self.layers {
            match layer {
                Layer::Line(line) => draw::stroke(scene, &ends, line.color, line.width, line.dash),
                Layer::Contours(c) => {
                    draw::stroke(
                        scene,
                        &ends,
                        c.color.unwrap_or(Color::Ink),
                        1.1,
                        crate::Dash::Solid,
                    );
                }
                Layer::Band(band) => scene.area(box_of(5.0), band.color, BAND_OPACITY),
                Layer::Bars(bars) => scene.area(box_of(4.0), bars.color, 0.75),
                Layer::Points(points) => {
                    let at = (left + SAMPLE_WIDTH / 2.0, middle);
                    draw::marker(scene, at, points.marker, MARKER_RADIUS + 0.8, Color::BACKGROUND);
                    draw::marker(scene, at, points.marker, MARKER_RADIUS, points.color);
                    if !points.filled && points.marker != Marker::Cross {
                        draw::marker(
                            scene,
                            at,
                            points.marker,
                            MARKER_RADIUS - 1.15,
                            Color::BACKGROUND,
                        );
                    }
                }
                Layer::Reference(_) | Layer::Note(_) | Layer::Heat(_) => {}
            }
        }
        scene.text(Label::new(self.name, (left + TEXT_START, middle), theme::SMALL));
    }
}

/// Width and height in one column.
pub(crate) fn column(entries: &[Entry<'_>]) -> (f64, f64) {
    (entries.iter().map(Entry::width).fold(0.0, f64::max), ROW_HEIGHT * entries.len() as f64)
}

/// Draws the entries in one column.
pub(crate) fn draw_column(
    scene: &mut Scene,
    entries: &[Entry<'_>],
    (left, top): Position,
    background: Option<Color>,
) {
    for (k, entry) in entries.iter().enumerate() {
        entry.draw(scene, left, top + ROW_HEIGHT * (k as f64 + 0.5), background);
    }
}

/// Entries in rows no wider than `room`: for each entry its row and its left end. They stand one
/// below the other in columns where that takes no more rows than one after the other does.
fn wrap(entries: &[Entry<'_>], room: f64) -> Vec<(usize, f64)> {
    let widths: Vec<f64> = entries.iter().map(Entry::width).collect();
    let (mut row, mut left) = (0, 0.0);
    let mut flowing = Vec::new();
    for width in &widths {
        if left > 0.0 && left + width > room {
            (row, left) = (row + 1, 0.0);
        }
        flowing.push((row, left));
        left += width + ENTRY_GAP;
    }
    let column = |k: usize, count: usize| {
        widths.iter().skip(k).step_by(count).copied().fold(0.0, f64::max) + ENTRY_GAP
    };
    let start = |k: usize, count: usize| (0..k).map(|k| column(k, count)).sum::<f64>();
    let fits = |count: &usize| {
        entries.len().div_ceil(*count) <= row + 1 && start(*count, *count) - ENTRY_GAP <= room
    };
    match (2..=entries.len()).rev().find(fits) {
        Some(count) => (0..entries.len()).map(|k| (k / count, start(k % count, count))).collect(),
        None => flowing,
    }
}

/// Height of the rows.
pub(crate) fn rows_height(entries: &[Entry<'_>], room: f64) -> f64 {
    wrap(entries, room).last().map_or(0.0, |&(row, _)| ROW_HEIGHT * (row + 1) as f64)
}

/// Draws the entries in rows.
pub(crate) fn draw_rows(
    scene: &mut Scene,
    entries: &[Entry<'_>],
    (left, top): Position,
    room: f64,
    background: Option<Color>,
) {
    for (entry, (row, start)) in entries.iter().zip(wrap(entries, room)) {
        entry.draw(scene, left + start, top + ROW_HEIGHT * (row as f64 + 0.5), background);
    }
}

/// The corner of the frame that covers least, and how much it covers.
pub(crate) fn best_corner(
    entries: &[Entry<'_>],
    frame: &Rect,
    obstacles: &Obstacles,
) -> (Rect, usize) {
    let (width, height) = column(entries);
    let (left, right) = (frame.left + INSET, frame.right - INSET - width);
    let (top, bottom) = (frame.top + INSET, frame.bottom - INSET - height);
    let middle = f64::midpoint(top, bottom);
    let places = [
        (right, top),
        (left, top),
        (left, bottom),
        (right, bottom),
        (right, middle),
        (left, middle),
    ];
    let covered = |&(x, y): &(f64, f64)| {
        let rect = Rect::new(x, y, x + width, y + height);
        let cut = if frame.holds(&rect) { 0 } else { 1_000_000 };
        (rect, cut + obstacles.within(&rect.grown(4.0)))
    };
    let all: Vec<(Rect, usize)> = places.iter().map(covered).collect();
    all.into_iter().min_by_key(|(_, covered)| *covered).unwrap_or((*frame, usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::layer::{Line, Points};

    fn named(name: &str) -> Layer {
        Line { name: name.into(), ..Line::default() }.into()
    }

    #[test]
    fn equal_names_share_an_entry() {
        let layers = [
            named("a"),
            named("b"),
            Points { name: "a".into(), ..Points::default() }.into(),
            named(""),
        ];
        let entries = entries(&layers);
        assert_eq!(
            entries.iter().map(|e| (e.name, e.layers.len())).collect::<Vec<_>>(),
            [("a", 2), ("b", 1)]
        );
    }

    #[test]
    fn rows_break_at_the_room() {
        let layers = [named("first"), named("second"), named("third")];
        let entries = entries(&layers);
        assert_eq!(rows_height(&entries, 10_000.0), ROW_HEIGHT);
        assert_eq!(rows_height(&entries, 10.0), 3.0 * ROW_HEIGHT);
        // Two columns: the third name stands below the first one.
        let room = entries[0].width() + entries[1].width() + ENTRY_GAP;
        let places = wrap(&entries, room);
        assert_eq!(places.iter().map(|place| place.0).collect::<Vec<_>>(), [0, 0, 1]);
        assert!(places[2].1 == places[0].1 && places[1].1 > entries[0].width());
        assert_eq!(rows_height(&[], 10.0), 0.0);
    }

    #[test]
    fn the_free_corner_is_taken() {
        let layers = [named("theory")];
        let frame = Rect::new(0.0, 0.0, 300.0, 200.0);
        let mut obstacles = Obstacles::default();
        obstacles.add(Rect::new(0.0, 0.0, 300.0, 120.0));
        obstacles.add(Rect::new(0.0, 0.0, 150.0, 200.0));
        let (place, covered) = best_corner(&entries(&layers), &frame, &obstacles);
        assert_eq!(covered, 0);
        assert!(place.left > 150.0 && place.top > 120.0);
    }
}
