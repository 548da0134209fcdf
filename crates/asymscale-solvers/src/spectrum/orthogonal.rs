//! Designs of which no sample shows two coordinates: nothing is to be decomposed.

use crate::linear_algebra::graded::length;
use crate::{DesignSpectrum, SolverError};
use asymscale_sampling::Design;

impl DesignSpectrum {
    /// Of a design whose columns are orthogonal, as no sample shows two coordinates: they are its
    /// singular directions.
    pub(super) fn orthogonal(design: &Design) -> Result<Self, SolverError> {
        let lengths = design.columns().map(|column| length(column.1));
        let mut pairs: Vec<(f64, f64)> =
            lengths.zip(design.eigenvalues().iter().copied()).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        // A column of zeros is no direction; one whose square is no float is.
        let zeros = pairs.partition_point(|(length, _)| *length == 0.0);
        let lost: f64 = pairs.drain(..zeros).map(|(_, weight)| weight).sum();
        let squares: Vec<f64> = pairs.iter().map(|(length, _)| length.powi(2)).collect();
        let weights = pairs.into_iter().map(|(_, weight)| weight).collect();
        Self::of(design, &squares, weights, design.unseen_mass() + lost)
    }
}

/// Whether no sample shows two coordinates.
pub(super) fn shows_one_at_a_time(design: &Design) -> bool {
    let mut shown = vec![false; design.samples()];
    let entries = design.columns().flat_map(|column| column.0);
    entries.into_iter().all(|row| !std::mem::replace(&mut shown[*row as usize], true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Regression;
    use asymscale_model::{Activity, Amplitude, Coordinates, SparseModel, Spectrum};
    use asymscale_sampling::{Column, Key};

    /// In any order of lengths, with a sample that shows nothing and a column of zeros.
    #[test]
    fn orthogonal_columns_are_the_directions() {
        let column = |index, eigenvalue, entries| Column { index, eigenvalue, entries };
        let columns = vec![
            column(1.0, 0.5, vec![(1, 3.0), (2, 4.0)]),
            column(2.0, 0.3, vec![(4, 1.0)]),
            column(3.0, 0.2, vec![(0, 0.0)]),
        ];
        let design = Design::from_columns(5, columns, 0.125).unwrap();
        let spectrum = DesignSpectrum::for_noise(&design).unwrap();
        assert_eq!(
            (spectrum.eigenvalues(), spectrum.weights()),
            (&[0.2, 5.0][..], &[0.3, 0.5][..])
        );
        assert_eq!(spectrum.residual_mass(), 0.125 + 0.2);
        // Faint beyond floats when squared, a column is a direction all the same.
        let faint = vec![column(1.0, 1.0, vec![(0, 1.0)]), column(2.0, 1e-300, vec![(1, 1e-200)])];
        let faint = DesignSpectrum::new(&Design::from_columns(2, faint, 0.0).unwrap()).unwrap();
        assert_eq!((faint.rank(), faint.residual_mass()), (2, 0.0));
        let one_hot = SparseModel::new(
            Spectrum::power_law(1.0).unwrap(),
            Activity::one_hot(1.5).unwrap(),
            Amplitude::Gaussian,
            Coordinates::Infinite,
        )
        .unwrap();
        let design = Design::sample(&one_hot, 300, &mut Key::new(2).stream()).unwrap();
        let (quick, whole) =
            (DesignSpectrum::new(&design).unwrap(), DesignSpectrum::wide(&design, true).unwrap());
        assert_eq!((quick.rank(), quick.residual_mass()), (design.seen(), design.unseen_mass()));
        let pairs = quick.eigenvalues.iter().zip(&whole.eigenvalues);
        assert!(pairs.into_iter().all(|(a, b)| (a / b - 1.0).abs() < 1e-12));
        let noisy = Regression::new(0.01, 0.1).unwrap();
        let [a, b] = [quick, whole].map(|s| s.averaged_loss(f64::INFINITY, noisy).unwrap());
        assert!((a / b - 1.0).abs() < 1e-12, "{a} {b}");
    }
}
