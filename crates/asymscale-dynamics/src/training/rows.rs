//! The samples of a design one by one: their entries, and the features that a learner makes of
//! them.

use super::settings::Order;
use crate::learner::Learner;
use asymscale_sampling::Design;
use asymscale_sampling::sparse::SampleRows;
use faer::MatRef;
use std::ops::Range;

/// About so many samples of a stream are held at a time, so that they stay in the cache.
const BLOCK: usize = 1 << 14;

/// The entries of samples, of which a stream holds a block at a time.
#[derive(Debug)]
pub(super) struct Entries<'a> {
    design: &'a Design,
    rows: SampleRows,
    held: Range<usize>,
    next: Vec<usize>,
    block: usize,
}

impl<'a> Entries<'a> {
    /// Of samples that are visited in this order in batches.
    pub(super) fn new(design: &'a Design, order: Order, batch: usize) -> Self {
        let block = match order {
            Order::Fresh => batch * BLOCK.div_ceil(batch),
            _ => design.samples(),
        };
        let next = vec![0; design.seen()];
        Self { design, rows: SampleRows::default(), held: 0..0, next, block }
    }

    /// Makes sure that a batch is held: the next one of a stream, or any.
    #[inline]
    pub(super) fn hold(&mut self, batch: &[usize]) {
        if batch.first().is_some_and(|sample| *sample >= self.held.end) {
            let start = self.held.end;
            self.held = start..(start + self.block).min(self.design.samples());
            self.rows.load(self.design, self.held.clone(), &mut self.next);
        }
    }

    /// (coordinate, value) of a sample that is held.
    #[inline]
    pub(super) fn of(&self, sample: usize) -> &[(u32, f64)] {
        self.rows.sample(sample - self.held.start)
    }
}

/// The features of a batch, where they are not the coordinates.
#[derive(Debug)]
pub(super) struct Features<'a> {
    outputs: MatRef<'a, f64>,
    batch: Vec<(u32, f64)>,
}

impl<'a> Features<'a> {
    pub(super) fn of(learner: Learner<'a>) -> Option<Self> {
        match learner {
            Learner::Coordinates => None,
            Learner::Features(map) => Some(Self { outputs: map.outputs(), batch: Vec::new() }),
        }
    }

    /// Copies those of a batch together.
    pub(super) fn hold(&mut self, batch: &[usize]) {
        self.batch.clear();
        for sample in batch {
            let row = self.outputs.row(*sample);
            self.batch.extend(row.iter().enumerate().map(|(j, x)| (j as u32, *x)));
        }
    }

    /// (feature, value) of the sample at a place in the batch.
    pub(super) fn of_place(&self, place: usize) -> &[(u32, f64)] {
        let count = self.outputs.ncols();
        &self.batch[place * count..(place + 1) * count]
    }
}
