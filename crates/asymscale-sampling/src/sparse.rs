//! The algebra of sparse columns: every product with a design is made of these few loops.
//!
//! Results of the solvers are compared to the last bit, so the order of additions is part of the
//! contract of each function.
//!
//! No sparse library takes part. `faer`'s products of a design with a vector give the same bits in
//! 0.9 to 1.5 times the time (designs of up to 262 144 samples; `Xᵀ u` takes longer for 10⁶); they
//! would need a copy with other indices, and a dependency that this crate lacks. The example
//! `sparse_libraries` of `asymscale-solvers` repeats the measurement.
//!
//! ```
//! use asymscale_sampling::sparse;
//! let column = (&[0, 2][..], &[1.0, -2.0][..]); // (1, 0, −2)
//! let mut sum = [1.0; 3];
//! sparse::add_scaled(&mut sum, 3.0, column);
//! assert_eq!(sum, [4.0, 1.0, -5.0]);
//! assert_eq!(sparse::dot(column, &sum), 14.0);
//! assert_eq!(sparse::square(column), 5.0);
//! ```

use crate::Design;
use std::ops::Range;

/// The non-zeros of a column: their rows, ascending, and as many values.
pub type SparseColumn<'a> = (&'a [u32], &'a [f64]);

/// Rows and values of a column, one after the other.
#[inline]
pub fn entries((rows, values): SparseColumn<'_>) -> impl Iterator<Item = (usize, f64)> + Clone {
    rows.iter().zip(values).map(|(row, x)| (*row as usize, *x))
}

/// `x·u`, added up by ascending rows.
///
/// # Panics
/// If a row of `column` is not below the length of `u`.
#[inline]
pub fn dot(column: SparseColumn<'_>, u: &[f64]) -> f64 {
    entries(column).map(|(row, x)| x * u[row]).sum()
}

/// `|x|²`, added up by ascending rows.
#[inline]
pub fn square((_, values): SparseColumn<'_>) -> f64 {
    values.iter().map(|x| x * x).sum()
}

/// `sum + factor · x` in place of `sum`.
///
/// # Panics
/// If a row of `column` is not below the length of `sum`.
#[inline]
pub fn add_scaled(sum: &mut [f64], factor: f64, column: SparseColumn<'_>) {
    entries(column).for_each(|(row, x)| sum[row] += x * factor);
}

/// Writes the values of a column to their rows of a dense vector; its other rows stay as they are.
///
/// # Panics
/// If a row of `column` is not below the length of `dense`.
#[inline]
pub fn scatter(dense: &mut [f64], column: SparseColumn<'_>) {
    entries(column).for_each(|(row, x)| dense[row] = x);
}

/// The lower triangle of `x xᵀ`, column by column: for each entry its row `s`, its value `x_s`, and
/// the entries of `x` from row `s` on.
///
/// ```
/// use asymscale_sampling::sparse;
/// let mut triangle = [[0.0; 3]; 3]; // by columns
/// for (row, x, below) in sparse::lower_triangle((&[0, 2], &[1.0, -2.0])) {
///     sparse::add_scaled(&mut triangle[row], x, below);
/// }
/// assert_eq!(triangle, [[1.0, 0.0, -2.0], [0.0; 3], [0.0, 0.0, 4.0]]);
/// ```
#[inline]
pub fn lower_triangle(
    (rows, values): SparseColumn<'_>,
) -> impl Iterator<Item = (usize, f64, SparseColumn<'_>)> {
    entries((rows, values))
        .enumerate()
        .map(move |(n, (row, x))| (row, x, (&rows[n..], &values[n..])))
}

/// Entries sample by sample, where a design has them coordinate by coordinate: (position of the
/// coordinate, value), coordinates ascending.
///
/// ```
/// use asymscale_sampling::sparse::SampleRows;
/// use asymscale_sampling::{Column, Design};
/// let column = |index, entries| Column { index, eigenvalue: 1.0, entries };
/// let columns = vec![column(1.0, vec![(0, 2.0), (1, 3.0)]), column(7.0, vec![(1, 4.0)])];
/// let design = Design::from_columns(2, columns, 0.0)?;
/// assert_eq!(SampleRows::of(&design).sample(1), [(0, 3.0), (1, 4.0)]);
/// # Ok::<(), asymscale_sampling::SamplingError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SampleRows {
    starts: Vec<usize>,
    entries: Vec<(u32, f64)>,
}

