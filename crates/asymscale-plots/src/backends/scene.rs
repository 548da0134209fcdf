//! The scene: a flat list of shapes in pixels, which tests can inspect before it becomes SVG.

use crate::backends::text::{self, Weight};
use crate::theme::Color;

/// A place in pixels, y downwards.
pub(crate) type Position = (f64, f64);

/// An axis-parallel rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Rect {
    pub(crate) fn new(left: f64, top: f64, right: f64, bottom: f64) -> Rect {
        Rect { left, top, right, bottom }
    }
    pub(crate) fn width(&self) -> f64 {
        self.right - self.left
    }
    pub(crate) fn height(&self) -> f64 {
        self.bottom - self.top
    }
    pub(crate) fn contains(&self, (x, y): Position) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }
    pub(crate) fn overlaps(&self, other: &Rect) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
    pub(crate) fn holds(&self, other: &Rect) -> bool {
        self.contains((other.left, other.top)) && self.contains((other.right, other.bottom))
    }
    pub(crate) fn grown(&self, by: f64) -> Rect {
        Rect::new(self.left - by, self.top - by, self.right + by, self.bottom + by)
    }
    pub(crate) fn corners(&self) -> Vec<Position> {
        vec![
            (self.left, self.top),
            (self.right, self.top),
            (self.right, self.bottom),
            (self.left, self.bottom),
        ]
    }
}

/// Where a label touches its place, horizontally.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HorizontalAnchor {
    Left,
    Middle,
    Right,
}

/// Where a label touches its place, vertically; capitals count, not descenders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VerticalAnchor {
    Top,
    Middle,
    Base,
}

/// A line of text and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Label {
    pub(crate) text: String,
    pub(crate) at: Position,
    pub(crate) size: f64,
    pub(crate) weight: Weight,
    pub(crate) color: Color,
    pub(crate) side: HorizontalAnchor,
    pub(crate) level: VerticalAnchor,
    /// Reads upwards instead of to the right; `side` and `level` turn with it.
    pub(crate) rotated: bool,
}

impl Label {
    /// A label in ink, regular, starting at its place and centred on it vertically.
    pub(crate) fn new(text: impl Into<String>, at: Position, size: f64) -> Label {
        Label {
            text: text.into(),
            at,
            size,
            weight: Weight::Regular,
            color: Color::Ink,
            side: HorizontalAnchor::Left,
            level: VerticalAnchor::Middle,
            rotated: false,
        }
    }

    /// The rectangle that holds all ink and the whole advance.
    pub(crate) fn bounds(&self) -> Rect {
        let run = text::shape(&self.text, self.weight);
        let width = run.width * self.size;
        let start = match self.side {
            HorizontalAnchor::Left => 0.0,
            HorizontalAnchor::Middle => -width / 2.0,
            HorizontalAnchor::Right => -width,
        };
        let base = self.baseline();
        let (top, bottom) = (base + run.top * self.size, base + run.bottom * self.size);
        let (x, y) = self.at;
        if self.rotated {
            Rect::new(x + top, y - start - width, x + bottom, y - start)
        } else {
            Rect::new(x + start, y + top, x + start + width, y + bottom)
        }
    }

    /// How far the baseline lies below the place.
    fn baseline(&self) -> f64 {
        self.size
            * match self.level {
                VerticalAnchor::Top => text::CAPITAL,
                VerticalAnchor::Middle => text::CAPITAL / 2.0,
                VerticalAnchor::Base => 0.0,
            }
    }
}

/// A stroke: colour, width in pixels, opacity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pen {
    pub(crate) color: Color,
    pub(crate) width: f64,
}

/// One thing to draw.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// An open line.
    Path { vertices: Vec<Position>, pen: Pen },
    /// A filled polygon.
    Area { vertices: Vec<Position>, color: Color, opacity: f64 },
    /// A filled rectangle that meets its neighbours without a seam.
    Cell { rect: Rect, color: Color },
    /// A filled disc.
    Disc { center: Position, radius: f64, color: Color },
    /// A line of text.
    Text(Label),
}

/// The shapes of a figure, the first at the bottom.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Scene {
    pub(crate) shapes: Vec<Shape>,
}

impl Scene {
    pub(crate) fn path(&mut self, vertices: Vec<Position>, pen: Pen) {
        if vertices.len() > 1 {
            self.shapes.push(Shape::Path { vertices, pen });
        }
    }
    pub(crate) fn area(&mut self, vertices: Vec<Position>, color: Color, opacity: f64) {
        if vertices.len() > 2 {
            self.shapes.push(Shape::Area { vertices, color, opacity });
        }
    }
    pub(crate) fn cell(&mut self, rect: Rect, color: Color) {
        self.shapes.push(Shape::Cell { rect, color });
    }
    pub(crate) fn disc(&mut self, center: Position, radius: f64, color: Color) {
        self.shapes.push(Shape::Disc { center, radius, color });
    }
    pub(crate) fn text(&mut self, label: Label) {
        if !label.text.is_empty() {
            self.shapes.push(Shape::Text(label));
        }
    }
    /// The labels drawn so far.
    #[cfg(test)]
    pub(crate) fn labels(&self) -> impl Iterator<Item = &Label> {
        self.shapes.iter().filter_map(|shape| match shape {
            Shape::Text(label) => Some(label),
            _ => None,
        })
    }
}
