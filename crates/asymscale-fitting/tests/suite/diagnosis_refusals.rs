//! Counts that cannot be diagnosed are refused, with the parameter, the value and the row.

use crate::common::generator;
use asymscale_fitting::FittingError;
use asymscale_fitting::diagnosis::{
    ActivationCounts, DiagnosisOptions, Incidence, diagnose, thin_counts,
};

fn message<T: std::fmt::Debug>(result: Result<T, FittingError>) -> String {
    result.expect_err("must be refused").to_string()
}

#[test]
fn counts_and_samples() {
    let from = |counts: &[f64], samples| message(ActivationCounts::from_numbers(counts, samples));
    for samples in [1.0, 0.0, -3.0, 2.5, f64::NAN, f64::INFINITY] {
        assert_eq!(
            from(&[1.0], samples),
            format!("samples = {samples}: must be a whole number from 2 to 2^53")
        );
    }
    for value in [11.0, -1.0, 0.5, f64::NAN] {
        assert_eq!(
            from(&[3.0, value], 10.0),
            format!("count = {value} in row 2: must be a whole number from 0 to samples = 10")
        );
    }
    assert_eq!(from(&[0.0, 0.0], 10.0), "counts > 0: found 0 among 2 rows; must be >= 1");
    assert_eq!(from(&[], 10.0), "counts > 0: found 0 among 0 rows; must be >= 1");
}

#[test]
fn what_is_said_of_a_table() {
    let counts = ActivationCounts::new(&[3, 0, 5, 2], 10).unwrap();
    assert_eq!(
        message(counts.clone().of(3)),
        "3 features in all: must be at least the 4 that the table holds"
    );
    for floor in [0, 6] {
        assert_eq!(
            message(counts.clone().seen_at_least(floor)),
            format!("smallest count {floor}: must be in 1..=5, the largest count of the table")
        );
    }
    // Features below it are still seen; laws are fitted to the others.
    assert_eq!(counts.seen_at_least(3).unwrap().seen(), 3);
}

#[test]
fn incidences() {
    let pairs = |pairs: &[(u32, u32)], samples| message(Incidence::new(pairs, 2, samples));
    assert_eq!(pairs(&[(0, 0)], 1), "samples = 1: must be a whole number from 2 to 2^53");
    assert_eq!(pairs(&[(0, 0), (2, 1)], 3), "pair 2, feature 2 in sample 1: must be below 2 and 3");
    assert_eq!(pairs(&[(1, 3)], 3), "pair 1, feature 1 in sample 3: must be below 2 and 3");
    let three = Incidence::new(&[(0, 0), (1, 2)], 2, 3).unwrap();
    assert_eq!(
        message(three.clone().with_groups(&[0, 1])),
        "groups has 2 entries: must have 3, one per sample"
    );
    assert_eq!(message(three.with_groups(&[7, 7, 7])), "groups of samples = 1: must be at least 2");
    let none = Incidence::new(&[], 2, 3).unwrap();
    assert_eq!(
        message(ActivationCounts::from_incidence(&none)),
        "counts > 0: found 0 among 2 rows; must be >= 1"
    );
}

/// Whether a message shows a number with an exponent.
fn is_extreme(value: f64) -> bool {
    [1e-101, 2e100].contains(&value)
}

#[test]
fn second_moments() {
    let with = |moments: &[f64]| {
        message(ActivationCounts::new(&[3, 0, 1], 10).unwrap().with_second_moments(moments))
    };
    assert_eq!(with(&[1.0]), "second moments has 1 entries: must have 3, one per feature");
    for (row, moments) in [
        (1, [f64::NAN, 0.0, 1.0]),
        (2, [1.0, 0.5, 1.0]),
        (3, [1.0, 0.0, 0.0]),
        (3, [1.0, 0.0, -1.0]),
        (1, [f64::INFINITY, 0.0, 1.0]),
        (1, [1e-101, 0.0, 1.0]),
        (3, [1.0, 0.0, 2e100]),
    ] {
        let value = moments[row - 1];
        let value = if is_extreme(value) { format!("{value:e}") } else { value.to_string() };
        assert_eq!(
            with(&moments),
            format!(
                "second moment = {value} in row {row}: must be in 1e-100..1e100 where the count is > 0, and 0 where it is 0"
            )
        );
    }
}

#[test]
fn options() {
    let counts = ActivationCounts::new(&[3, 1], 10).unwrap();
    let with = |options: DiagnosisOptions| message(diagnose(&counts, &options, &mut generator(1)));
    let default = DiagnosisOptions::default;
    assert_eq!(
        with(DiagnosisOptions { alpha: Some(0.0), ..default() }),
        "alpha = 0: must be a finite number > 0"
    );
    assert_eq!(
        with(DiagnosisOptions { factors: vec![2.0, 1.0], ..default() }),
        "data factor = 1: must be > 1 and at most 1e100"
    );
    for share in [0.0, 1.0, f64::NAN] {
        assert_eq!(
            with(DiagnosisOptions { shares: vec![0.9, share], ..default() }),
            format!("share of activity = {share}: must be > 0 and < 1")
        );
    }
    assert_eq!(
        with(DiagnosisOptions { level: 1.0, ..default() }),
        "level = 1: must lie strictly between 0 and 1"
    );
    assert_eq!(
        with(DiagnosisOptions { resamples: 38, ..default() }),
        "resamples = 38: must be >= 39 at level 0.95"
    );
}

#[test]
fn subsets() {
    let thin = |counts: &[u64], kept| message(thin_counts(counts, 10, kept, &mut generator(1)));
    assert_eq!(thin(&[3], 11), "kept samples = 11: must be a whole number from 1 to 10");
    assert_eq!(thin(&[3], 0), "kept samples = 0: must be a whole number from 1 to 10");
    assert_eq!(
        thin(&[3, 12], 5),
        "count = 12 in row 2: must be a whole number from 0 to samples = 10"
    );
}

/// The smallest and the strangest inputs give numbers, not a panic.
#[test]
fn edge_cases_are_answered() {
    let many = vec![1; 5_000];
    let huge = 9_007_199_254_740_992;
    let rare: Vec<u64> = (1..=2_000).map(|rank| 1 + 4_000 / (rank * rank)).collect();
    let twos = vec![2; 500];
    let cases: [(&[u64], u64); 9] = [
        (&[1], 2),
        (&[2, 1], 2),
        (&[1, 1, 2, 3], 3),
        (&many, 2),
        (&many, huge),
        (&rare, huge),
        (&twos, 1_000),
        (&[5, 0, 5], 6),
        (&[6, 6], 6),
    ];
    for (counts, samples) in cases {
        let counts = ActivationCounts::new(counts, samples).unwrap();
        let options = DiagnosisOptions {
            factors: vec![1.0001, 2.0, 1e6],
            resamples: 39,
            ..Default::default()
        };
        let diagnosis = diagnose(&counts, &options, &mut generator(1)).unwrap();
        let verdict = diagnosis.verdict();
        let ahead = verdict.ahead.iter().flat_map(|ahead| [ahead.new_features, ahead.unseen_share]);
        for estimate in ahead.flatten().chain(verdict.unseen_share) {
            let ordered = 0.0 <= estimate.lower && estimate.lower <= estimate.upper;
            assert!(ordered && estimate.value.is_finite(), "{samples} samples: {estimate:?}");
        }
        assert!(!verdict.to_string().contains("NaN"), "{verdict}");
    }
}
