//! A sparse design `X`: the columns some sample activates, and the mass of all others.

use crate::rows::RowSource;
use crate::sparse::{self, SparseColumn};
use crate::{Entry, SamplingError, SeenCoordinate, matching, request, seen_coordinates, variates};
use asymscale_model::{Amplitude, SparseModel};
use rand::Rng;

/// One column of a design, for designs made by hand.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Number of the coordinate, at least 1.
    pub index: f64,
    /// Its population variance `λ`.
    pub eigenvalue: f64,
    /// (sample, value) of its non-zero entries, each sample at most once.
    pub entries: Vec<(u32, f64)>,
}

/// A design of `D` samples, column-compressed, coordinates ascending.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    samples: usize,
    indices: Vec<f64>,
    eigenvalues: Vec<f64>,
    starts: Vec<usize>,
    rows: Vec<u32>,
    values: Vec<f64>,
    unseen_mass: f64,
}

impl Design {
    /// Draws a design of `samples` samples.
    ///
    /// Exact, also for infinitely many coordinates. It starts with the draws of
    /// [`seen_coordinates`], so the same generator gives the same coordinates and counts there;
    /// given its count, a coordinate's rows are a uniform subset. Samples without an active
    /// coordinate (uniform and table activities have them) are rows of zeros. Cost and memory:
    /// proportional to the number of active entries (12 bytes each).
    ///
    /// # Errors
    /// As [`seen_coordinates`].
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_sampling::{Design, Key};
    /// let model = SparseModel::power_law(1.0, 2.0, 3.0)?;
    /// let design = Design::sample(&model, 10, &mut Key::new(1).stream())?;
    /// assert_eq!(design.column(2).0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]); // the onset is 3: always on
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sample<R: Rng + ?Sized>(
        model: &SparseModel,
        samples: usize,
        rng: &mut R,
    ) -> Result<Self, SamplingError> {
        request::check_design(model, samples)?;
        let seen = seen_coordinates(model, samples, rng)?;
        let mut rows = if model.is_one_hot() {
            RowSource::partition(samples, rng)
        } else {
            RowSource::independent(samples)
        };
        let mut design = Self::with_capacity(samples, &seen);
        for SeenCoordinate { index, count } in seen {
            rows.draw(count as usize, &mut design.rows, rng);
            design.close(model, index, rng);
        }
        design.unseen_mass = unseen_mass(model, &design.indices);
        Ok(design)
    }

    /// A design from its columns, for tests and measured data; columns are put in ascending order
    /// of their index.
    ///
    /// # Errors
    /// [`SamplingError::Column`] naming the column with an index below 1 or not whole, an index
    /// given twice, a negative eigenvalue, an empty column, a sample number out of range or given
    /// twice, or a value that is not finite; [`SamplingError::UnseenMass`] for a negative or not
    /// finite mass; [`SamplingError::Samples`].
    pub fn from_columns(
        samples: usize,
        mut columns: Vec<Column>,
        unseen_mass: f64,
    ) -> Result<Self, SamplingError> {
        request::check_samples(samples)?;
        if !(unseen_mass >= 0.0 && unseen_mass.is_finite()) {
            return Err(SamplingError::UnseenMass(unseen_mass));
        }
        columns.sort_by(|a, b| a.index.total_cmp(&b.index));
        let mut design = Self { unseen_mass, ..Self::with_capacity(samples, &[]) };
        for column in &mut columns {
            column.entries.sort_by_key(|entry| entry.0);
            check_column(column, samples, design.indices.last())?;
            design.indices.push(column.index);
            design.eigenvalues.push(column.eigenvalue);
            design.rows.extend(column.entries.iter().map(|entry| entry.0));
            design.values.extend(column.entries.iter().map(|entry| entry.1));
            design.starts.push(design.rows.len());
        }
        Ok(design)
    }

