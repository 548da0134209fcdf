//! The frame of a panel: grid, spines, marks, captions.

use crate::backends::scene::{HorizontalAnchor, Label, Pen, Rect, Scene, VerticalAnchor};
use crate::backends::text::{self, Weight};
use crate::layout::coordinates::Frame;
use crate::layout::panel::{Decorations, PanelLayout, widest};
use crate::marks::heat;
use crate::theme::{self, Color};

/// Draws grid, spines, marks and their labels. A heat map has a closed frame and no grid.
pub(crate) fn draw_axes(
    scene: &mut Scene,
    frame: &Frame,
    decorations: &Decorations<'_>,
    heated: bool,
) {
    let rect = &frame.rect;
    if !heated {
        grid(scene, frame, decorations);
    }
    marks(scene, frame, decorations);
    if heated {
        heat::outline(scene, &rect.grown(0.4));
    } else {
        let spine =
            vec![(rect.left, rect.top), (rect.left, rect.bottom), (rect.right, rect.bottom)];
        scene.path(spine, Pen { color: Color::AXIS, width: 0.9 });
    }
}

/// A light line at each label.
fn grid(scene: &mut Scene, frame: &Frame, decorations: &Decorations<'_>) {
    let (rect, pen) = (&frame.rect, Pen { color: Color::GRID, width: 0.8 });
    for tick in decorations.x_ticks.iter().filter(|tick| !tick.label.is_empty()) {
        frame
            .x_pixel(tick.value)
            .into_iter()
            .for_each(|x| scene.path(vec![(x, rect.top), (x, rect.bottom)], pen));
    }
    for tick in decorations.y_ticks.iter().filter(|tick| !tick.label.is_empty()) {
        frame
            .y_pixel(tick.value)
            .into_iter()
            .for_each(|y| scene.path(vec![(rect.left, y), (rect.right, y)], pen));
    }
}

fn marks(scene: &mut Scene, frame: &Frame, decorations: &Decorations<'_>) {
    let rect = &frame.rect;
    let length = |label: &str| if label.is_empty() { 0.6 * theme::TICK } else { theme::TICK };
    let pen =
        |label: &str| Pen { color: Color::AXIS, width: if label.is_empty() { 0.6 } else { 0.9 } };
    for tick in &decorations.x_ticks {
        let Some(x) = frame.x_pixel(tick.value) else { continue };
        scene
            .path(vec![(x, rect.bottom), (x, rect.bottom + length(&tick.label))], pen(&tick.label));
    }
    for tick in &decorations.y_ticks {
        let Some(y) = frame.y_pixel(tick.value) else { continue };
        scene.path(vec![(rect.left - length(&tick.label), y), (rect.left, y)], pen(&tick.label));
    }
    for tick in &decorations.x_ticks {
        let at = (frame.x_pixel(tick.value).unwrap_or(rect.left), rect.bottom + theme::TICK + 4.0);
        let label = Label::new(&tick.label, at, theme::SMALL);
        scene.text(Label { side: HorizontalAnchor::Middle, level: VerticalAnchor::Top, ..label });
    }
    for tick in &decorations.y_ticks {
        let at = (rect.left - theme::TICK - 3.0, frame.y_pixel(tick.value).unwrap_or(rect.bottom));
        scene.text(Label {
            side: HorizontalAnchor::Right,
            ..Label::new(&tick.label, at, theme::SMALL)
        });
    }
}

/// Draws title and axis labels, smaller where the cell has no room for them.
pub(crate) fn draw_captions(
    scene: &mut Scene,
    layout: &PanelLayout<'_>,
    rect: &Rect,
    decorations: &Decorations<'_>,
    cell: &Rect,
) {
    let size = text::fit(&layout.title, theme::TITLE, Weight::Bold, cell.right - rect.left);
    let at = (rect.left, rect.top - theme::GAP - 0.2 * theme::TITLE);
    scene.text(Label {
        weight: Weight::Bold,
        level: VerticalAnchor::Base,
        ..Label::new(&layout.title, at, size)
    });

    let (x, y) = (f64::midpoint(rect.left, rect.right), f64::midpoint(rect.top, rect.bottom));
    let caption = layout.panel.x.caption();
    let room = 2.0 * (x - cell.left).min(cell.right - x);
    let below = rect.bottom + theme::TICK + 4.0 + 1.1 * theme::SMALL + 0.75 * theme::GAP;
    let label =
        Label::new(&caption, (x, below), text::fit(&caption, theme::LABEL, Weight::Regular, room));
    scene.text(Label { side: HorizontalAnchor::Middle, level: VerticalAnchor::Top, ..label });

    let caption = layout.panel.y.caption();
    let room = 2.0 * (y - cell.top).min(cell.bottom - y);
    let beside = rect.left
        - theme::TICK
        - 3.0
        - widest(&decorations.y_ticks)
        - theme::GAP
        - 0.2 * theme::LABEL;
    let label =
        Label::new(&caption, (beside, y), text::fit(&caption, theme::LABEL, Weight::Regular, room));
    scene.text(Label {
        side: HorizontalAnchor::Middle,
        level: VerticalAnchor::Base,
        rotated: true,
        ..label
    });
}
