//! The whole model of the data: spectrum, activity, amplitude, number of coordinates, teacher.

use crate::{
    Activity, Amplitude, Coordinates, ModelError, PowerLaw, RareLaw, Spectrum, Teacher, power_sum,
    power_sum::scaled_power_sum,
};

/// A sparse-feature model of the data, validated.
#[derive(Debug, Clone, PartialEq)]
pub struct SparseModel {
    pub(crate) spectrum: Spectrum,
    pub(crate) activity: Activity,
    amplitude: Amplitude,
    pub(crate) coordinates: Coordinates,
    pub(crate) teacher: Teacher,
    /// `Σ i^{−β}` over all coordinates for a one-hot activity, 1 otherwise.
    one_hot_norm: f64,
}

impl SparseModel {
    /// Puts a model with an iid teacher together.
    ///
    /// # Errors
    /// [`ModelError::TableLength`] if a table does not match `coordinates`: one that does not go on
    /// needs exactly as many, one that does at least as many,
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
        check_length("variance", (spectrum.listed(), spectrum.tail()), coordinates)?;
        check_length("activity", (activity.listed(), activity.tail()), coordinates)?;
        let one_hot_norm = match &activity {
            Activity::OneHot { beta } if coordinates.is_infinite() && *beta <= 1.0 => {
                return Err(ModelError::OneHotNotNormalisable(*beta));
            }
            Activity::OneHot { beta } => power_sum(*beta, 1.0, coordinates.as_f64() + 1.0),
            _ => 1.0,
        };
        let teacher = Teacher::Iid;
        Ok(Self { spectrum, activity, amplitude, coordinates, teacher, one_hot_norm })
    }

    /// The model most of this project is about: `λ_i = i^{−(1+alpha)}`,
    /// `p_i = min(1, (onset/i)^beta)`, Gaussian amplitudes, infinitely many coordinates.
    ///
    /// # Errors
    /// [`ModelError`] naming the parameter outside `0.01 ≤ alpha ≤ 100`, `0 ≤ beta ≤ 100`,
    /// `1e-12 ≤ onset ≤ 1e12`.
    pub fn power_law(alpha: f64, beta: f64, onset: f64) -> Result<Self, ModelError> {
        let (spectrum, activity) = (Spectrum::power_law(alpha)?, Activity::power_law(beta, onset)?);
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
    /// As [`SparseModel::new`] and [`SparseModel::with_teacher`].
    pub fn with_coordinates(self, coordinates: Coordinates) -> Result<Self, ModelError> {
        Self::new(self.spectrum, self.activity, self.amplitude, coordinates)?
            .with_teacher(self.teacher)
    }

    /// The spectrum.
    pub fn spectrum(&self) -> &Spectrum {
        &self.spectrum
    }

    /// The teacher.
    pub fn teacher(&self) -> &Teacher {
        &self.teacher
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

    /// The largest `λ_i`.
    pub fn largest_eigenvalue(&self) -> f64 {
        let next = self.spectrum.listed() as f64 + 1.0;
        let listed = match &self.spectrum {
            Spectrum::PowerLaw { .. } => 0.0,
            Spectrum::Table(table) => table.values().iter().copied().fold(0.0, f64::max),
        };
        if next <= self.coordinates.as_f64() { listed.max(self.eigenvalue(next)) } else { listed }
    }

    /// `p_i` at coordinate `i`, a real number in `[1, M]` (whole for an actual coordinate; a table
    /// is read at `⌊i⌋`).
    pub fn activity(&self, i: f64) -> f64 {
        match &self.activity {
            Activity::PowerLaw { onset, .. } if i <= *onset => 1.0,
            Activity::PowerLaw { beta, onset } => (onset / i).powf(*beta),
            Activity::Uniform { probability } => *probability,
            Activity::OneHot { beta } => i.powf(-beta) / self.one_hot_norm,
            Activity::Table(table) => table.at(i),
        }
    }

    /// `a_i² = λ_i / p_i`, the squared scale of an active coordinate; 0 for a coordinate that is
    /// never active.
    ///
    /// For a power law it is `c^{−β} i^{β−1−α}`, computed so: neither factor underflows first.
    pub fn scale_squared(&self, i: f64) -> f64 {
        match (&self.spectrum, &self.activity) {
            (Spectrum::PowerLaw { alpha }, Activity::PowerLaw { beta, onset }) if i > *onset => {
                (i / onset).powf(*beta) * i.powf(-(1.0 + alpha))
            }
            (Spectrum::PowerLaw { alpha }, Activity::OneHot { beta }) => {
                self.one_hot_norm * i.powf(beta - 1.0 - alpha)
            }
            _ => match self.rare_law_at(i) {
                Some(RareLaw { variance, activity, .. }) => {
                    let drift = activity.exponent - variance.exponent;
                    (variance.log_front - activity.log_front + drift * i.ln()).exp()
                }
                None => match self.activity(i) {
                    0.0 => 0.0,
                    p => self.eigenvalue(i) / p,
                },
            },
        }
    }

    /// `tr Σ = Σ λ_i` over all coordinates; with an iid teacher the loss of a learner that knows
    /// nothing.
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
            Activity::Table(table) => table.sum(1.0, end + 1.0),
        }
    }
}