    /// The same design with one entry set to `entry`, whatever it was before.
    ///
    /// All other entries are kept. Where entries are independent of each other (every activity but
    /// one-hot) a design drawn by [`Design::sample`] with an entry planted so is an exact draw
    /// given that entry. Cost: `O(nonzeros)`.
    ///
    /// # Errors
    /// [`SamplingError::Column`] for an index below 1 or not whole, a row that is no sample, a
    /// value not finite.
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_sampling::{Design, Entry, Key};
    /// let model = SparseModel::power_law(1.0, 3.0, 1.0)?;
    /// let design = Design::sample(&model, 10, &mut Key::new(1).stream())?;
    /// let planted = design.clone().with_entry(&model, Entry { row: 3, index: 1e6, value: 2.0 })?;
    /// assert_eq!(planted.column(planted.seen() - 1), (&[3][..], &[2.0][..]));
    /// assert!(planted.unseen_mass() < design.unseen_mass());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_entry(mut self, model: &SparseModel, entry: Entry) -> Result<Self, SamplingError> {
        let Entry { row, index, value } = entry;
        let entries = vec![(row, value)];
        let eigenvalue = model.eigenvalue(index);
        check_column(&Column { index, eigenvalue, entries }, self.samples, None)?;
        let j = self.indices.partition_point(|seen| *seen < index);
        if self.indices.get(j) != Some(&index) {
            self.indices.insert(j, index);
            self.eigenvalues.insert(j, eigenvalue);
            self.starts.insert(j, self.starts[j]);
            self.unseen_mass = unseen_mass(model, &self.indices);
        }
        let (start, end) = (self.starts[j], self.starts[j + 1]);
        let at = start + self.rows[start..end].partition_point(|known| *known < row);
        if at < end && self.rows[at] == row {
            self.values[at] = value;
        } else {
            self.rows.insert(at, row);
            self.values.insert(at, value);
            self.starts[j + 1..].iter_mut().for_each(|start| *start += 1);
        }
        Ok(self)
    }

    /// The design of those samples for which `keep` holds, in their order.
    ///
    /// A coordinate that none of them shows is unseen from then on. Cost: `O(nonzeros + D)`.
    ///
    /// # Errors
    /// [`SamplingError::Samples`] if none is kept.
    ///
    /// ```
    /// use asymscale_sampling::{Column, Design};
    /// let column = |index, sample| Column { index, eigenvalue: 0.5, entries: vec![(sample, 1.0)] };
    /// let design = Design::from_columns(3, vec![column(1.0, 2), column(4.0, 0)], 0.25)?;
    /// let last = design.retain(|sample| sample > 0)?;
    /// assert_eq!((last.samples(), last.indices(), last.column(0).0), (2, &[1.0][..], &[1][..]));
    /// assert_eq!(last.unseen_mass(), 0.75);
    /// # Ok::<(), asymscale_sampling::SamplingError>(())
    /// ```
    pub fn retain(&self, keep: impl Fn(usize) -> bool) -> Result<Self, SamplingError> {
        let mut count = 0..;
        let places: Vec<Option<u32>> =
            (0..self.samples).map(|row| keep(row).then(|| count.next()).flatten()).collect();
        let mut kept = Self {
            unseen_mass: self.unseen_mass,
            ..Self::with_capacity(count.start as usize, &[])
        };
        request::check_samples(kept.samples)?;
        for j in 0..self.seen() {
            for (row, value) in sparse::entries(self.column(j)) {
                if let Some(place) = places[row] {
                    kept.rows.push(place);
                    kept.values.push(value);
                }
            }
            if kept.starts.last() == Some(&kept.rows.len()) {
                kept.unseen_mass += self.eigenvalues[j];
            } else {
                kept.indices.push(self.indices[j]);
                kept.eigenvalues.push(self.eigenvalues[j]);
                kept.starts.push(kept.rows.len());
            }
        }
        Ok(kept)
    }

    /// A design without columns, with room for the seen ones.
    fn with_capacity(samples: usize, seen: &[SeenCoordinate]) -> Self {
        let entries = seen.iter().map(|coordinate| coordinate.count as usize).sum();
        let mut starts = Vec::with_capacity(seen.len() + 1);
        starts.push(0);
        Self {
            samples,
            indices: Vec::with_capacity(seen.len()),
            eigenvalues: Vec::with_capacity(seen.len()),
            starts,
            rows: Vec::with_capacity(entries),
            values: Vec::with_capacity(entries),
            unseen_mass: 0.0,
        }
    }

    /// Makes the rows appended last the column of coordinate `index`: draws their values `a_i z`.
    fn close<R: Rng + ?Sized>(&mut self, model: &SparseModel, index: f64, rng: &mut R) {
        let scale = model.scale_squared(index).sqrt();
        let start = self.values.len();
        self.values.resize(self.rows.len(), 0.0);
        match model.amplitude() {
            Amplitude::Gaussian => variates::gaussian(scale, &mut self.values[start..], rng),
            Amplitude::Rademacher => variates::rademacher(scale, &mut self.values[start..], rng),
        }
        self.indices.push(index);
        self.eigenvalues.push(model.eigenvalue(index));
        self.starts.push(self.rows.len());
    }

    /// Number of samples `D`.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Number of seen coordinates.
    pub fn seen(&self) -> usize {
        self.indices.len()
    }

    /// Number of non-zero entries.
    pub fn nonzeros(&self) -> usize {
        self.values.len()
    }

    /// Number of the `j`-th seen coordinate.
    ///
    /// # Panics
    /// If `j` is not below [`Design::seen`].
    pub fn index(&self, j: usize) -> f64 {
        self.indices[j]
    }

    /// Numbers of the seen coordinates, ascending.
    pub fn indices(&self) -> &[f64] {
        &self.indices
    }

    /// Population variances `λ` of the seen coordinates.
    pub fn eigenvalues(&self) -> &[f64] {
        &self.eigenvalues
    }

    /// Samples (ascending) and values of the `j`-th seen coordinate.
    ///
    /// # Panics
    /// If `j` is not below [`Design::seen`].
    pub fn column(&self, j: usize) -> SparseColumn<'_> {
        let range = self.starts[j]..self.starts[j + 1];
        (&self.rows[range.clone()], &self.values[range])
    }

    /// `Σ λ_i` over the coordinates no sample activated, the infinite tail included.
    ///
    /// Added up from the gaps between seen coordinates, so that nothing is subtracted: relative
    /// accuracy 1e-12, also where it is a tiny part of the whole.
    pub fn unseen_mass(&self) -> f64 {
        self.unseen_mass
    }

    /// The generic rank: the size of a maximum matching between samples and their active
    /// coordinates.
    ///
    /// Equal to `rank X` almost surely for Gaussian amplitudes, an upper bound for Rademacher ones
    /// (in simulations at most 0.15 above in the mean). Computed anew at every call, by phases as
    /// Hopcroft and Karp's: in practice a few passes over the non-zeros, `O(nonzeros · seen)` at
    /// worst.
    ///
    /// ```
    /// use asymscale_sampling::{Column, Design};
    /// // Two coordinates that share their only sample: together they have rank 1.
    /// let column = |index| Column { index, eigenvalue: 1.0, entries: vec![(0, 1.0)] };
    /// let design = Design::from_columns(2, vec![column(1.0), column(2.0)], 0.0)?;
    /// assert_eq!(design.rank(), 1);
    /// # Ok::<(), asymscale_sampling::SamplingError>(())
    /// ```
    pub fn rank(&self) -> usize {
        matching::maximum(&self.pattern(), self.samples)
    }

    /// The seen coordinates that the samples do not determine, ascending positions `j`: those that
    /// some maximum matching leaves without a sample.
    ///
    /// For Gaussian amplitudes, almost surely: every unit vector of another seen coordinate is in
    /// the row space of `X`, and the rest of it is the row space of these columns alone, whose
    /// non-zero rows are independent and fewer than they are. Empty if and only if the rank is the
    /// number of seen coordinates. Cost: as [`Design::rank`].
    ///
    /// ```
    /// use asymscale_sampling::{Column, Design};
    /// // The first coordinate has a sample of its own, the others share one.
    /// let column = |index, rows: &[u32]| Column {
    ///     index,
    ///     eigenvalue: 1.0,
    ///     entries: rows.iter().map(|row| (*row, 1.0)).collect(),
    /// };
    /// let design = Design::from_columns(2, vec![column(1.0, &[0, 1]), column(2.0, &[1]), column(3.0, &[1])], 0.0)?;
    /// assert_eq!((design.rank(), design.undetermined()), (2, vec![1, 2]));
    /// # Ok::<(), asymscale_sampling::SamplingError>(())
    /// ```
    pub fn undetermined(&self) -> Vec<usize> {
        matching::dispensable(&self.pattern(), self.samples)
    }

    pub(crate) fn sum_of_gaps(&self, end: f64, part: impl Fn(f64, f64) -> f64) -> f64 {
        sum_of_gaps(&self.indices, end, part)
    }

    fn pattern(&self) -> Vec<&[u32]> {
        self.columns().map(|column| column.0).collect()
    }
}

