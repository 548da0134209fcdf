//! What is refused, and in which words.

use crate::support::{power_law, with_activity};
use asymscale_model::{Activity, SparseModel};
use asymscale_sampling::{Column, Design, Key, seen_coordinates};

fn refusal(model: &SparseModel, samples: usize) -> String {
    let design = Design::sample(model, samples, &mut Key::new(1).stream()).unwrap_err().to_string();
    if !design.contains("entries") {
        let seen = seen_coordinates(model, samples, &mut Key::new(1).stream()).unwrap_err();
        assert_eq!(design, seen.to_string());
    }
    design
}

#[test]
fn impossible_requests_name_parameter_value_and_range() {
    let infinite = f64::INFINITY;
    let uniform = with_activity(Activity::uniform(0.25).unwrap(), infinite);
    assert_eq!(
        refusal(&power_law(1.5, 1.0, infinite), 0),
        "samples = 0: must be a whole number >= 1 and <= 4294967295"
    );
    assert_eq!(
        refusal(&power_law(1.0, 1.0, infinite), 10),
        "beta = 1: sampling with coordinates = inf needs beta > 1 (or choose a finite number of coordinates)"
    );
    assert_eq!(
        refusal(&uniform, 10),
        "coordinates = inf: a uniform activity (0.25) can be sampled for a finite number of coordinates only"
    );
    assert_eq!(
        refusal(&power_law(1.03, 1.0, infinite), 100_000),
        "beta = 1.03: too near 1 for samples = 100000 with coordinates = inf, 3.3e-3 coordinates beyond 1e300 \
         would be seen (at most 1e-6 are allowed, so samples <= 30)"
    );
    assert_eq!(
        refusal(&power_law(0.5, 1.0, 9e15), 1_000_000),
        "coordinates and samples make about 1.9e14 entries, 7030988.5 GiB: must be <= 8.0 GiB"
    );
}

/// What is allowed at the limit works; one more is refused.
#[test]
fn the_limit_of_the_range_is_sharp() {
    let model = power_law(1.03, 1.0, f64::INFINITY);
    let seen = |samples| seen_coordinates(&model, samples, &mut Key::new(2).stream());
    assert!(seen(30).unwrap().iter().all(|coordinate| coordinate.index < 1e300));
    assert!(seen(31).is_err());
}

/// Billions of samples are served as long as the coordinates they activate can be listed: all
/// counts are at most D, and `√(πD)` coordinates are expected (± 5 standard deviations of a sum of
/// indicators).
#[test]
fn billions_of_samples_are_served() {
    let samples = 4_000_000_000_usize;
    let seen =
        seen_coordinates(&power_law(2.0, 1.0, f64::INFINITY), samples, &mut Key::new(3).stream())
            .unwrap();
    let expected = (std::f64::consts::PI * 4e9).sqrt();
    assert!(
        (seen.len() as f64 - expected).abs() < 5.0 * expected.sqrt(),
        "{} {expected}",
        seen.len()
    );
    assert_eq!((seen[0].index, seen[0].count), (1.0, 4_000_000_000));
}

#[test]
fn columns_that_are_no_design_are_refused() {
    let column = |index, eigenvalue, entries: &[(u32, f64)]| Column {
        index,
        eigenvalue,
        entries: entries.to_vec(),
    };
    let refusal = |columns| Design::from_columns(4, columns, 0.0).unwrap_err().to_string();
    let good = column(1.0, 1.0, &[(0, 1.0)]);
    assert_eq!(
        refusal(vec![column(0.5, 1.0, &[(0, 1.0)])]),
        "column 0.5: the index must be a whole number >= 1"
    );
    assert_eq!(
        refusal(vec![good.clone(), good.clone()]),
        "column 1: the index is given twice: must be given once"
    );
    assert_eq!(
        refusal(vec![column(2.0, -1.0, &[(0, 1.0)])]),
        "column 2: eigenvalue = -1: must be a finite number >= 0"
    );
    assert_eq!(
        refusal(vec![column(2.0, 1.0, &[])]),
        "column 2: 0 entries: a seen coordinate needs at least 1"
    );
    assert_eq!(
        refusal(vec![column(2.0, 1.0, &[(4, 1.0)])]),
        "column 2: sample numbers must be below samples = 4"
    );
    assert_eq!(
        refusal(vec![column(2.0, 1.0, &[(3, 1.0), (3, 2.0)])]),
        "column 2: sample 3 is given twice: must be given once"
    );
    assert_eq!(
        refusal(vec![column(2.0, 1.0, &[(3, f64::NAN)])]),
        "column 2: value = NaN in sample 3: must be finite"
    );
    let mass = Design::from_columns(4, vec![good], f64::NAN).unwrap_err();
    assert_eq!(mass.to_string(), "unseen_mass = NaN: must be a finite number >= 0");
}
