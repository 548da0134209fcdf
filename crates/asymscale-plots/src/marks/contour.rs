//! Lines of equal value on a grid, by marching squares.

use std::collections::BTreeMap;

use crate::backends::scene::Position;

/// A grid in pixels with values in their transformed coordinate; `None` where there is no value.
pub(crate) struct ScalarField {
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
    pub(crate) values: Vec<Option<f64>>,
}

/// An edge of the grid: its lower left node, and whether it runs along x.
type Edge = (usize, usize, bool);

impl ScalarField {
    fn at(&self, i: usize, j: usize) -> Option<f64> {
        self.values[j * self.x.len() + i]
    }

    /// The lines on which the field equals `level`, each open or closed (first place = last place).
    ///
    /// Crossings are interpolated linearly along the edges of the grid, so a linear field is traced
    /// exactly. In a saddle cell the mean of the corners decides which corners are joined. Time and
    /// memory: proportional to the nodes, apart from a logarithm.
    pub(crate) fn lines(&self, level: f64) -> Vec<Vec<Position>> {
        let mut links: BTreeMap<Edge, Vec<Edge>> = BTreeMap::new();
        for j in 0..self.y.len().saturating_sub(1) {
            for i in 0..self.x.len().saturating_sub(1) {
                for (a, b) in self.segments(i, j, level) {
                    links.entry(a).or_default().push(b);
                    links.entry(b).or_default().push(a);
                }
            }
        }
        chains(links)
            .iter()
            .map(|chain| chain.iter().map(|&e| self.crossing(e, level)).collect())
            .collect()
    }

    /// The segments through one cell, as pairs of the edges they cross.
    fn segments(&self, i: usize, j: usize, level: f64) -> Vec<(Edge, Edge)> {
        let corners = [self.at(i, j), self.at(i + 1, j), self.at(i + 1, j + 1), self.at(i, j + 1)];
        let [Some(a), Some(b), Some(c), Some(d)] = corners else { return Vec::new() };
        let above = [a, b, c, d].map(|v| v >= level);
        let sides: [Edge; 4] = [(i, j, true), (i + 1, j, false), (i, j + 1, true), (i, j, false)];
        let crossed: Vec<Edge> =
            (0..4).filter(|&k| above[k] != above[(k + 1) % 4]).map(|k| sides[k]).collect();
        match crossed[..] {
            [one, other] => vec![(one, other)],
            [bottom, right, top, left] => {
                let middle_like_a = ((a + b + c + d) / 4.0 >= level) == above[0];
                if middle_like_a {
                    vec![(bottom, right), (top, left)]
                } else {
                    vec![(bottom, left), (right, top)]
                }
            }
            _ => Vec::new(),
        }
    }

    fn crossing(&self, (i, j, along_x): Edge, level: f64) -> Position {
        let (k, l) = if along_x { (i + 1, j) } else { (i, j + 1) };
        let t = match (self.at(i, j), self.at(k, l)) {
            (Some(a), Some(b)) if a != b => (level - a) / (b - a),
            _ => 0.5,
        };
        (self.x[i] + t * (self.x[k] - self.x[i]), self.y[j] + t * (self.y[l] - self.y[j]))
    }
}

/// Joins links into chains: open ones from their ends, then what remains, which are rings.
fn chains(mut links: BTreeMap<Edge, Vec<Edge>>) -> Vec<Vec<Edge>> {
    let ends: Vec<Edge> =
        links.iter().filter(|(_, to)| to.len() == 1).map(|(&edge, _)| edge).collect();
    let mut chains = Vec::new();
    for start in ends.into_iter().chain(links.keys().copied().collect::<Vec<_>>()) {
        let mut chain = vec![start];
        while let Some(next) = unlink(&mut links, chain[chain.len() - 1]) {
            chain.push(next);
        }
        if chain.len() > 1 {
            chains.push(chain);
        }
    }
    chains
}

/// Takes one link away from an edge, in both directions, and returns where it led.
fn unlink(links: &mut BTreeMap<Edge, Vec<Edge>>, from: Edge) -> Option<Edge> {
    let to = links.get_mut(&from)?.pop()?;
    if let Some(back) = links.get_mut(&to) {
        back.retain(|&edge| edge != from);
    }
    Some(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(n: usize, f: impl Fn(f64, f64) -> f64) -> ScalarField {
        let nodes: Vec<f64> = (0..n).map(|k| k as f64 / (n - 1) as f64 * 2.0 - 1.0).collect();
        let values = nodes
            .iter()
            .flat_map(|&y| nodes.iter().map(move |&x| (x, y)))
            .map(|(x, y)| Some(f(x, y)));
        ScalarField { values: values.collect(), x: nodes.clone(), y: nodes }
    }

    #[test]
    fn linear_field_is_traced_exactly() {
        let lines = field(9, |x, y| x + 2.0 * y).lines(0.3);
        assert_eq!(lines.len(), 1);
        // Rounding only.
        assert!(lines[0].iter().all(|&(x, y)| (x + 2.0 * y - 0.3).abs() < 1e-12));
    }

    #[test]
    fn circle_is_one_closed_ring() {
        let lines = field(41, f64::hypot).lines(0.7);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].first(), lines[0].last());
        // Linear interpolation on a grid of step h = 0.05 is off by at most h²/(8 r) = 4.5e-4, and
        // along the diagonal of a cell by twice that.
        assert!(lines[0].iter().all(|&(x, y)| (x.hypot(y) - 0.7).abs() < 1e-3));
    }

    #[test]
    fn saddle_gives_two_branches() {
        for level in [-0.1, 0.1] {
            assert_eq!(field(10, |x, y| x * y).lines(level).len(), 2);
        }
    }

    #[test]
    fn missing_values_break_lines() {
        let mut broken = field(9, |x, _| x);
        broken.values[4 * 9 + 4] = None;
        assert_eq!(broken.lines(0.05).len(), 2);
        broken.values.fill(None);
        assert!(broken.lines(0.05).is_empty());
    }
}
