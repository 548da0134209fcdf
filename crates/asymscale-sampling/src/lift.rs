//! Lifts: designs of which no two entries are tied by more than one path, the larger the fewer
//! short loops they have.

use crate::design::{Column, Design};
use crate::{SamplingError, request};
use asymscale_model::SparseModel;
use rand::{Rng, RngExt};

impl Design {
    /// Draws a lift of a design of `samples = D` samples: `copies · D` samples of the model in
    /// which every coordinate is split into `copies` of the same variance.
    ///
    /// For every coordinate the samples are dealt to its copies at random, `D` to each, and a
    /// sample activates, if it activates the coordinate, that copy only. So a copy is active in
    /// `Binomial(D, p)` samples, a sample is in one copy of each coordinate, as in a design of `D`
    /// samples; but two coordinates active in the same sample meet again in another one the less
    /// often the more copies there are. What a lift of many copies shows per copy is therefore the
    /// solution by the cavity method (message passing), exact on patterns without loops: of the
    /// rank it is the mean matching of Karp and Sipser. Copy `c = 1 … m` of coordinate `i` has the
    /// index `m (i − 1) + c`.
    ///
    /// Ridge penalties `γ` of the design correspond to `γ/copies` of the lift, whose samples are so
    /// many more; numbers of features `N` to `copies · N`; losses and masses are those of the
    /// design times `copies`.
    ///
    /// # Errors
    /// [`SamplingError::Samples`] for no copies, or too many samples in all; as [`Design::sample`].
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_sampling::{Design, Key};
    /// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
    /// let lift = Design::lift(&model, 50, 4, &mut Key::new(1).stream())?;
    /// assert_eq!(lift.samples(), 200);
    /// assert_eq!(lift.index(3), 4.0); // coordinate 1 is always on: each of its copies in 50 samples
    /// assert!((0..4).all(|copy| lift.column(copy).0.len() == 50));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lift<R: Rng + ?Sized>(
        model: &SparseModel,
        samples: usize,
        copies: usize,
        rng: &mut R,
    ) -> Result<Self, SamplingError> {
        request::check_samples(samples)?;
        let all = samples.saturating_mul(copies);
        let design = Self::sample(model, all, rng)?;
        let mut columns = Vec::with_capacity(copies * design.seen());
        let mut unseen = copies as f64 * design.unseen_mass();
        for j in 0..design.seen() {
            let (index, eigenvalue) = (design.index(j), design.eigenvalues()[j]);
            for (copy, entries) in
                deal(design.column(j), samples, copies, rng).into_iter().enumerate()
            {
                if entries.is_empty() {
                    unseen += eigenvalue;
                } else {
                    let index = copies as f64 * (index - 1.0) + (copy + 1) as f64;
                    columns.push(Column { index, eigenvalue, entries });
                }
            }
        }
        Self::from_columns(all, columns, unseen)
    }
}

/// Deals the entries of a column to copies with room for `samples` samples each, active or not.
fn deal<R: Rng + ?Sized>(
    (rows, values): (&[u32], &[f64]),
    samples: usize,
    copies: usize,
    rng: &mut R,
) -> Vec<Vec<(u32, f64)>> {
    let mut dealt: Vec<Vec<(u32, f64)>> = vec![Vec::new(); copies];
    for (taken, (row, value)) in rows.iter().zip(values).enumerate() {
        // A place among those left, of all copies one after the other.
        let mut place = rng.random_range(0..(samples * copies - taken) as u64) as usize;
        let left = |entries: &Vec<(u32, f64)>| samples - entries.len();
        let copy = dealt.iter().position(|entries| {
            let here = place < left(entries);
            place = place.saturating_sub(if here { 0 } else { left(entries) });
            here
        });
        dealt[copy.unwrap_or(0)].push((*row, *value));
    }
    dealt
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;

    #[test]
    fn a_lift_of_one_copy_is_a_design() {
        let model = SparseModel::power_law(1.0, 1.5, 2.0).unwrap();
        let [mut lifted, mut plain] = [Key::new(3).stream(), Key::new(3).stream()];
        let lift = Design::lift(&model, 64, 1, &mut lifted).unwrap();
        let design = Design::sample(&model, 64, &mut plain).unwrap();
        assert_eq!(lift, design);
    }

    /// n = 200 lifts, seed 5: masses within 4 standard errors, α = 6e-5.
    #[test]
    fn unseen_mass_per_copy_is_that_of_a_design_in_the_mean() {
        let model = SparseModel::power_law(1.0, 1.5, 1.0).unwrap();
        let gaps: Vec<f64> = (0..200)
            .map(|k| {
                let mut rng = Key::new(5).index(k).stream();
                let lift = Design::lift(&model, 40, 3, &mut rng).unwrap();
                lift.unseen_mass() / 3.0
                    - Design::sample(&model, 40, &mut rng).unwrap().unseen_mass()
            })
            .collect();
        let mean = gaps.iter().sum::<f64>() / 200.0;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / 199.0;
        assert!(mean.abs() < 4.0 * (variance / 200.0).sqrt(), "{mean} {variance}");
    }

    #[test]
    fn copies_get_as_many_samples_as_a_design_has() {
        let rows: Vec<u32> = (0..30).collect();
        let dealt = deal((&rows, &[1.0; 30]), 10, 3, &mut Key::new(1).stream());
        assert_eq!(dealt.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 10]);
        let mut all: Vec<u32> = dealt.iter().flatten().map(|entry| entry.0).collect();
        all.sort_unstable();
        assert_eq!(all, rows);
    }

    #[test]
    fn no_copies_is_bad_input() {
        let model = SparseModel::power_law(1.0, 1.5, 1.0).unwrap();
        let lift = Design::lift(&model, 10, 0, &mut Key::new(1).stream());
        assert!(matches!(lift, Err(SamplingError::Samples(0))), "{lift:?}");
    }
}
