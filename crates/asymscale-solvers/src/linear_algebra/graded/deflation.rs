//! Singular values and right singular vectors of a graded matrix, each accurate relative to its own
//! size.
//!
//! A symmetric eigenvalue decomposition is right to rounding of its largest eigenvalue, so that
//! those sixteen decades below are lost. Here the columns of the matrix, whose lengths span any
//! number of decades, are taken from the longest to the shortest. The Gram matrix of those within
//! [`WINDOW`] of the longest gives the singular values within [`KEPT`] of it, to `1e-16/KEPT²`;
//! what is left of the columns is made orthogonal to them, and the same begins again. A column
//! outside of the window is mixed with those that are kept by an angle of the third power of the
//! ratio of their lengths (for the factor of an echelon form, see `Graded`): to first order that is
//! exact to its square, and the window grows until this is below rounding.

use crate::SolverError;
use crate::linear_algebra::dense::{add_gram, add_product, eigen, mirror, product, zeros};
use faer::{Mat, MatRef};

/// Columns within this share of the longest are decomposed together, at first.
const WINDOW: f64 = 3e-7;

/// Singular values within this share of the longest column are kept.
const KEPT: f64 = 3e-4;

/// Angle between columns outside of the window and directions that are kept, beyond which the
/// window grows: what is neglected of the vectors that are kept.
const ANGLE: f64 = 1e-8;

/// Singular values and right singular vectors.
pub(super) struct Singular {
    pub(super) values: Vec<f64>,
    /// A column for each value.
    pub(super) right: Mat<f64>,
}

/// The singular values and right singular vectors of `matrix`. Cost: a few symmetric eigenvalue
/// decompositions, one for each three and a half decades, of the columns within six and a half.
pub(super) fn singular(matrix: &Mat<f64>) -> Result<Singular, SolverError> {
    let size = matrix.ncols();
    let mut active = Active { images: matrix.clone(), vectors: Mat::identity(size, size) };
    let mut found = Singular { values: Vec::new(), right: zeros(size, size) };
    while active.images.ncols() > 0 {
        active = active.deflate(&mut found)?;
    }
    Ok(found)
}

/// The part that is not decomposed yet: vectors and their images under the matrix.
struct Active {
    images: Mat<f64>,
    vectors: Mat<f64>,
}

impl Active {
    /// Moves the longest directions to `found`.
    fn deflate(self, found: &mut Singular) -> Result<Self, SolverError> {
        let (sorted, lengths) = self.sorted();
        let top = lengths[0];
        if top < f64::MIN_POSITIVE {
            sorted.give_up(found);
            return Ok(Self { images: Mat::new(), vectors: Mat::new() });
        }
        let mut window = WINDOW;
        loop {
            let count = lengths.partition_point(|length| *length >= window * top);
            if let Some(rest) = sorted.split(count, top, found)? {
                return Ok(rest);
            }
            window *= WINDOW;
        }
    }

    /// Columns by decreasing length of their images, and these lengths.
    fn sorted(self) -> (Self, Vec<f64>) {
        let lengths: Vec<f64> = self.images.col_iter().map(|column| column.norm_l2()).collect();
        let mut order: Vec<usize> = (0..lengths.len()).collect();
        order.sort_by(|i, j| lengths[*j].total_cmp(&lengths[*i]));
        let sorted =
            Self { images: columns(&self.images, &order), vectors: columns(&self.vectors, &order) };
        (sorted, order.into_iter().map(|k| lengths[k]).collect())
    }

