//! Nodes for coordinates that are listed one by one.
//!
//! A few are nodes by themselves. Many are replaced by fewer: all sums over coordinates are of the
//! form `Σ_i w_i F(ln p_i, ln a_i²)` with one smooth `F` for all and a weight `w_i` that is 1, or
//! the ratio `g_i/λ_i` for the targets. In a square cell of the plane of `(ln p, ln a²)`, `F` is
//! its polynomial interpolant through a grid of Chebyshev points, and so the sum over the
//! coordinates of the cell is a sum over the points of the grid, with the weights
//! `Σ_i w_i ℓ_k(ln p_i) ℓ_m(ln a_i²)`, `ℓ` the Lagrange polynomials (the transposed interpolation
//! of Dutt, Gu and Rokhlin 1996, doi:10.1137/0733082). Some of these weights are negative, which
//! no sum minds. The functions have their nearest singularities where `λG = −1`, at a distance of
//! π from the real axis in `ln a²`, so that the error is `(π + √(π² + 1))^{−n}` of a cell's part,
//! below 1e-8 for the [`ORDER`] used.

use super::{CoordinateRule, Node};
use asymscale_model::SparseModel;
use std::collections::BTreeMap;

/// Points of a cell's grid along each axis.
const ORDER: usize = 12;
/// Up to so many coordinates are nodes by themselves.
const FEW: usize = 1000;
/// Width of a cell in `ln p` and in `ln a²`.
const CELL: f64 = 2.0;

impl CoordinateRule {
    /// Nodes for the coordinates that the tables of the model list.
    pub(super) fn push_listed(&mut self, model: &SparseModel) {
        let last = (model.listed() as f64).min(model.coordinates().as_f64()) as usize;
        let iid = model.has_iid_teacher();
        let mut cells: BTreeMap<(i64, i64), Vec<Listed>> = BTreeMap::new();
        for k in 1..=last {
            let one = Listed::of(model, k as f64, iid);
            // Next to p = 1 nothing is smooth, and p = 0 has no logarithm.
            if last > FEW && one.activity > 0.0 && one.activity < 1.0 {
                let [x, y] = one.place().map(|place| (place / CELL).floor() as i64);
                cells.entry((x, y)).or_default().push(one);
            } else {
                self.push_one(one);
            }
        }
        for ((x, y), members) in cells {
            if members.len() <= ORDER * ORDER {
                for one in members {
                    self.push_one(one);
                }
            } else {
                self.push_cell([x, y].map(|corner| (corner as f64 + 0.5) * CELL), &members);
            }
        }
        self.listed = self.nodes.len();
    }

    fn push_one(&mut self, one: Listed) {
        self.push_weighted(one.activity, one.eigenvalue, 1.0, one.weight_energy);
    }

    /// A node for `weight` coordinates alike, the sum of whose `g/λ` is `energies`.
    fn push_weighted(&mut self, activity: f64, eigenvalue: f64, weight: f64, energies: f64) {
        let samples = self.powers.samples;
        let scale = if activity == 0.0 { 0.0 } else { eigenvalue / (samples * activity) };
        let mut node = Node::new(weight * eigenvalue, eigenvalue, activity, scale, samples);
        node.target = energies * eigenvalue;
        self.nodes.push(node);
    }

    /// The grid of one cell, given by its centre, in the place of its members.
    fn push_cell(&mut self, centre: [f64; 2], members: &[Listed]) {
        let points = chebyshev();
        let mut weights = [[0.0; ORDER]; ORDER];
        let mut energies = [[0.0; ORDER]; ORDER];
        for one in members {
            let [x, y] = one.place();
            let across = lagrange(&points, (x - centre[0]) / (0.5 * CELL));
            let along = lagrange(&points, (y - centre[1]) / (0.5 * CELL));
            for (k, a) in across.iter().enumerate() {
                for (m, b) in along.iter().enumerate() {
                    weights[k][m] += a * b;
                    energies[k][m] += a * b * one.weight_energy;
                }
            }
        }
        for (k, row) in weights.iter().enumerate() {
            for (m, weight) in row.iter().enumerate() {
                let log_activity = centre[0] + 0.5 * CELL * points[k];
                let log_scale = centre[1] + 0.5 * CELL * points[m];
                let (p, eigenvalue) = (log_activity.exp(), (log_activity + log_scale).exp());
                self.push_weighted(p, eigenvalue, *weight, energies[k][m]);
            }
        }
    }
}

/// What the sums need of one coordinate.
#[derive(Debug, Clone, Copy)]
struct Listed {
    activity: f64,
    eigenvalue: f64,
    /// `g/λ`.
    weight_energy: f64,
}

impl Listed {
    fn of(model: &SparseModel, i: f64, iid: bool) -> Self {
        Self {
            activity: model.activity(i),
            eigenvalue: model.eigenvalue(i),
            weight_energy: if iid { 1.0 } else { model.weight_energy(i) },
        }
    }

    /// `(ln p, ln a²)`.
    fn place(&self) -> [f64; 2] {
        let log_activity = self.activity.ln();
        [log_activity, self.eigenvalue.ln() - log_activity]
    }
}

/// The Chebyshev points of the first kind on `[−1, 1]`.
fn chebyshev() -> [f64; ORDER] {
    std::array::from_fn(|k| (std::f64::consts::PI * (k as f64 + 0.5) / ORDER as f64).cos())
}

/// The Lagrange polynomials of the points at `x`, by the barycentric formula (Berrut and Trefethen
/// 2004, doi:10.1137/S0036144502417715).
fn lagrange(points: &[f64; ORDER], x: f64) -> [f64; ORDER] {
    if let Some(at) = points.iter().position(|point| *point == x) {
        return std::array::from_fn(|k| f64::from(u8::from(k == at)));
    }
    let terms: [f64; ORDER] = std::array::from_fn(|k| {
        let angle = std::f64::consts::PI * (k as f64 + 0.5) / ORDER as f64;
        let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
        sign * angle.sin() / (x - points[k])
    });
    let sum: f64 = terms.iter().sum();
    terms.map(|term| term / sum)
}
