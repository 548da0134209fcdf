//! Householder reflections that are right row by row.
//!
//! A matrix whose rows have lengths over many decades, the longest first, keeps the digits of its
//! shortest rows in a Householder factorisation if each reflection is applied as `b − v τ (vᵀb)`
//! with `v` of the sign that does not cancel. The library's factorisation loses them where one row
//! is 10¹³ times as long as all others (the test below holds it against this one), so these few
//! lines stand here, in blocks for matrix products.

use crate::linear_algebra::dense::{add_product, product, square_norm, zeros};
use faer::{Mat, MatMut};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Columns factorised at a time.
const PANEL: usize = 48;

/// A column whose rest has shrunk below this share of its last known length is put back until
/// longer ones are done. The golden table is met with this value; others were not tried.
const WAITS: f64 = 0.3;

/// A product of reflections, block by block.
#[derive(Debug, Clone)]
pub(super) struct Reflections {
    blocks: Vec<Block>,
}

impl Reflections {
    /// Brings `a` into upper triangular form. Cost: `2 rows² columns`.
    pub(super) fn factorise(a: &mut Mat<f64>) -> Self {
        let (mut blocks, mut from) = (Vec::new(), 0);
        while from < a.ncols().min(a.nrows()) {
            let to = (from + PANEL).min(a.ncols());
            let mut block = Block::none(from, a.nrows());
            for j in from..to {
                let mut column = a.as_mut().col_mut(j).as_mat_mut();
                block.apply(column.as_mut(), true);
                if block.left(column.as_mut()) > 0.0 {
                    block.eliminate(column);
                }
            }
            block.apply(a.as_mut().get_mut(.., to..), true);
            blocks.push(block);
            from = to;
        }
        Self { blocks }
    }

    /// Brings `a`, whose columns are of length one or zero, into echelon form; returns the columns
    /// that begin a row, in order. They are taken in the order of the length of their rest times
    /// `lengths`, within a factor of about three. A column with a rest of at most `least` begins no
    /// row, and its rest is set to zero. Cost: `2 rows² columns`.
    pub(super) fn echelon(a: &mut Mat<f64>, lengths: &[f64], least: f64) -> (Self, Vec<usize>) {
        let (mut pivots, mut blocks) = (Vec::new(), Vec::new());
        let mut open: BinaryHeap<PendingColumn> =
            (0..a.ncols()).map(|j| PendingColumn { left: lengths[j], column: j }).collect();
        while !open.is_empty() && pivots.len() < a.nrows() {
            let mut block = Block::none(pivots.len(), a.nrows());
            while block.has_space()
                && let Some(PendingColumn { left: before, column: j }) = open.pop()
            {
                let mut column = a.as_ref().subcols(j, 1).to_owned();
                block.apply(column.as_mut(), true);
                let left = block.left(column.as_mut());
                if left > least && left * lengths[j] < WAITS * before {
                    open.push(PendingColumn { left: left * lengths[j], column: j });
                    continue;
                }
                if left > least {
                    block.eliminate(column.as_mut());
                    pivots.push(j);
                } else {
                    block.clear(column.as_mut());
                }
                a.as_mut().subcols_mut(j, 1).copy_from(&column);
            }
            let rest: Vec<usize> = open.into_iter().map(|open| open.column).collect();
            open = block.update(a, &rest, lengths, least);
            blocks.push(block);
        }
        (Self { blocks }, pivots)
    }

    /// `b ← Qᵀ b`.
    pub(super) fn apply_transpose(&self, mut b: MatMut<'_, f64>) {
        self.blocks.iter().for_each(|block| block.apply(b.as_mut(), true));
    }

    /// `b ← Q b`.
    pub(super) fn apply(&self, mut b: MatMut<'_, f64>) {
        self.blocks.iter().rev().for_each(|block| block.apply(b.as_mut(), false));
    }
}

/// A column that does not begin a row yet.
#[derive(Debug, PartialEq)]
struct PendingColumn {
    /// An upper bound of the length of its rest.
    left: f64,
    column: usize,
}

impl Eq for PendingColumn {}

/// By the rest, and the earlier column first if rests are equal.
impl Ord for PendingColumn {
    fn cmp(&self, other: &Self) -> Ordering {
        self.left.total_cmp(&other.left).then(other.column.cmp(&self.column))
    }
}

impl PartialOrd for PendingColumn {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A product of Householder reflections that leave the first `offset` rows alone: `1 − V T Vᵀ`.
#[derive(Debug, Clone)]
struct Block {
    offset: usize,
    count: usize,
    /// `(rows − offset) × PANEL`, of which the first `count` columns are filled.
    v: Mat<f64>,
    /// Upper triangle.
    t: Mat<f64>,
}

impl Block {
    fn none(offset: usize, rows: usize) -> Self {
        Self { offset, count: 0, v: zeros(rows - offset, PANEL), t: zeros(PANEL, PANEL) }
    }

    /// Whether another reflection could be added.
    fn has_space(&self) -> bool {
        self.count < PANEL && self.count < self.v.nrows()
    }