    /// Decomposes the first `count` columns and keeps the longest directions; `None` if the other
    /// columns are not nearly orthogonal to these.
    fn split(
        &self,
        count: usize,
        top: f64,
        found: &mut Singular,
    ) -> Result<Option<Self>, SolverError> {
        let mut images = faer::Scale(1.0 / top) * self.images.as_ref();
        let outside = images.as_mut().split_at_col_mut(count).1.to_owned();
        let images = images.as_ref().subcols(0, count);
        let mut gram = zeros(count, count);
        add_gram(gram.as_mut(), images.transpose());
        mirror(&mut gram);
        let (squares, vectors) = eigen(gram.as_ref())?;
        let rest = squares.partition_point(|square| *square < KEPT * KEPT);
        let kept = Kept::new(images, self.vectors.as_ref().subcols(0, count), &vectors, rest);
        let Some(outside) = kept.apart(outside, self.vectors.as_ref().get(.., count..).to_owned())
        else {
            return Ok(None);
        };
        let turned = vectors.as_ref().subcols(0, rest);
        let inside = product(images, turned);
        let basis = product(self.vectors.as_ref().subcols(0, count), turned);
        let Some(inside) = kept.apart(inside, basis) else { return Ok(None) };
        kept.record(top, found);
        Ok(Some(inside.joined(&outside, top)))
    }

    /// The columns of both side by side, with images in units of the matrix again.
    fn joined(self, other: &Self, top: f64) -> Self {
        Self {
            images: faer::Scale(top) * beside(&self.images, &other.images),
            vectors: beside(&self.vectors, &other.vectors),
        }
    }

    /// Records the remaining vectors, whose images are below the smallest float, with the value 0.
    fn give_up(&self, found: &mut Singular) {
        for k in 0..self.vectors.ncols() {
            found.right.col_mut(found.values.len()).copy_from(self.vectors.col(k));
            found.values.push(0.0);
        }
    }
}

/// Directions that are decomposed: images, in units of the longest column, their lengths, and
/// vectors.
struct Kept {
    images: Mat<f64>,
    lengths: Vec<f64>,
    vectors: Mat<f64>,
}

impl Kept {
    /// From column `first` of `turns` on.
    fn new(
        images: MatRef<'_, f64>,
        vectors: MatRef<'_, f64>,
        turns: &Mat<f64>,
        first: usize,
    ) -> Self {
        let turns = turns.as_ref().get(.., first..);
        let mut images = product(images, turns);
        let lengths = images.col_iter().map(|column| column.norm_l2()).collect::<Vec<_>>();
        for (k, length) in lengths.iter().enumerate() {
            images.col_mut(k).iter_mut().for_each(|x| *x /= length);
        }
        Self { images, lengths, vectors: product(vectors, turns) }
    }

    /// The parts of other columns that are orthogonal to these; `None` if the columns are too far
    /// from orthogonal.
    fn apart(&self, mut images: Mat<f64>, mut vectors: Mat<f64>) -> Option<Active> {
        if images.ncols() == 0 {
            return Some(Active { images, vectors });
        }
        let mut shares = product(self.images.transpose(), images.as_ref());
        add_product(images.as_mut(), self.images.as_ref(), shares.as_ref(), -1.0);
        for column in 0..shares.ncols() {
            let entries = shares.col_as_slice_mut(column).iter_mut().zip(&self.lengths);
            entries.for_each(|(share, length)| *share /= length);
        }
        if shares.norm_max() > ANGLE {
            return None;
        }
        add_product(vectors.as_mut(), self.vectors.as_ref(), shares.as_ref(), -1.0);
        Some(Active { images, vectors })
    }

    fn record(&self, top: f64, found: &mut Singular) {
        for (k, length) in self.lengths.iter().enumerate().rev() {
            found.right.col_mut(found.values.len()).copy_from(self.vectors.col(k));
            found.values.push(length * top);
        }
    }
}

/// Some columns.
fn columns(a: &Mat<f64>, order: &[usize]) -> Mat<f64> {
    let mut out = zeros(a.nrows(), order.len());
    order.iter().enumerate().for_each(|(to, from)| out.col_mut(to).copy_from(a.col(*from)));
    out
}

fn beside(a: &Mat<f64>, b: &Mat<f64>) -> Mat<f64> {
    let mut out = zeros(a.nrows().max(b.nrows()), a.ncols() + b.ncols());
    let (mut left, mut right) = out.as_mut().split_at_col_mut(a.ncols());
    if a.ncols() > 0 {
        left.copy_from(a);
    }
    if b.ncols() > 0 {
        right.copy_from(b);
    }
    out
}
