//! Every quantity of the vocabulary at values worked out by hand: what other crates build on, and
//! what their own tests would show only from afar.

use asymscale_model::{
    Activity, Amplitude, Coordinates, Decay, Schedule, SparseModel, Spectrum, Teacher,
};

/// Rounding, and the digits of a value written down here.
fn close(a: f64, b: f64) {
    assert!((a / b - 1.0).abs() < 1e-14, "{a} {b}");
}

/// The laws `i^−2` and `min(1, (4/i)^1.5)`.
fn model() -> SparseModel {
    SparseModel::power_law(1.0, 1.5, 4.0).unwrap()
}

#[test]
fn power_laws_at_their_coordinates() {
    let rare = model().rare_law().unwrap();
    assert_eq!((rare.alpha(), rare.beta()), (1.0, 1.5));
    close(rare.activity.at(9.0), 8.0 / 27.0);
    close(model().activity_law().tail().unwrap().at(9.0), 8.0 / 27.0);
    close(Activity::uniform(0.25).unwrap().tail().unwrap().at(1e6), 0.25);
    assert!(Activity::one_hot(1.0).unwrap().tail().is_none());
    assert_eq!(Spectrum::power_law(0.5).unwrap().alpha(), Some(0.5));
    assert_eq!(Spectrum::table(vec![1.0]).unwrap().alpha(), None);
    close(model().total_variance(), std::f64::consts::PI.powi(2) / 6.0);
    assert_eq!(model().largest_eigenvalue(), 1.0);
    assert!(!model().is_one_hot());
}

#[test]
fn amplitudes_at_a_value() {
    close(Amplitude::Gaussian.laplace_deficit(4.0), 1.0 - 1.0 / 3.0);
    close(Amplitude::Gaussian.laplace_deficit(4e300), 1.0);
    close(Amplitude::Rademacher.laplace_deficit(2.0), 1.0 - (-2f64).exp());
}

/// A law may be above 1 on the listed coordinates, and at most 1 on the first one after them.
#[test]
fn tables_that_go_on() {
    let listed = || Activity::table(vec![1.0, 1.0]).unwrap();
    assert!(listed().continued(9.0, 2.0).is_ok());
    assert!(listed().continued(9.1, 2.0).is_err());
    // The largest variance may be listed or be the first of the law.
    let spectrum = |entry| Spectrum::table(vec![entry]).unwrap().continued(4.0, 1.0).unwrap();
    for (entry, largest) in [(0.5, 1.0), (3.0, 3.0)] {
        let activity = Activity::power_law(1.5, 1.0).unwrap();
        let table =
            SparseModel::new(spectrum(entry), activity, Amplitude::Gaussian, Coordinates::Infinite);
        let table = table.unwrap();
        assert_eq!((table.largest_eigenvalue(), table.listed()), (largest, 1));
        assert_eq!(table.spectrum().alpha(), Some(1.0));
    }
}

/// Energies and weights of a teacher whose table goes on as another law than the variances.
#[test]
fn a_teacher_of_its_own() {
    assert!(model().has_iid_teacher());
    assert_eq!(model().weight_energy(7.0), 1.0);
    let teacher = Teacher::table(vec![5.0, 2.0]).unwrap().continued(3.0, 1.5).unwrap();
    let own = model().with_teacher(teacher).unwrap();
    assert!(!own.has_iid_teacher());
    // g_2/λ_2 = 2 · 4; g_9 = 3/27 and λ_9 = 1/81.
    close(own.weight_energy(2.0), 8.0);
    close(own.target_energy(9.0), 1.0 / 9.0);
    close(own.weight_energy(9.0), 9.0);
    // The same where variances go on as 4 i^−2.
    let spectrum = Spectrum::table(vec![1.0]).unwrap().continued(4.0, 1.0).unwrap();
    let activity = Activity::power_law(1.5, 4.0).unwrap();
    let teacher = own.teacher().clone();
    let own = SparseModel::new(spectrum, activity, Amplitude::Gaussian, Coordinates::Infinite);
    close(own.unwrap().with_teacher(teacher).unwrap().weight_energy(9.0), 2.25);
    let table = vec![0.5, 0.25, 0.25];
    let finite = model().with_coordinates(Coordinates::Finite(3)).unwrap();
    let short = finite.clone().with_teacher(Teacher::table(table[..2].to_vec()).unwrap());
    assert!(short.is_err(), "two of three coordinates have no energy");
    let whole = finite.with_teacher(Teacher::table(table).unwrap()).unwrap();
    close(whole.target_mass(1.0, 4.0), 1.0);
}

#[test]
fn schedules_that_are_constant() {
    let plain = Schedule::new(0.5, 100).unwrap();
    assert_eq!((plain.rate(), plain.steps(), plain.warmup()), (0.5, 100, 0));
    assert!(plain.is_constant());
    let warm = |steps| plain.with_warmup(steps).unwrap();
    assert!(warm(1).is_constant() && !warm(2).is_constant());
    let power = |exponent| plain.with_decay(Decay::Power(exponent)).unwrap();
    assert!(power(0.0).is_constant() && !power(0.5).is_constant());
    assert!(!warm(2).with_decay(Decay::Power(0.0)).unwrap().is_constant());
    close(power(0.5).rate_at(3), 0.25);
}
