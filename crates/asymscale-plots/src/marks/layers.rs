//! Layers as shapes inside a frame.

use crate::backends::scene::{HorizontalAnchor, Label, Pen, Position, Rect, Scene, VerticalAnchor};
use crate::layout::coordinates::Frame;
use crate::layout::obstacles::Obstacles;
use crate::marks::clip::{clip_area, clip_line, dashes};
use crate::marks::heat;
use crate::model::axis::Scale;
use crate::model::colors::ColorScale;
use crate::model::layer::{
    Band, Bars, Dash, Direction, Layer, Line, Marker, Note, Points, Reference,
};
use crate::theme::{self, Color};

/// Radius of a marker, in pixels.
pub(crate) const MARKER_RADIUS: f64 = 3.3;
/// Opacity of bands.
pub(crate) const BAND_OPACITY: f64 = 0.22;

/// Draws all layers: areas, references, lines, points, then words, each kind in the caller's order.
pub(crate) fn layers(
    scene: &mut Scene,
    frame: &Frame,
    layers: &[Layer],
    colors: Option<&ColorScale>,
) {
    let mut order: Vec<&Layer> = layers.iter().collect();
    order.sort_by_key(|layer| drawing_order(layer));
    let mut words = Scene::default();
    let mut written = Vec::new();
    for layer in &order {
        match layer {
            Layer::Heat(map) => {
                if let Some(colors) = colors {
                    heat::cells(scene, frame, map, colors);
                }
            }
            Layer::Band(layer) => band(scene, frame, layer),
            Layer::Bars(layer) => bars(scene, frame, layer),
            Layer::Reference(layer) => reference_line(scene, frame, layer),
            Layer::Line(layer) => line(scene, frame, layer),
            Layer::Contours(layer) => {
                let mut others = Obstacles::of(&scene.shapes);
                others.extend(&words.shapes);
                heat::contours(scene, frame, layer, colors, &others, &mut written);
            }
            Layer::Points(layer) => points(scene, frame, layer),
            Layer::Note(layer) => note(&mut words, frame, layer),
        }
    }
    scene.shapes.append(&mut words.shapes);
    let mut obstacles = Obstacles::of(&scene.shapes);
    for layer in &order {
        if let Layer::Reference(reference) = layer {
            let label = reference_label(frame, reference, &obstacles);
            if let Some(label) = label {
                obstacles.add(label.bounds());
                scene.text(label);
            }
        }
    }
}

/// The order of drawing. Notes are set aside early, so that contours can write their values off
/// them.
fn drawing_order(layer: &Layer) -> u8 {
    match layer {
        Layer::Heat(_) => 0,
        Layer::Band(_) => 1,
        Layer::Bars(_) => 2,
        Layer::Reference(_) | Layer::Note(_) => 3,
        Layer::Line(_) => 4,
        Layer::Contours(_) => 5,
        Layer::Points(_) => 6,
    }
}

/// The stretches of a line that can be placed; the others break it.
fn unbroken_runs<T: Copy>(
    nodes: &[T],
    place: impl Fn(T) -> Option<Position>,
) -> Vec<Vec<Position>> {
    let placed: Vec<Option<Position>> = nodes.iter().map(|&node| place(node)).collect();
    placed.split(Option::is_none).map(|part| part.iter().copied().flatten().collect()).collect()
}

fn line(scene: &mut Scene, frame: &Frame, line: &Line) {
    for run in unbroken_runs(&line.points, |point| frame.position(point)) {
        for part in clip_line(&run, &frame.rect) {
            stroke(scene, &part, line.color, line.width, line.dash);
        }
    }
}

/// Draws a line with its dashes.
pub(crate) fn stroke(
    scene: &mut Scene,
    vertices: &[Position],
    color: Color,
    width: f64,
    dash: Dash,
) {
    for part in dashes(vertices, dash, width) {
        scene.path(part, Pen { color, width });
    }
}

