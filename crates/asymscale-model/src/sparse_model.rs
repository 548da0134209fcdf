//! The whole model of the data: spectrum, activity, amplitude, number of coordinates.

use crate::{
    Activity, Amplitude, Coordinates, ModelError, Spectrum, power_sum, power_sum::scaled_power_sum,
};

/// A sparse-feature model of the data, validated.
#[derive(Debug, Clone, PartialEq)]
pub struct SparseModel {
    spectrum: Spectrum,
    activity: Activity,
    amplitude: Amplitude,
    coordinates: Coordinates,
    /// `Σ i^{−β}` over all coordinates for a one-hot activity, 1 otherwise.
    one_hot_norm: f64,
}

impl SparseModel {
    /// Puts a model together.
    ///
    /// # Errors
    /// [`ModelError::TableLength`] if a table of activities does not match `coordinates`,
    /// [`ModelError::Coordinates`] for `M = 0` or above 9e15, [`ModelError::OneHotNotNormalisable`]
    /// for a one-hot activity with `M = ∞` and `β ≤ 1`.
    pub fn new(
        spectrum: Spectrum,
        activity: Activity,
        amplitude: Amplitude,
        coordinates: Coordinates,
    ) -> Result<Self, ModelError> {
        if let Coordinates::Finite(count) = coordinates
            && !(1..=Coordinates::MOST).contains(&count)
        {
            return Err(ModelError::Coordinates(count.to_string()));
        }
        let one_hot_norm = match &activity {
            Activity::Table(table) if coordinates != Coordinates::Finite(table.len() as u64) => {
                return Err(ModelError::TableLength {
                    coordinates: coordinates.to_string(),
                    table: table.len(),
                });
            }
            Activity::OneHot { beta } if coordinates.is_infinite() && *beta <= 1.0 => {
                return Err(ModelError::OneHotNotNormalisable(*beta));
            }
            Activity::OneHot { beta } => power_sum(*beta, 1.0, coordinates.as_f64() + 1.0),
            _ => 1.0,
        };
        Ok(Self { spectrum, activity, amplitude, coordinates, one_hot_norm })
    }

    /// The model most of this project is about: `λ_i = i^{−(1+alpha)}`,
    /// `p_i = min(1, (onset/i)^beta)`, Gaussian amplitudes, infinitely many coordinates.
    ///
    /// # Errors
    /// [`ModelError`] naming the parameter outside `0.01 ≤ alpha ≤ 100`, `0 ≤ beta ≤ 100`,
    /// `1 ≤ onset ≤ 1e12`.
    pub fn power_law(alpha: f64, beta: f64, onset: f64) -> Result<Self, ModelError> {
        let (spectrum, activity) = (Spectrum::new(alpha)?, Activity::power_law(beta, onset)?);
        Self::new(spectrum, activity, Amplitude::Gaussian, Coordinates::Infinite)
    }

    /// The same model with another amplitude law.
    #[must_use]
    pub fn with_amplitude(self, amplitude: Amplitude) -> Self {
        Self { amplitude, ..self }
    }

    /// The same model with another number of coordinates.
    ///
    /// # Errors
    /// As [`SparseModel::new`].
    pub fn with_coordinates(self, coordinates: Coordinates) -> Result<Self, ModelError> {
        Self::new(self.spectrum, self.activity, self.amplitude, coordinates)
    }

    /// The spectrum.
    pub fn spectrum(&self) -> Spectrum {
        self.spectrum
    }

    /// The activity law.
    pub fn activity_law(&self) -> &Activity {
        &self.activity
    }

    /// The amplitude law.
    pub fn amplitude(&self) -> Amplitude {
        self.amplitude
    }

    /// The number of coordinates.
    pub fn coordinates(&self) -> Coordinates {
        self.coordinates
    }

    /// Whether exactly one coordinate is active in each sample.
    pub fn is_one_hot(&self) -> bool {
        matches!(self.activity, Activity::OneHot { .. })
    }

    /// `λ_i` at coordinate `i`, a real number in `[1, M]` (whole for an actual coordinate).
    pub fn eigenvalue(&self, i: f64) -> f64 {
        self.spectrum.eigenvalue(i)
    }

    /// `p_i` at coordinate `i`, a real number in `[1, M]` (whole for an actual coordinate; a table
    /// is read at `⌊i⌋`).
    pub fn activity(&self, i: f64) -> f64 {
        match &self.activity {
            Activity::PowerLaw { onset, .. } if i <= *onset => 1.0,
            Activity::PowerLaw { beta, onset } => (onset / i).powf(*beta),
            Activity::Uniform { probability } => *probability,
            Activity::OneHot { beta } => i.powf(-beta) / self.one_hot_norm,
            Activity::Table(table) => table[i as usize - 1],
        }
    }

