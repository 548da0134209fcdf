//! A design in orthonormal coordinates of its column space: `r × seen`, of full row rank.

use crate::SolverError;
use crate::design_reduction::column_space::ColumnSpace;
use crate::linear_algebra::dense::{add_gram, add_product, add_scaled, stride, zeros};
use crate::linear_algebra::sparse_products::add_outer_products;
use asymscale_sampling::sparse::{self, SparseColumn};
use asymscale_sampling::{Design, Key, Teachers};
use faer::{Mat, MatRef};
use rand::RngExt;
use rand_distr::StandardNormal;
use std::ops::Range;

/// A column with more than this share of active samples is cheaper as part of a dense matrix.
const DENSE: f64 = 0.125;

/// Up to so many samples a matrix product is not faster than sparse columns, and a dense copy of
/// very many columns is larger.
const FEW: usize = 64;

/// The dense columns of a design of few samples have at most so many numbers (32 MiB).
const HEAD: usize = 1 << 22;

/// `Qᵀ X`, `Q` the basis of a [`ColumnSpace`]. Row spaces, Gram matrices and least squares are
/// those of `X`.
///
/// The first columns are dense, the others sparse. If `Q` is not made of unit vectors alone, all
/// are dense.
#[derive(Debug, Clone)]
pub(crate) struct Reduced {
    space: ColumnSpace,
    seen: usize,
    /// `r × h`: the first `h` columns.
    head: Mat<f64>,
    /// Columns from `h` on, compressed.
    starts: Vec<usize>,
    rows: Vec<u32>,
    values: Vec<f64>,
}

impl Reduced {
    /// Reduces a design. Cost: peeling, and a dense factorisation of what peeling leaves.
    pub(crate) fn of(design: &Design) -> Result<Self, SolverError> {
        let space = ColumnSpace::of(design)?;
        let seen = design.seen();
        let split = if space.core.is_empty() {
            dense_columns(design).min(most_dense(&space))
        } else {
            seen
        };
        let mut place = vec![u32::MAX; design.samples()];
        space.units.iter().enumerate().for_each(|(k, row)| place[*row as usize] = k as u32);
        let head = dense_head(design, &space, &place, split);
        let left = (split..seen).map(|j| design.column(j).0.len()).sum();
        let (mut starts, mut rows, mut values) =
            (vec![0], Vec::with_capacity(left), Vec::with_capacity(left));
        for j in split..seen {
            let kept = |(row, x)| (place[row] != u32::MAX).then_some((place[row], x));
            for (row, x) in sparse::entries(design.column(j)).filter_map(kept) {
                rows.push(row);
                values.push(x);
            }
            starts.push(rows.len());
        }
        Ok(Self { space, seen, head, starts, rows, values })
    }

    pub(crate) fn rank(&self) -> usize {
        self.space.rank()
    }

    pub(crate) fn seen(&self) -> usize {
        self.seen
    }

