//! Drawing features on the seen coordinates, and their outputs on the design.

use crate::design_reduction::reduced::Reduced;
use crate::linear_algebra::dense::{add_product, add_scaled, stride};
use asymscale_sampling::{Design, Key, feature_column, sparse};
use faer::{MatMut, MatRef};
use std::cell::Cell;

/// A thread keeps at most so many numbers allocated from one curve to the next (256 MiB).
const KEPT: usize = 1 << 25;

thread_local! {
    /// Memory of the last features drawn on this thread. Fresh memory costs a page fault per 4 KiB,
    /// together about half as much as the normal draws that fill it.
    static MEMORY: Cell<(Vec<f64>, Vec<f64>)> = const { Cell::new((Vec::new(), Vec::new())) };
}

/// Unscaled features `G` (`N × seen`, standard normal) and their outputs on the reduced design.
#[derive(Debug)]
pub(super) struct Features {
    count: usize,
    rank: usize,
    /// Distance between columns.
    stride: usize,
    /// A column of `count` for each seen coordinate.
    weights: Vec<f64>,
    /// `G Xᵀ`, a column of `count` for each row of the reduced design.
    outputs: Vec<f64>,
}

impl Features {
    /// Draws `count` features.
    pub(super) fn draw(design: &Design, reduced: &Reduced, count: usize, key: &Key) -> Self {
        let (mut weights, mut outputs) = MEMORY.take();
        let (stride, rank) = (stride(count), reduced.rank());
        weights.resize(stride * reduced.seen(), 0.0);
        outputs.clear();
        outputs.resize(stride * rank, 0.0);
        let mut features = Self { count, rank, stride, weights, outputs };
        features.draw_head(design, reduced, key);
        features.draw_tail(design, reduced, key);
        features
    }

    /// `X Gᵀ`, `r × count`.
    pub(super) fn outputs(&self) -> MatRef<'_, f64> {
        MatRef::from_column_major_slice(&self.outputs, self.stride, self.rank)
            .subrows(0, self.count)
            .transpose()
    }

    /// The weights of features `from..to` on seen coordinates `first..last`,
    /// `(to − from) × (last − first)`.
    pub(super) fn block(
        &self,
        from: usize,
        to: usize,
        first: usize,
        last: usize,
    ) -> MatRef<'_, f64> {
        let columns = &self.weights[first * self.stride..last * self.stride];
        MatRef::from_column_major_slice(columns, self.stride, last - first).subrows(from, to - from)
    }

    /// Draws the weights of the dense first columns of the design; their outputs are one matrix
    /// product.
    fn draw_head(&mut self, design: &Design, reduced: &Reduced, key: &Key) {
        let (split, count) = (reduced.tail().start, self.count);
        let weights = &mut self.weights[..self.stride * split];
        for (j, column) in weights.chunks_exact_mut(self.stride).enumerate() {
            feature_column(key, design.index(j), &mut column[..count]);
        }
        let head = MatRef::from_column_major_slice(weights, self.stride, split).subrows(0, count);
        let outputs =
            MatMut::from_column_major_slice_mut(&mut self.outputs, self.stride, self.rank);
        add_product(outputs.subrows_mut(0, count), head, reduced.head().transpose(), 1.0);
    }

    /// Draws the weights of sparse columns and uses them while they are in cache. Columns with the
    /// same first row are neighbours, so that most often the outputs are in cache too.
    fn draw_tail(&mut self, design: &Design, reduced: &Reduced, key: &Key) {
        let mut order: Vec<usize> = reduced.tail().collect();
        order.sort_by_key(|j| reduced.column(*j).0.first().copied());
        for j in order {
            let column = &mut self.weights[j * self.stride..][..self.count];
            feature_column(key, design.index(j), column);
            for (row, x) in sparse::entries(reduced.column(j)) {
                let outputs = &mut self.outputs[row * self.stride..][..self.count];
                add_scaled(outputs, x, column);
            }
        }
    }
}

impl Drop for Features {
    fn drop(&mut self) {
        if self.weights.len() + self.outputs.len() <= KEPT {
            MEMORY.set((std::mem::take(&mut self.weights), std::mem::take(&mut self.outputs)));
        }
    }
}
