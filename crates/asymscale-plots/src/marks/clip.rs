//! Cutting lines and areas at the frame, and lines into dashes.

use crate::backends::scene::{Position, Rect};
use crate::model::layer::Dash;

/// The parts of a line inside a rectangle.
pub(crate) fn clip_line(vertices: &[Position], frame: &Rect) -> Vec<Vec<Position>> {
    let mut parts: Vec<Vec<Position>> = Vec::new();
    for pair in vertices.windows(2) {
        let Some((a, b)) = clip_segment(pair[0], pair[1], frame) else { continue };
        match parts.last_mut() {
            Some(part) if part.last() == Some(&a) => part.push(b),
            _ => parts.push(vec![a, b]),
        }
    }
    parts
}

/// Liang and Barsky, "A new concept and method for line clipping", ACM TOG 3 (1984).
fn clip_segment(a: Position, b: Position, frame: &Rect) -> Option<(Position, Position)> {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    let sides = [
        (-dx, a.0 - frame.left),
        (dx, frame.right - a.0),
        (-dy, a.1 - frame.top),
        (dy, frame.bottom - a.1),
    ];
    for (p, q) in sides {
        if p == 0.0 && q < 0.0 {
            return None;
        } else if p < 0.0 {
            enter = enter.max(q / p);
        } else if p > 0.0 {
            leave = leave.min(q / p);
        }
    }
    let along = |t: f64| (a.0 + t * dx, a.1 + t * dy);
    let start = if enter == 0.0 { a } else { along(enter) };
    let end = if leave == 1.0 { b } else { along(leave) };
    (enter <= leave).then_some((start, end))
}

/// The part of a polygon inside a rectangle (Sutherland and Hodgman, CACM 17 (1974)).
pub(crate) fn clip_area(vertices: &[Position], frame: &Rect) -> Vec<Position> {
    type SignedDistance<'a> = &'a dyn Fn(Position) -> f64;
    let sides: [SignedDistance<'_>; 4] =
        [&|d| d.0 - frame.left, &|d| frame.right - d.0, &|d| d.1 - frame.top, &|d| {
            frame.bottom - d.1
        }];
    sides.iter().fold(vertices.to_vec(), |polygon, distance| clip_half_plane(&polygon, distance))
}

fn clip_half_plane(polygon: &[Position], distance: &dyn Fn(Position) -> f64) -> Vec<Position> {
    let mut kept = Vec::with_capacity(polygon.len() + 4);
    for (i, &b) in polygon.iter().enumerate() {
        let a = polygon[(i + polygon.len() - 1) % polygon.len()];
        let (da, db) = (distance(a), distance(b));
        if (da < 0.0) != (db < 0.0) {
            let t = da / (da - db);
            kept.push((a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1)));
        }
        if db >= 0.0 {
            kept.push(b);
        }
    }
    kept
}

/// Cuts a line into its dashes; lengths are in line widths.
pub(crate) fn dashes(vertices: &[Position], dash: Dash, width: f64) -> Vec<Vec<Position>> {
    let pattern: Vec<f64> = dash.pattern().iter().map(|length| length * width).collect();
    if pattern.is_empty() || vertices.len() < 2 {
        return vec![vertices.to_vec()];
    }
    let (mut parts, mut part) = (Vec::new(), vec![vertices[0]]);
    let (mut at, mut left) = (0, pattern[0]);
    for pair in vertices.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let length = (b.0 - a.0).hypot(b.1 - a.1);
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let t = done / length;
            let dot = (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1));
            if at % 2 == 0 {
                part.push(dot);
                parts.push(std::mem::take(&mut part));
            } else {
                part = vec![dot];
            }
            at = (at + 1) % pattern.len();
            left = pattern[at];
        }
        left -= length - done;
        if at % 2 == 0 {
            part.push(b);
        }
    }
    if part.len() > 1 {
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Rect = Rect { left: 0.0, top: 0.0, right: 10.0, bottom: 10.0 };

    #[test]
    fn line_is_cut_where_it_leaves_and_returns() {
        let parts = clip_line(&[(5.0, 5.0), (5.0, 20.0), (8.0, 20.0), (8.0, 5.0)], &FRAME);
        assert_eq!(parts, [[(5.0, 5.0), (5.0, 10.0)], [(8.0, 10.0), (8.0, 5.0)]]);
    }

    #[test]
    fn area_is_cut_at_every_side() {
        let kept = clip_area(&[(-5.0, -5.0), (15.0, -5.0), (15.0, 15.0), (-5.0, 15.0)], &FRAME);
        assert_eq!(kept.len(), 4);
        assert!(kept.iter().all(|&dot| FRAME.contains(dot)));
    }

    #[test]
    fn dashes_cover_their_share() {
        let parts = dashes(&[(0.0, 0.0), (50.0, 0.0), (100.0, 0.0)], Dash::Dashed, 1.0);
        let drawn: f64 = parts.iter().map(|p| p[p.len() - 1].0 - p[0].0).sum();
        // One period may be cut at the end of the line, so the share is met to a dash's length.
        let pattern = Dash::Dashed.pattern();
        let share = pattern[0] / (pattern[0] + pattern[1]);
        assert!((drawn - 100.0 * share).abs() <= pattern[0], "{drawn}");
    }
}
