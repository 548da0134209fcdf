//! The frame of a panel: grid, spines, marks, captions.

use crate::axis::Frame;
use crate::heat;
use crate::layout::{Plan, Rim, widest};
use crate::scene::{Label, Level, Pen, Rect, Scene, Side};
use crate::text::{self, Weight};
use crate::theme::{self, Color};

/// Draws grid, spines, marks and their labels. A heat map has a closed frame and no grid.
pub(crate) fn draw_axes(scene: &mut Scene, frame: &Frame, rim: &Rim<'_>, heated: bool) {
    let rect = &frame.rect;
    if !heated {
        grid(scene, frame, rim);
    }
    marks(scene, frame, rim);
    if heated {
        heat::outline(scene, &rect.grown(0.4));
    } else {
        let spine =
            vec![(rect.left, rect.top), (rect.left, rect.bottom), (rect.right, rect.bottom)];
        scene.path(spine, Pen { color: Color::AXIS, width: 0.9 });
    }
}

/// A light line at each label.
fn grid(scene: &mut Scene, frame: &Frame, rim: &Rim<'_>) {
    let (rect, pen) = (&frame.rect, Pen { color: Color::GRID, width: 0.8 });
    for tick in rim.x_ticks.iter().filter(|tick| !tick.label.is_empty()) {
        frame
            .left_of(tick.value)
            .into_iter()
            .for_each(|x| scene.path(vec![(x, rect.top), (x, rect.bottom)], pen));
    }
    for tick in rim.y_ticks.iter().filter(|tick| !tick.label.is_empty()) {
        frame
            .top_of(tick.value)
            .into_iter()
            .for_each(|y| scene.path(vec![(rect.left, y), (rect.right, y)], pen));
    }
}

fn marks(scene: &mut Scene, frame: &Frame, rim: &Rim<'_>) {
    let rect = &frame.rect;
    let length = |label: &str| if label.is_empty() { 0.6 * theme::TICK } else { theme::TICK };
    let pen =
        |label: &str| Pen { color: Color::AXIS, width: if label.is_empty() { 0.6 } else { 0.9 } };
    for tick in &rim.x_ticks {
        let Some(x) = frame.left_of(tick.value) else { continue };
        scene
            .path(vec![(x, rect.bottom), (x, rect.bottom + length(&tick.label))], pen(&tick.label));
    }
    for tick in &rim.y_ticks {
        let Some(y) = frame.top_of(tick.value) else { continue };
        scene.path(vec![(rect.left - length(&tick.label), y), (rect.left, y)], pen(&tick.label));
    }
    for tick in &rim.x_ticks {
        let at = (frame.left_of(tick.value).unwrap_or(rect.left), rect.bottom + theme::TICK + 4.0);
        let label = Label::new(&tick.label, at, theme::SMALL);
        scene.text(Label { side: Side::Middle, level: Level::Top, ..label });
    }
    for tick in &rim.y_ticks {
        let at = (rect.left - theme::TICK - 3.0, frame.top_of(tick.value).unwrap_or(rect.bottom));
        scene.text(Label { side: Side::Right, ..Label::new(&tick.label, at, theme::SMALL) });
    }
}

/// Draws title and axis labels, smaller where the cell has no room for them.
pub(crate) fn draw_captions(
    scene: &mut Scene,
    plan: &Plan<'_>,
    rect: &Rect,
    rim: &Rim<'_>,
    cell: &Rect,
) {
    let size = text::fit(&plan.title, theme::TITLE, Weight::Bold, cell.right - rect.left);
    let at = (rect.left, rect.top - theme::GAP - 0.2 * theme::TITLE);
    scene.text(Label {
        weight: Weight::Bold,
        level: Level::Base,
        ..Label::new(&plan.title, at, size)
    });

    let (x, y) = (f64::midpoint(rect.left, rect.right), f64::midpoint(rect.top, rect.bottom));
    let caption = plan.panel.x.caption();
    let room = 2.0 * (x - cell.left).min(cell.right - x);
    let below = rect.bottom + theme::TICK + 4.0 + 1.1 * theme::SMALL + 0.75 * theme::GAP;
    let label =
        Label::new(&caption, (x, below), text::fit(&caption, theme::LABEL, Weight::Regular, room));
    scene.text(Label { side: Side::Middle, level: Level::Top, ..label });

    let caption = plan.panel.y.caption();
    let room = 2.0 * (y - cell.top).min(cell.bottom - y);
    let beside =
        rect.left - theme::TICK - 3.0 - widest(&rim.y_ticks) - theme::GAP - 0.2 * theme::LABEL;
    let label =
        Label::new(&caption, (beside, y), text::fit(&caption, theme::LABEL, Weight::Regular, room));
    scene.text(Label { side: Side::Middle, level: Level::Base, turned: true, ..label });
}