fn band(scene: &mut Scene, frame: &Frame, band: &Band) {
    // A node needs both its ends, so that the two borders break at the same nodes.
    let whole: Vec<_> = band
        .nodes
        .iter()
        .map(|&(x, low, high)| (!low.is_nan() && !high.is_nan()).then_some((x, low, high)))
        .collect();
    let lower = unbroken_runs(&whole, |node| node.and_then(|(x, low, _)| frame.position((x, low))));
    let upper =
        unbroken_runs(&whole, |node| node.and_then(|(x, _, high)| frame.position((x, high))));
    for (mut border, back) in lower.into_iter().zip(upper) {
        border.extend(back.into_iter().rev());
        scene.area(clip_area(&border, &frame.rect), band.color, BAND_OPACITY);
    }
}

fn bars(scene: &mut Scene, frame: &Frame, bars: &Bars) {
    let baseline =
        if frame.y.scale == Scale::Linear { frame.y_pixel(0.0) } else { Some(frame.rect.bottom) };
    for &(left, right, height) in &bars.bars {
        let places = (frame.x_pixel(left), frame.x_pixel(right), frame.y_pixel(height), baseline);
        let (Some(left), Some(right), Some(top), Some(baseline)) = places else { continue };
        // Half a pixel is left free between neighbours.
        let bar = Rect::new(left + 0.25, top.min(baseline), right - 0.25, top.max(baseline));
        scene.area(clip_area(&bar.corners(), &frame.rect), bars.color, 0.75);
    }
}

fn reference_line(scene: &mut Scene, frame: &Frame, reference: &Reference) {
    let Some(vertices) = reference_ends(frame, reference) else { return };
    stroke(scene, &vertices, reference.color, 1.1, reference.dash);
}

fn reference_ends(frame: &Frame, reference: &Reference) -> Option<[Position; 2]> {
    let rect = frame.rect;
    let vertices = match reference.direction {
        Direction::Vertical => {
            let x = frame.x_pixel(reference.at)?;
            [(x, rect.bottom), (x, rect.top)]
        }
        Direction::Horizontal => {
            let y = frame.y_pixel(reference.at)?;
            [(rect.left, y), (rect.right, y)]
        }
    };
    rect.contains(vertices[0]).then_some(vertices)
}

/// The label of a reference line: beside it at either end, on either side, wherever it hides least.
fn reference_label(frame: &Frame, reference: &Reference, obstacles: &Obstacles) -> Option<Label> {
    let [start, end] = reference_ends(frame, reference)?;
    let rotated = reference.direction == Direction::Vertical;
    let mut choices = Vec::new();
    for (along, side) in [
        (0.97, HorizontalAnchor::Right),
        (0.03, HorizontalAnchor::Left),
        (0.5, HorizontalAnchor::Middle),
    ] {
        for (offset, level) in [(-4.0, VerticalAnchor::Base), (4.0, VerticalAnchor::Top)] {
            let (x, y) = (start.0 + along * (end.0 - start.0), start.1 + along * (end.1 - start.1));
            let at = if rotated { (x + offset, y) } else { (x, y + offset) };
            let label = Label {
                side,
                level,
                rotated,
                color: reference.color,
                ..Label::new(&reference.label, at, theme::SMALL)
            };
            let bounds = label.bounds();
            let cut = if frame.rect.holds(&bounds) { 0 } else { 1_000_000 };
            choices.push((cut + obstacles.within(&bounds.grown(1.5)), label));
        }
    }
    choices.into_iter().min_by_key(|(hidden, _)| *hidden).map(|(_, label)| label)
}

fn note(scene: &mut Scene, frame: &Frame, note: &Note) {
    let Some((x, y)) = frame.position(note.at) else { return };
    let mut label = Label {
        side: HorizontalAnchor::Middle,
        color: note.color,
        ..Label::new(&note.text, (x, y), theme::SMALL)
    };
    let bounds = label.bounds().grown(3.0);
    let rect = frame.rect;
    let into =
        |low: f64, high: f64, from: f64, to: f64| (from - low).max(0.0) + (to - high).min(0.0);
    label.at.0 += into(bounds.left, bounds.right, rect.left, rect.right);
    label.at.1 += into(bounds.top, bounds.bottom, rect.top, rect.bottom);
    scene.area(label.bounds().grown(2.0).corners(), Color::BACKGROUND, 0.8);
    scene.text(label);
}