fn check_column(
    column: &Column,
    samples: usize,
    before: Option<&f64>,
) -> Result<(), SamplingError> {
    let wrong = |reason: String| Err(SamplingError::Column { index: column.index, reason });
    if !(column.index >= 1.0 && column.index.is_finite() && column.index.fract() == 0.0) {
        return wrong("the index must be a whole number >= 1".to_owned());
    }
    if before == Some(&column.index) {
        return wrong("the index is given twice: must be given once".to_owned());
    }
    if !(column.eigenvalue >= 0.0 && column.eigenvalue.is_finite()) {
        return wrong(format!("eigenvalue = {}: must be a finite number >= 0", column.eigenvalue));
    }
    if column.entries.is_empty() {
        return wrong("0 entries: a seen coordinate needs at least 1".to_owned());
    }
    if column.entries.iter().any(|entry| entry.0 as usize >= samples) {
        return wrong(format!("sample numbers must be below samples = {samples}"));
    }
    if let Some(pair) = column.entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return wrong(format!("sample {} is given twice: must be given once", pair[0].0));
    }
    if let Some(entry) = column.entries.iter().find(|entry| !entry.1.is_finite()) {
        return wrong(format!("value = {} in sample {}: must be finite", entry.1, entry.0));
    }
    Ok(())
}

/// The mass of the gaps between seen coordinates and of the tail behind the last.
fn unseen_mass(model: &SparseModel, seen: &[f64]) -> f64 {
    let end = model.coordinates().as_f64() + 1.0;
    sum_of_gaps(seen, end, |from, to| model.spectrum().mass(from, to))
}

/// A sum over all coordinates below `end` but the seen ones, from its parts over whole ranges.
fn sum_of_gaps(seen: &[f64], end: f64, part: impl Fn(f64, f64) -> f64) -> f64 {
    let starts = std::iter::once(1.0).chain(seen.iter().map(|index| index + 1.0));
    let ends = seen.iter().copied().chain([end]);
    // The far end is the smallest: added first.
    let gaps: Vec<f64> = starts.zip(ends).map(|(from, to)| part(from, to)).collect();
    gaps.iter().rev().sum()
}
