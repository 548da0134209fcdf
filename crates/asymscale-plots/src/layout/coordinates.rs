//! Coordinates: from the values of two axes to pixels.

use crate::backends::scene::{Position, Rect};
use crate::model::axis::ResolvedAxis;

/// The rectangle of the data with its two axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Frame {
    pub(crate) rect: Rect,
    pub(crate) x: ResolvedAxis,
    pub(crate) y: ResolvedAxis,
}

impl Frame {
    pub(crate) fn x_pixel(&self, x: f64) -> Option<f64> {
        self.x.fraction(x).map(|t| self.rect.left + t * self.rect.width())
    }
    pub(crate) fn y_pixel(&self, y: f64) -> Option<f64> {
        self.y.fraction(y).map(|t| self.rect.bottom - t * self.rect.height())
    }
    pub(crate) fn position(&self, (x, y): (f64, f64)) -> Option<Position> {
        Some((self.x_pixel(x)?, self.y_pixel(y)?))
    }
}
