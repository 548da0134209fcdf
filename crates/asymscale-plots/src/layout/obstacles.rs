//! What a legend or a label should not cover, represented by a cloud of points.

use crate::backends::scene::{Position, Rect, Shape};

/// Distance of neighbouring points of the cloud, in pixels.
const STEP: f64 = 3.0;

/// A cloud of points that stands for what is drawn.
#[derive(Debug, Clone, Default)]
pub(crate) struct Obstacles {
    vertices: Vec<Position>,
}

impl Obstacles {
    pub(crate) fn of(shapes: &[Shape]) -> Obstacles {
        let mut obstacles = Obstacles::default();
        obstacles.extend(shapes);
        obstacles
    }

    /// Adds what shapes cover.
    pub(crate) fn extend(&mut self, shapes: &[Shape]) {
        for shape in shapes {
            match shape {
                Shape::Path { vertices, .. } => self.line(vertices),
                Shape::Area { vertices, .. } => self.area(vertices),
                Shape::Disc { center: (x, y), radius: r, .. } => {
                    self.add(Rect::new(x - r, y - r, x + r, y + r));
                }
                // A heat map fills its panel, so that no place in it is freer than another.
                Shape::Cell { .. } => {}
                Shape::Text(label) => self.add(label.bounds()),
            }
        }
    }

    /// Adds a filled rectangle.
    pub(crate) fn add(&mut self, rect: Rect) {
        self.area(&rect.corners());
    }

    /// How many points of the cloud lie in a rectangle.
    pub(crate) fn within(&self, rect: &Rect) -> usize {
        self.vertices.iter().filter(|&&dot| rect.contains(dot)).count()
    }

    fn line(&mut self, vertices: &[Position]) {
        for pair in vertices.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let steps = ((b.0 - a.0).hypot(b.1 - a.1) / STEP).ceil().max(1.0);
            self.vertices.extend((0..=steps as u32).map(|k| {
                let t = f64::from(k) / steps;
                (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1))
            }));
        }
    }

    /// The border and, on horizontal scan lines, the inside (even-odd rule).
    fn area(&mut self, vertices: &[Position]) {
        let Some(&first) = vertices.first() else { return };
        self.line(vertices);
        self.line(&[vertices[vertices.len() - 1], first]);
        let (top, bottom) =
            vertices.iter().fold((first.1, first.1), |(t, b), d| (t.min(d.1), b.max(d.1)));
        for k in 1..=((bottom - top) / STEP) as u32 {
            let y = top + f64::from(k) * STEP;
            let mut crossings = crossings(vertices, y);
            crossings.sort_by(f64::total_cmp);
            crossings.chunks_exact(2).for_each(|pair| self.line(&[(pair[0], y), (pair[1], y)]));
        }
    }
}

fn crossings(vertices: &[Position], y: f64) -> Vec<f64> {
    let next = vertices.iter().cycle().skip(1);
    let cut = vertices.iter().zip(next).filter(|(a, b)| (a.1 < y) != (b.1 < y));
    cut.map(|(a, b)| a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_count_inside_and_not_outside() {
        let mut cloud = Obstacles::default();
        cloud.add(Rect::new(0.0, 0.0, 100.0, 100.0));
        assert!(cloud.within(&Rect::new(40.0, 40.0, 60.0, 60.0)) > 10);
        assert_eq!(cloud.within(&Rect::new(110.0, 0.0, 160.0, 60.0)), 0);
    }
}