    /// `a_i² = λ_i / p_i`, the squared scale of an active coordinate; 0 for a coordinate that is
    /// never active.
    ///
    /// For a power law it is `c^{−β} i^{β−1−α}`, computed so: neither factor underflows first.
    pub fn scale_squared(&self, i: f64) -> f64 {
        let alpha = self.spectrum.alpha();
        match &self.activity {
            Activity::PowerLaw { beta, onset } if i > *onset => {
                (i / onset).powf(*beta) * i.powf(-(1.0 + alpha))
            }
            Activity::OneHot { beta } => self.one_hot_norm * i.powf(beta - 1.0 - alpha),
            _ => match self.activity(i) {
                0.0 => 0.0,
                p => self.eigenvalue(i) / p,
            },
        }
    }

    /// `tr Σ = Σ λ_i` over all coordinates: the loss of a learner that knows nothing.
    pub fn total_variance(&self) -> f64 {
        self.spectrum.mass(1.0, self.coordinates.as_f64() + 1.0)
    }

    /// Expected number of active coordinates in one sample, `Σ p_i`; infinite for `M = ∞` with
    /// `β ≤ 1` or a uniform activity.
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// let active = SparseModel::power_law(1.0, 2.0, 1.0)?.active_per_sample();
    /// assert!((active - std::f64::consts::PI.powi(2) / 6.0).abs() < 1e-14);
    /// # Ok::<(), asymscale_model::ModelError>(())
    /// ```
    pub fn active_per_sample(&self) -> f64 {
        let end = self.coordinates.as_f64();
        match &self.activity {
            Activity::PowerLaw { beta, onset } => {
                let always = onset.floor().min(end);
                always + scaled_power_sum(*onset, *beta, always + 1.0, end + 1.0)
            }
            Activity::Uniform { probability } => probability * end,
            Activity::OneHot { .. } => 1.0,
            Activity::Table(table) => table.iter().sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sparsity_leaves_the_covariance_alone() {
        for (alpha, beta, onset) in [(0.5, 0.0, 1.0), (1.0, 1.5, 3.7), (2.0, 8.0, 100.0)] {
            let model = SparseModel::power_law(alpha, beta, onset).unwrap();
            for i in [1.0, 3.0, 4.0, 100.0, 1e6] {
                let variance = model.activity(i) * model.scale_squared(i);
                assert!((variance / model.eigenvalue(i) - 1.0).abs() < 1e-12, "i = {i}");
            }
        }
    }

    #[test]
    fn a_fractional_onset_keeps_its_whole_part_always_on() {
        let model = SparseModel::power_law(1.0, 1.0, 2.5).unwrap();
        assert_eq!([1.0, 2.0].map(|i| model.activity(i)), [1.0, 1.0]);
        assert_eq!(model.activity(3.0), 2.5 / 3.0);
    }

    #[test]
    fn one_hot_probabilities_add_to_one() {
        let spectrum = Spectrum::new(1.0).unwrap();
        let law = Activity::one_hot(1.5).unwrap();
        let model =
            SparseModel::new(spectrum, law, Amplitude::Rademacher, Coordinates::Finite(1000))
                .unwrap();
        let total: f64 = (1..=1000).map(|i| model.activity(f64::from(i))).sum();
        assert!((total - 1.0).abs() < 1e-13);
    }

    #[test]
    fn bad_parameters_are_named_with_their_value_and_range() {
        let message = |alpha, beta, onset| {
            SparseModel::power_law(alpha, beta, onset).unwrap_err().to_string()
        };
        for alpha in [0.0, 5e-324, 101.0, f64::INFINITY, f64::NAN] {
            let expected =
                format!("alpha = {alpha}: the spectral exponent must be a number in 0.01..100");
            assert_eq!(message(alpha, 1.0, 1.0), expected);
        }
        for beta in [-1.0, 101.0, f64::NAN] {
            let expected =
                format!("beta = {beta}: the activity exponent must be a number in 0..100");
            assert_eq!(message(1.0, beta, 1.0), expected);
        }
        for onset in [0.5, 1e300, f64::NAN] {
            let expected =
                format!("onset = {onset}: the onset of sparsity must be a number in 1..1e12");
            assert_eq!(message(1.0, 1.0, onset), expected);
        }
        let largest = SparseModel::power_law(100.0, 100.0, 1e12).unwrap();
        for count in [0, u64::MAX] {
            let error = largest.clone().with_coordinates(Coordinates::Finite(count)).unwrap_err();
            let expected =
                format!("coordinates = {count}: must be a whole number in 1..9e15, or inf");
            assert_eq!(error.to_string(), expected);
        }
        let table = Activity::table(vec![0.5, 1.5]).unwrap_err();
        assert_eq!(table.to_string(), "activity table entry 2 = 1.5: must lie in [0, 1]");
        assert!(Activity::uniform(0.0).is_err() && Activity::table(vec![]).is_err());
        let spectrum = Spectrum::new(1.0).unwrap();
        let wrong = SparseModel::new(
            spectrum,
            Activity::table(vec![0.5]).unwrap(),
            Amplitude::Gaussian,
            Coordinates::Infinite,
        );
        assert_eq!(
            wrong.unwrap_err().to_string(),
            "coordinates = inf: an activity table of 1 entries needs exactly 1"
        );
    }
}