impl SampleRows {
    /// All samples of a design. Cost: two passes over the non-zeros, and 16 bytes for each.
    pub fn of(design: &Design) -> Self {
        let mut rows = Self::default();
        rows.load(design, 0..design.samples(), &mut vec![0; design.seen()]);
        rows
    }

    /// Takes a block of samples in place of those before. The entries of column `j` are looked at
    /// from number `next[j]` on, and `next[j]` becomes the number of the first one behind the
    /// block; so blocks that follow each other read every entry once.
    ///
    /// # Panics
    /// If `next` has not one number for each seen coordinate, at most the entries of its column, or
    /// an entry looked at lies in a sample before the block.
    pub fn load(&mut self, design: &Design, samples: Range<usize>, next: &mut [usize]) {
        let (first, count) = (samples.start, samples.len());
        self.starts.clear();
        self.starts.resize(count + 1, 0);
        let from = next.to_vec();
        for (j, next) in next.iter_mut().enumerate() {
            let rest = &design.column(j).0[*next..];
            for row in rest.iter().take_while(|row| (**row as usize) < samples.end) {
                self.starts[*row as usize - first + 1] += 1;
                *next += 1;
            }
        }
        (0..count).for_each(|row| self.starts[row + 1] += self.starts[row]);
        self.entries.resize(self.starts[count], (0, 0.0));
        let mut free = self.starts.clone();
        for (j, (from, end)) in from.into_iter().zip(next).enumerate() {
            let (active, values) = design.column(j);
            for (row, x) in active[from..*end].iter().zip(&values[from..*end]) {
                let at = &mut free[*row as usize - first];
                self.entries[*at] = (j as u32, *x);
                *at += 1;
            }
        }
    }

    /// The entries of sample `k` of the block, which counts from 0.
    ///
    /// # Panics
    /// If the block has no such sample.
    #[inline]
    pub fn sample(&self, k: usize) -> &[(u32, f64)] {
        &self.entries[self.starts[k]..self.starts[k + 1]]
    }

    /// The samples of the block in their order.
    pub fn iter(&self) -> impl Iterator<Item = &[(u32, f64)]> {
        self.starts.windows(2).map(|pair| &self.entries[pair[0]..pair[1]])
    }
}