fn points(scene: &mut Scene, frame: &Frame, points: &Points) {
    let pen = Pen { color: points.color, width: 1.1 };
    for (&(x, _), &ends) in points.points.iter().zip(&points.intervals) {
        interval(scene, frame, x, ends, pen);
    }
    let rect = frame.rect.grown(0.5);
    let placed: Vec<Position> =
        points.points.iter().filter_map(|&point| frame.position(point)).collect();
    let seen: Vec<Position> = placed.iter().copied().filter(|&dot| rect.contains(dot)).collect();
    // A rim of paper keeps points apart from lines and from each other.
    for &at in &seen {
        marker(scene, at, points.marker, MARKER_RADIUS + 0.8, Color::BACKGROUND);
    }
    for &at in &seen {
        marker(scene, at, points.marker, MARKER_RADIUS, points.color);
    }
    if !points.filled && points.marker != Marker::Cross {
        for &at in &seen {
            marker(scene, at, points.marker, MARKER_RADIUS - 1.15, Color::BACKGROUND);
        }
    }
    for &(x, y) in placed
        .iter()
        .filter(|dot| !rect.contains(**dot) && (rect.left..=rect.right).contains(&dot.0))
    {
        arrow(scene, (x, y.clamp(frame.rect.top, frame.rect.bottom)), y < rect.top, points.color);
    }
}

/// An interval with caps; an end outside the frame has an arrow instead.
fn interval(scene: &mut Scene, frame: &Frame, x: f64, (low, high): (f64, f64), pen: Pen) {
    let (Some(baseline), Some(head)) = (frame.position((x, low)), frame.position((x, high))) else {
        return;
    };
    let Some(bar) = clip_line(&[baseline, head], &frame.rect).pop() else { return };
    for (end, wanted) in [(bar[0], baseline), (bar[1], head)] {
        if end == wanted {
            scene.path(vec![(end.0 - 2.2, end.1), (end.0 + 2.2, end.1)], pen);
        } else {
            arrow(scene, end, wanted.1 < frame.rect.top, pen.color);
        }
    }
    scene.path(bar, pen);
}

/// Draws an arrow head at the edge, for a value beyond it.
fn arrow(scene: &mut Scene, (x, y): Position, up: bool, color: Color) {
    let back = if up { 5.5 } else { -5.5 };
    scene.area(vec![(x - 3.2, y + back), (x, y), (x + 3.2, y + back)], color, 1.0);
}

/// The two strokes of a cross.
const DIAGONAL: [[Position; 2]; 2] = [[(-1.0, -1.0), (1.0, 1.0)], [(-1.0, 1.0), (1.0, -1.0)]];

/// Draws one marker. Radii are such that all shapes look equally large.
pub(crate) fn marker(scene: &mut Scene, at: Position, marker: Marker, radius: f64, color: Color) {
    let polygon = |scale: f64, vertices: &[Position]| {
        vertices
            .iter()
            .map(|d| (at.0 + scale * radius * d.0, at.1 + scale * radius * d.1))
            .collect::<Vec<_>>()
    };
    match marker {
        Marker::Circle => scene.disc(at, radius, color),
        Marker::Square => {
            scene.area(
                polygon(0.88, &[(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]),
                color,
                1.0,
            );
        }
        Marker::Triangle => {
            scene.area(polygon(1.28, &[(0.0, -1.0), (0.87, 0.5), (-0.87, 0.5)]), color, 1.0);
        }
        Marker::Wedge => {
            scene.area(polygon(1.28, &[(0.0, 1.0), (-0.87, -0.5), (0.87, -0.5)]), color, 1.0);
        }
        Marker::Diamond => {
            scene.area(
                polygon(1.22, &[(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)]),
                color,
                1.0,
            );
        }
        Marker::Cross => {
            let width = 1.8 + 2.0 * (radius - MARKER_RADIUS).max(0.0);
            for ends in DIAGONAL {
                scene.path(polygon(0.9, &ends), Pen { color, width });
            }
        }
    }
}
