//! A design in orthonormal coordinates of its column space: `r × seen`, of full row rank.

use crate::SolverError;
use crate::design_reduction::column_space::ColumnSpace;
use crate::linear_algebra::dense::{add_gram, add_product, add_scaled, stride, zeros};
use crate::linear_algebra::refinement::Factor;
use crate::linear_algebra::sparse_products::{
    add_outer_products, add_weighted_gram, add_weighted_outer_products,
};
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

/// So many dense columns are copied at a time.
const TILE: usize = 256;

/// `Qᵀ X`, `Q` the basis of a [`ColumnSpace`]. Row spaces, Gram matrices and least squares are
/// those of `X`.
///
/// The first columns are dense, the others sparse.
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
        let (starts, rows, values) = reduced_columns(design, &space);
        let lengths: Vec<usize> = starts.windows(2).map(|ends| ends[1] - ends[0]).collect();
        let split = dense_columns(&lengths, space.rank()).min(most_dense(&space));
        let mut head = zeros(space.rank(), split);
        for j in 0..split {
            let own = starts[j]..starts[j + 1];
            sparse::scatter(head.col_as_slice_mut(j), (&rows[own.clone()], &values[own]));
        }
        let first = starts[split];
        Ok(Self {
            space,
            seen: design.seen(),
            head,
            starts: starts[split..].iter().map(|start| start - first).collect(),
            rows: rows[first..].to_vec(),
            values: values[first..].to_vec(),
        })
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

    /// The lower triangle of `X W Xᵀ` for a diagonal `W` of numbers that are not negative.
    pub(crate) fn weighted_gram(&self, weight: impl Fn(usize) -> f64) -> Mat<f64> {
        let mut gram = zeros(self.rank(), self.rank());
        let leading: Vec<usize> = (0..self.head.ncols()).filter(|j| weight(*j) > 0.0).collect();
        for columns in leading.chunks(TILE) {
            add_weighted_gram(&mut gram, self.gather(columns), |k| weight(columns[k]));
        }
        let tail = self.tail().map(|j| (weight(j), self.column(j)));
        add_weighted_outer_products(&mut gram, tail.filter(|(weight, _)| *weight > 0.0));
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

/// `Qᵀ X`, compressed by columns. What a column has in the core becomes dense there.
fn reduced_columns(design: &Design, space: &ColumnSpace) -> (Vec<usize>, Vec<u32>, Vec<f64>) {
    const NONE: u32 = u32::MAX;
    let mut place = vec![NONE; design.samples()];
    space.units.iter().zip(0..).for_each(|(row, k)| place[*row as usize] = k);
    let mut in_core = vec![NONE; if space.core.is_empty() { 0 } else { design.samples() }];
    space.core.iter().zip(0..).for_each(|(row, k)| in_core[*row as usize] = k);
    let directions = space.basis.transpose().to_owned();
    let (mut starts, mut rows, mut values) = (vec![0], Vec::new(), Vec::new());
    for column in design.columns() {
        let mut share = Vec::new();
        for (row, x) in sparse::entries(column) {
            if place[row] != NONE {
                rows.push(place[row]);
                values.push(x);
            } else if in_core.get(row).is_some_and(|k| *k != NONE) {
                share.resize(directions.nrows(), 0.0);
                add_scaled(&mut share, x, directions.col_as_slice(in_core[row] as usize));
            }
        }
        rows.extend((space.units.len() as u32..).take(share.len()));
        values.extend(share);
        starts.push(rows.len());
    }
    (starts, rows, values)
}

/// Number of columns in the longest prefix that is dense enough on average, from the entries of
/// each and the number of rows.
fn dense_columns(lengths: &[usize], rows: usize) -> usize {
    let mut split = 0;
    let mut nonzeros = 0;
    for (j, length) in lengths.iter().enumerate() {
        nonzeros += length;
        let full = (j + 1) as f64 * rows as f64;
        if *length as f64 >= DENSE * rows as f64 && nonzeros as f64 >= DENSE * full {
            split = j + 1;
        }
    }
    split
}

fn most_dense(space: &ColumnSpace) -> usize {
    if space.rank() <= FEW { HEAD / stride(space.rank()) } else { usize::MAX }
}

impl Factor for Reduced {
    fn row_combinations(&self, y: &Mat<f64>) -> Mat<f64> {
        self.pull_back(y, 0..self.seen)
    }

    fn images(&self, z: &Mat<f64>) -> Mat<f64> {
        let mut images = zeros(z.nrows(), self.rank());
        for j in self.tail() {
            for (row, x) in sparse::entries(self.column(j)) {
                add_scaled(images.col_as_slice_mut(row), x, z.col_as_slice(j));
            }
        }
        let mut images = images.transpose().to_owned();
        let leading = z.as_ref().subcols(0, self.head.ncols());
        add_product(images.as_mut(), self.head(), leading.transpose(), 1.0);
        images
    }
}