impl Design {
    /// The columns of all seen coordinates, in their order.
    pub fn columns(&self) -> impl DoubleEndedIterator<Item = SparseColumn<'_>> + Clone {
        (0..self.seen()).map(|j| self.column(j))
    }

    /// `X v`, of length `D`: one coordinate after the other is added.
    ///
    /// # Panics
    /// If `v` is longer than there are seen coordinates; those that it lacks count as 0.
    ///
    /// ```
    /// use asymscale_sampling::{Column, Design};
    /// let column = |index, entries| Column { index, eigenvalue: 1.0, entries };
    /// let columns = vec![column(1.0, vec![(0, 2.0), (1, 3.0)]), column(7.0, vec![(1, 4.0)])];
    /// let design = Design::from_columns(2, columns, 0.0)?; // [[2, 0], [3, 4]]
    /// assert_eq!(design.apply(&[1.0, -1.0]), [2.0, -1.0]);
    /// assert_eq!(design.apply_transpose(&[1.0, -1.0]), [-1.0, -4.0]);
    /// # Ok::<(), asymscale_sampling::SamplingError>(())
    /// ```
    pub fn apply(&self, v: &[f64]) -> Vec<f64> {
        let mut sum = vec![0.0; self.samples()];
        for (j, factor) in v.iter().enumerate() {
            add_scaled(&mut sum, *factor, self.column(j));
        }
        sum
    }

    /// `Xᵀ u`, a number for each seen coordinate: [`dot`] of each column.
    ///
    /// # Panics
    /// If `u` is shorter than the samples that are active.
    pub fn apply_transpose(&self, u: &[f64]) -> Vec<f64> {
        self.columns().map(|column| dot(column, u)).collect()
    }

    /// `|x_j|²/D` of each column: the diagonal of `Σ̂ = XᵀX/D`.
    pub fn second_moments(&self) -> Vec<f64> {
        self.columns().map(|column| square(column) / self.samples() as f64).collect()
    }

    /// `|x_s|²` of each sample, added up by ascending coordinates.
    pub fn sample_squares(&self) -> Vec<f64> {
        let mut squares = vec![0.0; self.samples()];
        self.columns().flat_map(entries).for_each(|(row, x)| squares[row] += x * x);
        squares
    }

    /// Calls `add(j, i, term)`, `i ≤ j`, for every term of the lower triangle of `XᵀX`: an entry is
    /// the sum of its terms in the order in which they come, by ascending samples.
    ///
    /// A coordinate that is always active shares samples with all others. Those of them that come
    /// before all others are taken as dense columns, and their entries come as one term each; all
    /// other entries come sample by sample. Cost: `Σ k²` over samples with `k` active coordinates.
    ///
    /// ```
    /// use asymscale_sampling::{Column, Design};
    /// let column = |index, entries| Column { index, eigenvalue: 1.0, entries };
    /// let columns = vec![column(1.0, vec![(0, 2.0), (1, 3.0)]), column(7.0, vec![(1, 4.0)])];
    /// let design = Design::from_columns(2, columns, 0.0)?;
    /// let mut gram = [[0.0; 2]; 2];
    /// design.gram_terms(|j, i, term| gram[j][i] += term);
    /// assert_eq!(gram, [[13.0, 0.0], [12.0, 16.0]]);
    /// # Ok::<(), asymscale_sampling::SamplingError>(())
    /// ```
    pub fn gram_terms(&self, mut add: impl FnMut(usize, usize, f64)) {
        let always = self.columns().take_while(|column| column.0.len() == self.samples()).count();
        for i in 0..always {
            let dense = self.column(i).1;
            (i..self.seen()).for_each(|j| add(j, i, dot(self.column(j), dense)));
        }
        let mut next = vec![0; self.seen()];
        next[..always].fill(self.samples());
        let mut rows = SampleRows::default();
        rows.load(self, 0..self.samples(), &mut next);
        let mut met = vec![0; self.samples()];
        for j in always..self.seen() {
            for (row, x) in entries(self.column(j)) {
                met[row] += 1;
                rows.sample(row)[..met[row]].iter().for_each(|(i, y)| add(j, *i as usize, x * y));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;
    use asymscale_model::SparseModel;

    fn design() -> Design {
        let model = SparseModel::power_law(1.0, 1.5, 3.0).unwrap();
        Design::sample(&model, 60, &mut Key::new(7).stream()).unwrap()
    }

    /// The samples as dense vectors.
    fn dense(design: &Design) -> Vec<Vec<f64>> {
        let mut dense = vec![vec![0.0; design.seen()]; design.samples()];
        for (j, (rows, values)) in design.columns().enumerate() {
            rows.iter().zip(values).for_each(|(row, x)| dense[*row as usize][j] = *x);
        }
        dense
    }

    #[test]
    fn products_are_those_of_the_dense_matrix_to_the_last_bit() {
        let (design, mut rng) = (design(), Key::new(8).stream());
        let mut normal = |count| -> Vec<f64> {
            let mut drawn = vec![0.0; count];
            crate::variates::gaussian(1.0, &mut drawn, &mut rng);
            drawn
        };
        let (x, v, u) = (dense(&design), normal(design.seen()), normal(design.samples()));
        let sum = |terms: &mut dyn Iterator<Item = f64>| terms.fold(0.0, |sum, term| sum + term);
        for (row, found) in x.iter().zip(design.apply(&v)) {
            assert_eq!(found, sum(&mut row.iter().zip(&v).map(|(x, v)| x * v)));
        }
        for (j, found) in design.apply_transpose(&u).into_iter().enumerate() {
            assert_eq!(found, sum(&mut x.iter().zip(&u).map(|(row, u)| row[j] * u)));
        }
        for (row, found) in x.iter().zip(design.sample_squares()) {
            assert_eq!(found, sum(&mut row.iter().map(|x| x * x)));
        }
        let mut gram = vec![vec![0.0; design.seen()]; design.seen()];
        design.gram_terms(|j, i, term| gram[j][i] += term);
        for (j, i) in (0..design.seen()).flat_map(|j| (0..=j).map(move |i| (j, i))) {
            assert_eq!(gram[j][i], sum(&mut x.iter().map(|row| row[i] * row[j])), "{j} {i}");
        }
    }

    #[test]
    fn blocks_of_samples_are_parts_of_all() {
        let design = design();
        let (all, mut next) = (SampleRows::of(&design), vec![0; design.seen()]);
        let mut block = SampleRows::default();
        for first in (0..design.samples()).step_by(7) {
            let samples = first..design.samples().min(first + 7);
            block.load(&design, samples.clone(), &mut next);
            assert!(block.iter().eq(samples.map(|sample| all.sample(sample))));
        }
        assert!(next.iter().enumerate().all(|(j, next)| *next == design.column(j).0.len()));
        assert!(all.iter().flatten().count() == design.nonzeros() && design.nonzeros() > 200);
    }
}
