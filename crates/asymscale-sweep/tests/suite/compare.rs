//! Comparison finds every difference and accepts what its tolerance allows.

use asymscale_sweep::{Drift, Table, Tolerance, Value, compare, row};

const TOLERANCES: [(&str, Tolerance); 1] = [("loss", Tolerance { absolute: 1e-9, relative: 1e-3 })];

fn table(rows: &[(i64, f64)]) -> Table {
    let mut table = Table::with_columns(["samples", "loss"]).unwrap();
    for &(samples, loss) in rows {
        table.push(row! { samples, loss }).unwrap();
    }
    table
}

/// Whether one value in place of another drifts.
fn drifts(expected: impl Into<Value>, actual: impl Into<Value>, tolerance: Tolerance) -> bool {
    let single = |value: Value| {
        let mut table = Table::default();
        table.push([("x", value)]).unwrap();
        table
    };
    !compare(&single(expected.into()), &single(actual.into()), &[], &[("x", tolerance)]).is_clean()
}

#[test]
fn tolerances_add_up() {
    let tolerance = Tolerance { absolute: 0.5, relative: 0.25 };
    assert!(!drifts(2.0, 3.0, tolerance)); // exactly 0.5 + 0.25 · 2
    assert!(!drifts(2.0, 1.0, tolerance));
    assert!(drifts(2.0, 3.0 + 1e-15, tolerance));
    assert!(!drifts(-2.0, -3.0, tolerance));
    assert!(drifts(1.0, 1.0 + f64::EPSILON, Tolerance::EXACT));
    assert!(drifts(1.0, 1.1, Tolerance::absolute(f64::NAN)));
    assert!(drifts(1.0, 1.1, Tolerance::relative(-1.0)));
}

#[test]
fn special_values_must_be_expected() {
    let wide = Tolerance { absolute: 1e300, relative: 1e300 };
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    for value in [inf, -inf, nan, 0.0] {
        assert!(!drifts(value, value, wide));
    }
    for (expected, actual) in
        [(inf, -inf), (inf, 1.0), (1.0, inf), (nan, 1.0), (1.0, nan), (nan, inf)]
    {
        assert!(drifts(expected, actual, wide), "{expected} {actual}");
    }
    assert!(!drifts(Value::Null, Value::Null, wide));
    assert!(drifts(Value::Null, 0.0, wide));
    assert!(drifts(0.0, Value::Null, wide));
    assert!(drifts("a", "b", wide));
    assert!(drifts("1", 1, wide));
    assert!(!drifts(512, 512.0, Tolerance::EXACT));
}

#[test]
fn the_worst_value_is_named() {
    let expected = table(&[(64, 0.5), (128, 0.25), (256, 0.125)]);
    let actual = table(&[(256, 0.1251), (64, 0.51), (128, 0.35)]);
    let comparison = compare(&expected, &actual, &["samples"], &TOLERANCES);
    let [Drift::Values { column, count: 2, compared: 3, worst }] = &comparison.drifts[..] else {
        panic!("{comparison:?}")
    };
    assert_eq!((column.as_str(), worst.row.as_str()), ("loss", "samples=128"));
    assert_eq!((&worst.expected, &worst.actual), (&Value::Float(0.25), &Value::Float(0.35)));
    // 0.1 off where 1e-3 · 0.25 is allowed; 1e-5 covers the absolute share of 1e-9.
    assert!((worst.excess / 400.0 - 1.0).abs() < 1e-5, "{}", worst.excess);
}

#[test]
fn rows_and_columns_are_missed() {
    let expected = table(&[(64, 0.5), (128, 0.25), (128, 0.25)]);
    let mut actual = Table::default();
    actual.push(row! { samples: 128, time: 1.0 }).unwrap();
    actual.push(row! { samples: 512, time: 1.0 }).unwrap();
    let comparison = compare(&expected, &actual, &["samples"], &[("error", Tolerance::EXACT)]);
    assert_eq!(comparison.rows, 1);
    let expected = [
        Drift::MissingColumn("loss".into()),
        Drift::MissingColumn("error".into()),
        Drift::AdditionalColumn("time".into()),
        Drift::MissingRows { count: 2, first: "samples=64".into() },
        Drift::AdditionalRows { count: 1, first: "samples=512".into() },
    ];
    assert_eq!(comparison.drifts, expected);
}

#[test]
fn without_keys_rows_belong_by_position() {
    let comparison = compare(&table(&[(1, 0.5), (2, 0.5)]), &table(&[(1, 0.5)]), &[], &TOLERANCES);
    assert_eq!(comparison.drifts, [Drift::MissingRows { count: 1, first: "row 1".into() }]);
    let comparison = compare(&table(&[(1, 0.5)]), &table(&[(2, 0.5)]), &[], &TOLERANCES);
    assert_eq!(comparison.drifts.len(), 1); // samples, compared exactly
}

#[test]
fn people_read_a_table() {
    let clean = compare(&table(&[(1, 0.5)]), &table(&[(1, 0.5)]), &["samples"], &TOLERANCES);
    assert_eq!(clean.to_string(), "no drift in 1 rows");
    let expected = table(&[(64, 0.5), (128, 1.0)]);
    let actual = table(&[(64, 0.75)]);
    let text = compare(&expected, &actual, &["samples"], &[("loss", Tolerance::relative(0.25))])
        .to_string();
    let wanted = "\
drift         count   worst or first  expected  actual  times allowed
rows missing  1       samples=128
loss          1 of 1  samples=64      0.5       0.75    2.000";
    assert_eq!(text, wanted);
}