/// Whether a table of so many entries fits the number of coordinates.
pub(crate) fn check_length(
    quantity: &'static str,
    (table, tail): (usize, Option<PowerLaw>),
    coordinates: Coordinates,
) -> Result<(), ModelError> {
    let (entries, last) = (table as f64, coordinates.as_f64());
    if table == 0 || entries == last || (entries < last && tail.is_some()) {
        Ok(())
    } else {
        Err(ModelError::TableLength { coordinates: coordinates.to_string(), quantity, table })
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

    /// Of one-hot activity too, where an active coordinate shares the norm of all probabilities.
    #[test]
    fn one_hot_activity_leaves_the_covariance_alone() {
        for (alpha, beta, coordinates) in [(0.5, 1.5, "inf"), (2.0, 3.0, "50"), (1.0, 0.0, "7")] {
            let activity = Activity::one_hot(beta).unwrap();
            let (spectrum, coordinates) =
                (Spectrum::power_law(alpha).unwrap(), coordinates.parse().unwrap());
            let model =
                SparseModel::new(spectrum, activity, Amplitude::Gaussian, coordinates).unwrap();
            for i in [1.0, 2.0, 7.0] {
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
    fn an_onset_below_one_leaves_no_coordinate_always_on() {
        let model = SparseModel::power_law(1.0, 2.0, 0.1).unwrap();
        assert!((model.activity(1.0) - 0.01).abs() < 1e-16);
        let zeta2 = std::f64::consts::PI.powi(2) / 6.0;
        assert!((model.active_per_sample() / (0.01 * zeta2) - 1.0).abs() < 1e-13);
        assert_eq!(model.rare_law().map(|law| law.first), Some(1.0));
        // a_i² = 1e100 i^98, and the same for half as many orders of magnitude more is refused.
        assert!(SparseModel::power_law(1.0, 100.0, 0.1).is_ok());
        assert!(SparseModel::power_law(1.0, 100.0, 0.05).is_err());
    }

    /// A table of the first values of power laws, continued by these, is that power law.
    #[test]
    fn continued_tables_are_the_power_laws_they_continue() {
        let plain = SparseModel::power_law(1.0, 1.5, 2.5)
            .unwrap()
            .with_teacher(Teacher::power_law(1.4).unwrap())
            .unwrap();
        let values = |f: &dyn Fn(f64) -> f64| (1..=7).map(|i| f(f64::from(i))).collect::<Vec<_>>();
        let front = 2.5f64.powf(1.5);
        let spectrum = Spectrum::table(values(&|i| plain.eigenvalue(i))).unwrap();
        let activity = Activity::table(values(&|i| plain.activity(i))).unwrap();
        let teacher = Teacher::table(values(&|i| plain.target_energy(i))).unwrap();
        let listed = SparseModel::new(
            spectrum.continued(1.0, 1.0).unwrap(),
            activity.continued(front, 1.5).unwrap(),
            Amplitude::Gaussian,
            Coordinates::Infinite,
        )
        .unwrap()
        .with_teacher(teacher.continued(1.0, 1.4).unwrap())
        .unwrap();
        assert_eq!(listed.rare_law().map(|law| law.first), Some(8.0));
        for i in [1.0, 2.0, 3.0, 7.0, 8.0, 1e5] {
            let pairs = [
                (listed.eigenvalue(i), plain.eigenvalue(i)),
                (listed.activity(i), plain.activity(i)),
                (listed.scale_squared(i), plain.scale_squared(i)),
                (listed.target_energy(i), plain.target_energy(i)),
                (listed.weight_energy(i), plain.weight_energy(i)),
                (listed.target_mass(i, 1e6), plain.target_mass(i, 1e6)),
                (listed.spectrum().mass(i, f64::INFINITY), plain.spectrum().mass(i, f64::INFINITY)),
            ];
            for (got, expected) in pairs {
                assert!((got / expected - 1.0).abs() < 1e-12, "i = {i}: {got} {expected}");
            }
        }
        let (got, expected) = (listed.active_per_sample(), plain.active_per_sample());
        assert!((got / expected - 1.0).abs() < 1e-12, "{got} {expected}");
    }

    #[test]
    fn tables_must_fit_the_number_of_coordinates() {
        let build = |spectrum: Spectrum, coordinates| {
            let activity = Activity::power_law(1.0, 1.0).unwrap();
            SparseModel::new(spectrum, activity, Amplitude::Gaussian, coordinates)
        };
        let table = Spectrum::table(vec![1.0, 0.5, 0.2]).unwrap();
        let goes_on = table.clone().continued(1.0, 1.0).unwrap();
        assert!(build(table.clone(), Coordinates::Finite(3)).is_ok());
        assert!(build(table.clone(), Coordinates::Finite(4)).is_err());
        assert!(build(table.clone(), Coordinates::Infinite).is_err());
        assert!(build(goes_on.clone(), Coordinates::Infinite).is_ok());
        assert!(build(goes_on, Coordinates::Finite(2)).is_err());
        let model = build(table, Coordinates::Finite(3)).unwrap();
        assert_eq!((model.listed(), model.rare_law()), (3, None));
        let refused = model.clone().with_teacher(Teacher::power_law(2.0).unwrap());
        assert_eq!(refused, Err(ModelError::TargetExponentOfTable(2.0)));
        let energies = Teacher::table(vec![0.0, 1.0, 3.0]).unwrap();
        let model = model.with_teacher(energies).unwrap();
        assert_eq!([model.weight_energy(1.0), model.weight_energy(3.0)], [0.0, 15.0]);
        assert_eq!(model.label_variance(), 4.0);
    }

    #[test]
    fn one_hot_probabilities_add_to_one() {
        let spectrum = Spectrum::power_law(1.0).unwrap();
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
        for onset in [0.0, 1e-13, 1e300, f64::NAN] {
            let expected = format!(
                "onset = {onset}: the onset of sparsity must be a number in 1e-12..1e12, and onset^beta at least 1e-100"
            );
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
        let spectrum = Spectrum::power_law(1.0).unwrap();
        let wrong = SparseModel::new(
            spectrum,
            Activity::table(vec![0.5]).unwrap(),
            Amplitude::Gaussian,
            Coordinates::Infinite,
        );
        assert_eq!(
            wrong.unwrap_err().to_string(),
            "coordinates = inf: the activity table of 1 entries allows for exactly 1, unless a power \
             law continues it"
        );
    }
}