    /// The rest of a column: its part below the triangle.
    fn rest<'a>(&self, column: MatMut<'a, f64>) -> MatMut<'a, f64> {
        column.subrows_mut(self.offset + self.count, self.v.nrows() - self.count)
    }

    /// The length of that rest.
    fn left(&self, column: MatMut<'_, f64>) -> f64 {
        self.rest(column).norm_l2()
    }

    fn clear(&self, column: MatMut<'_, f64>) {
        self.rest(column).fill(0.0);
    }

    /// Adds the reflection that eliminates the rest of `column`, to which the reflections before
    /// are applied already.
    fn eliminate(&mut self, column: MatMut<'_, f64>) {
        let mut rest = self.rest(column);
        let (head, length) = (rest[(0, 0)], rest.norm_l2());
        let end = if head > 0.0 { -length } else { length };
        let mut v =
            self.v.as_mut().subcols_mut(self.count, 1).subrows_mut(self.count, rest.nrows());
        v.copy_from(rest.as_ref());
        v[(0, 0)] = head - end;
        let tau = 2.0 / square_norm(v.as_ref());
        rest.fill(0.0);
        rest[(0, 0)] = end;
        self.extend_factor(tau);
    }

    /// Applies the whole block to these columns. Returns those with a rest of more than `least` and
    /// clears the rest of the others.
    fn update(
        &self,
        a: &mut Mat<f64>,
        columns: &[usize],
        lengths: &[f64],
        least: f64,
    ) -> BinaryHeap<PendingColumn> {
        let mut part = Mat::from_fn(a.nrows(), columns.len(), |i, k| a[(i, columns[k])]);
        self.apply(part.as_mut(), true);
        let mut open = BinaryHeap::new();
        for (k, j) in columns.iter().enumerate() {
            let mut column = part.as_mut().subcols_mut(k, 1);
            let left = self.left(column.as_mut());
            if left > least {
                open.push(PendingColumn { left: left * lengths[*j], column: *j });
            } else {
                self.clear(column.as_mut());
            }
            a.as_mut().subcols_mut(*j, 1).copy_from(&column);
        }
        open
    }

    /// The column of `T` of the last reflection: `−τ T Vᵀv`, and `τ` on the diagonal.
    fn extend_factor(&mut self, tau: f64) {
        let n = self.count;
        let (before, last) = (self.v.as_ref().subcols(0, n), self.v.as_ref().subcols(n, 1));
        let inner = product(before.transpose(), last);
        for i in 0..n {
            self.t[(i, n)] = -tau * (i..n).map(|k| self.t[(i, k)] * inner[(k, 0)]).sum::<f64>();
        }
        self.t[(n, n)] = tau;
        self.count += 1;
    }

    /// `b ← (1 − V T Vᵀ) b` on the rows from `offset` on, or with `T` transposed.
    fn apply(&self, b: MatMut<'_, f64>, transposed: bool) {
        if self.count == 0 || b.ncols() == 0 {
            return;
        }
        let mut b = b.subrows_mut(self.offset, self.v.nrows());
        let v = self.v.as_ref().subcols(0, self.count);
        let inner = product(v.transpose(), b.as_ref());
        let t = self.t.as_ref().submatrix(0, 0, self.count, self.count);
        let turned = product(if transposed { t.transpose() } else { t }, inner.as_ref());
        add_product(b.as_mut(), v, turned.as_ref(), -1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear_algebra::dense::Qr;
    use faer::Par;
    use faer::linalg::triangular_solve::solve_upper_triangular_in_place as solve_upper;

    /// Least squares of a matrix whose rows are long, and then ever shorter, with labels of a known
    /// solution: the relative error of that solution here, and by the library.
    fn errors(scales: &[f64], columns: usize) -> [f64; 2] {
        let noise =
            |i: usize, j: usize| ((i * columns + j) as f64 * 12.9898 + 1.0).sin() * 43758.5453;
        let entry = |i: usize, j: usize| scales[i] * (noise(i, j) - noise(i, j).floor() - 0.5);
        let a = Mat::from_fn(scales.len(), columns, entry);
        let truth = Mat::from_fn(columns, 1, |j, _| 1.0 + j as f64);
        let labels = product(a.as_ref(), truth.as_ref());
        let mut own = a.clone();
        let reflections = Reflections::factorise(&mut own);
        let mut b = labels.clone();
        reflections.apply_transpose(b.as_mut());
        let mut solution = b.as_ref().subrows(0, columns).to_owned();
        solve_upper(own.as_ref().subrows(0, columns), solution.as_mut(), Par::Seq);
        let library = Qr::new(a);
        let mut b = labels;
        library.apply_transpose(b.as_mut());
        let mut other = b.as_ref().subrows(0, columns).to_owned();
        solve_upper(library.r().subrows(0, columns), other.as_mut(), Par::Seq);
        [solution, other].map(|x| (&x - &truth).norm_l2() / truth.norm_l2())
    }

    #[test]
    fn short_rows_keep_digits_that_the_library_loses() {
        let scales = [1.2e6, 1e-7, 2.8e-8, 3.8e-10, 9.8e-11, 1.7e-11, 2.4e-12, 2e-13];
        let [own, library] = errors(&scales, 4);
        assert!(own < 1e-9, "{own}");
        assert!(library > 1e-3, "{library}: the library's factorisation would do");
        // Where rows are alike, both are right.
        let [own, library] = errors(&[1.0; 8], 4);
        assert!(own < 1e-12 && library < 1e-12, "{own} {library}");
    }

    /// Over several blocks, against the definition.
    #[test]
    fn the_factorisation_is_one() {
        let a = Mat::from_fn(130, 110, |i, j| ((i * 110 + j) as f64 * 0.734 + 0.1).sin());
        let mut factor = a.clone();
        let reflections = Reflections::factorise(&mut factor);
        for j in 0..110 {
            assert!((j + 1..130).all(|i| factor[(i, j)] == 0.0));
        }
        reflections.apply(factor.as_mut());
        assert!((&factor - &a).norm_max() < 1e-13);
    }
}
