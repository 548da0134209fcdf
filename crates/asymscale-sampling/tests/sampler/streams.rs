//! Keys and what is drawn per coordinate: frozen values, independence of order and size, moments.

use crate::support::{power_law, two_sided};
use asymscale_sampling::{
    Column, Design, Key, TeacherLaw, Teachers, feature_column, seen_coordinates,
};
use rand::Rng;

fn design_of(indices: &[f64]) -> Design {
    let column = |index: &f64| Column { index: *index, eigenvalue: 1.0, entries: vec![(0, 1.0)] };
    Design::from_columns(1, indices.iter().map(column).collect(), 0.0).unwrap()
}

fn features(key: &Key, index: f64, count: usize) -> Vec<f64> {
    let mut column = vec![0.0; count];
    feature_column(key, index, &mut column);
    column
}

/// Values from an independent implementation (Python's hashlib and struct, the generator written
/// from its definition).
#[test]
fn streams_are_what_the_encoding_says() {
    let key = Key::new(7).label("designs").index(3);
    let first =
        |mut stream: rand_xoshiro::Xoshiro256PlusPlus| [stream.next_u64(), stream.next_u64()];
    assert_eq!(first(key.stream()), [0xea632cefcbad6d08, 0x00e07f5b0fac5b5c]);
    assert_eq!(first(key.coordinate_stream(17.0)), [0xa90e27869fe355c2, 0x6d48c4bc1705900c]);
    assert_eq!(first(key.coordinate_stream(1e200)), [0x0647a7b97bf6194a, 0x5be6c7940ddd96fc]);
}

/// Frozen with version 0.1.0: a change here changes every published number and belongs in the
/// changelog.
#[test]
fn draws_are_stable() {
    let model = power_law(1.5, 2.5, f64::INFINITY);
    let key = Key::new(2026).label("stability");
    let seen = seen_coordinates(&model, 20, &mut key.stream()).unwrap();
    let seen: Vec<(f64, u32)> =
        seen.iter().map(|coordinate| (coordinate.index, coordinate.count)).collect();
    let design = Design::sample(&model, 20, &mut key.stream()).unwrap();
    let teachers = Teachers::draw(&design, 2, TeacherLaw::Gaussian, &key.label("teachers"));
    let rademacher = Teachers::draw(&design, 4, TeacherLaw::Rademacher, &key.label("teachers"));
    assert_eq!(
        seen[..7],
        [(1.0, 20), (2.0, 20), (3.0, 16), (4.0, 9), (5.0, 9), (6.0, 5), (7.0, 2)]
    );
    assert_eq!(seen[39..], [(5531.0, 1), (17738.0, 1), (68446.0, 1), (363709.0, 1)]);
    let (rows, values) = design.column(5);
    assert_eq!(rows, [10, 11, 13, 16, 18]);
    assert_same(
        values,
        &[
            0.12324084279764172,
            -0.4813429953734764,
            -0.5265820991388614,
            0.18650957915862207,
            -0.5252435266929746,
        ],
    );
    assert_same(teachers.weights(3), &[0.6548479061957154, -0.07295773188832756]);
    assert_eq!(rademacher.weights(3), [-1.0, -1.0, 1.0, -1.0]);
    assert_same(&features(&key, 3.0, 2), &[0.013632427490997995, -0.6332760298703344]);
}

/// Equal but for the last digits, in which elementary functions differ between platforms.
fn assert_same(got: &[f64], frozen: &[f64]) {
    assert_eq!(got.len(), frozen.len());
    for (g, f) in got.iter().zip(frozen) {
        assert!((g / f - 1.0).abs() < 1e-14, "{got:?}, frozen: {frozen:?}");
    }
}

#[test]
fn different_paths_have_different_streams() {
    let root = Key::new(1);
    let keys = [
        root.clone(),
        Key::new(2),
        root.label(""),
        root.label("ab").label("c"),
        root.label("a").label("bc"),
        root.label("abc"),
        root.index(1),
        root.label("\u{1}\0\0\0\0\0\0\0"),
        root.index(1).index(0),
        root.index(0).index(1),
    ];
    let mut firsts: Vec<u64> = keys.iter().map(|key| key.stream().next_u64()).collect();
    firsts.extend(keys.iter().map(|key| key.coordinate_stream(1.0).next_u64()));
    firsts.sort_unstable();
    firsts.dedup();
    assert_eq!(firsts.len(), 2 * keys.len());
}

#[test]
fn longer_feature_columns_start_with_shorter_ones() {
    let key = Key::new(71);
    let long = features(&key, 1e30, 5000);
    for count in [0, 1, 255, 256, 257, 4999] {
        assert_eq!(features(&key, 1e30, count), long[..count]);
    }
}

#[test]
fn a_teacher_is_the_same_on_every_design_and_in_any_company() {
    let key = Key::new(72);
    for law in [TeacherLaw::Gaussian, TeacherLaw::Rademacher] {
        let some = Teachers::draw(&design_of(&[3.0, 8.0, 1e40]), 70, law, &key);
        let other = Teachers::draw(&design_of(&[1.0, 8.0]), 3, law, &key);
        assert_eq!(some.weights(1)[..3], *other.weights(1));
        assert_ne!(some.weights(0), some.weights(1));
        assert_eq!((some.count(), other.count()), (70, 3));
    }
}

/// α = 1e-3 shared by 4 moments × 2 laws and 3 correlations, n = 1 000 000, seed 73.
#[test]
fn features_and_teachers_have_mean_zero_and_variance_one() {
    let (key, n) = (Key::new(73), 1e6_f64);
    let indices: Vec<f64> = (1..=1000).map(f64::from).collect();
    let columns: Vec<Vec<f64>> = indices.iter().map(|index| features(&key, *index, 1000)).collect();
    let flat = columns.concat();
    let rademacher = Teachers::draw(&design_of(&indices), 1000, TeacherLaw::Rademacher, &key);
    let signs: Vec<f64> = (0..1000).flat_map(|j| rademacher.weights(j).to_vec()).collect();
    assert!(signs.iter().all(|sign| sign.abs() == 1.0));
    let check = |name: &str, sum: f64, mean: f64, variance: f64| {
        let z = (sum - n * mean) / (n * variance).sqrt();
        assert!(two_sided(z) > 1e-3 / 11.0, "{name}: z = {z}");
    };
    // Moments 1 to 4 of a standard normal, with the variance of a single term.
    for (power, mean, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
        check("normal moment", flat.iter().map(|x: &f64| x.powi(power)).sum(), mean, variance);
    }
    check("signs", signs.iter().sum(), 0.0, 1.0);
    // Neighbours in the same column, in the next one, and under another key.
    check("features", flat.windows(2).map(|pair| pair[0] * pair[1]).sum(), 0.0, 1.0);
    check("coordinates", flat.iter().zip(&flat[1000..]).map(|(x, y)| x * y).sum(), 0.0, 1.0);
    let other: Vec<f64> =
        indices.iter().flat_map(|index| features(&key.label("other"), *index, 1000)).collect();
    check("keys", flat.iter().zip(&other).map(|(x, y)| x * y).sum(), 0.0, 1.0);
}

/// The same key gives the same design, whatever was drawn before it.
#[test]
fn a_design_depends_on_its_key_alone() {
    let model = power_law(1.5, 2.0, f64::INFINITY);
    let draw = |n| Design::sample(&model, 64, &mut Key::new(74).index(n).stream()).unwrap();
    let (first, second) = (draw(0), draw(1));
    assert_eq!(draw(1), second);
    assert_eq!(draw(0), first);
    assert_ne!(first, second);
}