    /// The dense first columns.
    pub(crate) fn head(&self) -> MatRef<'_, f64> {
        self.head.as_ref()
    }

    /// Rows and values of column `j`, which is not in the head.
    pub(crate) fn column(&self, j: usize) -> SparseColumn<'_> {
        let k = j - self.head.ncols();
        let range = self.starts[k]..self.starts[k + 1];
        (&self.rows[range.clone()], &self.values[range])
    }

    /// The columns that are not in the head.
    pub(crate) fn tail(&self) -> Range<usize> {
        self.head.ncols()..self.seen
    }

    /// The lower triangle of `X Xᵀ`.
    pub(crate) fn gram(&self) -> Mat<f64> {
        let mut gram = zeros(self.rank(), self.rank());
        add_gram(gram.as_mut(), self.head());
        add_outer_products(&mut gram, self.tail().map(|j| self.column(j)));
        gram
    }

    /// The whole as a dense matrix.
    pub(crate) fn to_dense(&self) -> Mat<f64> {
        self.gather(&(0..self.seen).collect::<Vec<_>>())
    }

    /// Some columns of `X`, dense.
    pub(crate) fn gather(&self, columns: &[usize]) -> Mat<f64> {
        let mut dense = zeros(self.rank(), columns.len());
        for (k, j) in columns.iter().enumerate() {
            if *j < self.head.ncols() {
                dense.col_mut(k).copy_from(self.head.col(*j));
            } else {
                sparse::scatter(dense.col_as_slice_mut(k), self.column(*j));
            }
        }
        dense
    }

    /// `y = X w + ε` in reduced coordinates, a column a teacher. The noise is drawn for every
    /// sample, teacher by teacher, from the stream of `key`.
    pub(crate) fn labels(
        &self,
        design: &Design,
        teachers: &Teachers,
        noise: f64,
        key: &Key,
    ) -> Mat<f64> {
        let mut labels = zeros(self.rank(), teachers.count());
        let split = self.head.ncols();
        let weights = Mat::from_fn(split, teachers.count(), |j, t| teachers.weights(j)[t]);
        add_product(labels.as_mut(), self.head(), weights.as_ref(), 1.0);
        for j in self.tail() {
            for (t, weight) in teachers.weights(j).iter().enumerate() {
                sparse::add_scaled(labels.col_as_slice_mut(t), *weight, self.column(j));
            }
        }
        if noise > 0.0 {
            labels += self.noise(design, teachers.count(), noise, key);
        }
        labels
    }

    /// The label noise alone.
    pub(crate) fn noise(&self, design: &Design, count: usize, noise: f64, key: &Key) -> Mat<f64> {
        if noise == 0.0 {
            return zeros(self.rank(), count);
        }
        let (mut stream, deviation) = (key.stream(), noise.sqrt());
        let mut drawn = zeros(design.samples(), count);
        for t in 0..count {
            let column = drawn.col_mut(t).iter_mut();
            column.for_each(|e| *e = deviation * stream.sample::<f64, _>(StandardNormal));
        }
        self.space.reduce(drawn.as_ref())
    }

    /// The same design in other coordinates of its column space, as a dense matrix.
    pub(crate) fn with_rows(self, rows: Mat<f64>) -> Self {
        Self { head: rows, starts: vec![0], rows: Vec::new(), values: Vec::new(), ..self }
    }

    /// `y X` for the columns `range` of `X`: `y` is `k × r`, the result `k × range`. The results
    /// are combinations of rows of `X`.
    pub(crate) fn pull_back(&self, y: &Mat<f64>, range: Range<usize>) -> Mat<f64> {
        let mut out = zeros(y.nrows(), range.len());
        let split = self.head.ncols().clamp(range.start, range.end);
        let dense = split - range.start;
        if dense > 0 {
            let head = self.head().subcols(range.start, dense);
            add_product(out.as_mut().subcols_mut(0, dense), y.as_ref(), head, 1.0);
        }
        for j in split..range.end {
            let column = out.col_as_slice_mut(j - range.start);
            for (row, x) in sparse::entries(self.column(j)) {
                add_scaled(column, x, y.col_as_slice(row));
            }
        }
        out
    }
}

/// Length of the longest prefix of columns that is dense enough on average.
fn dense_columns(design: &Design) -> usize {
    let mut split = 0;
    let mut nonzeros = 0;
    for j in 0..design.seen() {
        nonzeros += design.column(j).0.len();
        let full = (j + 1) as f64 * design.samples() as f64;
        if design.column(j).0.len() as f64 >= DENSE * design.samples() as f64
            && nonzeros as f64 >= DENSE * full
        {
            split = j + 1;
        }
    }
    split
}

fn most_dense(space: &ColumnSpace) -> usize {
    if space.rank() <= FEW { HEAD / stride(space.rank()) } else { usize::MAX }
}

fn dense_head(design: &Design, space: &ColumnSpace, place: &[u32], split: usize) -> Mat<f64> {
    let mut head = zeros(space.rank(), split);
    let mut core = zeros(space.core.len(), split);
    let mut core_place = vec![usize::MAX; if space.core.is_empty() { 0 } else { design.samples() }];
    space.core.iter().enumerate().for_each(|(k, row)| core_place[*row as usize] = k);
    for j in 0..split {
        for (row, x) in sparse::entries(design.column(j)) {
            if place[row] != u32::MAX {
                head[(place[row] as usize, j)] = x;
            } else if core_place.get(row).is_some_and(|k| *k != usize::MAX) {
                core[(core_place[row], j)] = x;
            }
        }
    }
    let units = space.units.len();
    let reduced = head.as_mut().subrows_mut(units, space.basis.ncols());
    add_product(reduced, space.basis.transpose(), core.as_ref(), 1.0);
    head
}
