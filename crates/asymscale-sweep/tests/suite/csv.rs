//! CSV keeps every type and every bit, and refuses what it cannot read.

use asymscale_sweep::{Provenance, Table, Value, read_csv, write_csv};
use proptest::{prelude::*, test_runner::RngSeed};

fn text(table: &Table) -> String {
    let mut bytes = Vec::new();
    write_csv(&mut bytes, &Provenance::default(), table).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn refusal(text: &str) -> String {
    read_csv(text.as_bytes()).unwrap_err().to_string()
}

/// Any value; floats by their bits, texts rich in what CSV treats specially.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<u64>().prop_map(|bits| Value::Float(f64::from_bits(bits))),
        any::<f64>().prop_map(Value::Float),
        any::<i64>().prop_map(Value::Int),
        "[,\"\n\r#: 1e.+-]{0,6}".prop_map(Value::Text),
        "(inf|-inf|NaN|infinity|1e5|0x1|1_000| 1|\\PC{0,4})".prop_map(Value::Text),
        Just(Value::Null),
    ]
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 2000,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..Default::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_float_survives(bits in any::<u64>()) {
        let value = f64::from_bits(bits);
        let mut table = Table::default();
        table.push([("x", Value::Float(value))]).unwrap();
        let back = read_csv(text(&table).as_bytes()).unwrap().1.floats("x").unwrap()[0];
        prop_assert!(back.to_bits() == bits || (back.is_nan() && value.is_nan()), "{value:?} became {back:?}");
    }

    #[test]
    fn any_table_survives(
        names in prop::collection::hash_set("[,\"\n# a-z1]{1,5}", 3),
        rows in prop::collection::vec([value(), value(), value()], 0..5),
    ) {
        let mut table = Table::with_columns(names.clone()).unwrap();
        for row in rows {
            table.push(table.columns().to_vec().into_iter().zip(row)).unwrap();
        }
        prop_assert_eq!(read_csv(text(&table).as_bytes()).unwrap().1, table);
    }

    #[test]
    fn any_single_column_survives(values in prop::collection::vec(value(), 0..5)) {
        let mut table = Table::with_columns(["only"]).unwrap();
        for value in values {
            table.push([("only", value)]).unwrap();
        }
        prop_assert_eq!(read_csv(text(&table).as_bytes()).unwrap().1, table);
    }
}

#[test]
fn special_floats_are_written_as_promised() {
    let mut table = Table::default();
    for x in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -0.0, 5e-324, 1e300, 64.0, 0.1] {
        table.push([("x", Value::Float(x))]).unwrap();
    }
    assert_eq!(text(&table), "x\ninf\n-inf\nNaN\n-0.0\n5e-324\n1e300\n64.0\n0.1\n");
}

#[test]
fn provenance_survives() {
    let lines = Provenance::default()
        .with("experiment", "02-double-descent")
        .with("parameters", r#"{"beta":1.5,"list":[1,2]}"#)
        .with("empty", "");
    let mut bytes = Vec::new();
    write_csv(&mut bytes, &lines, &Table::with_columns(["#x"]).unwrap()).unwrap();
    let expected = "# experiment: 02-double-descent\n# parameters: {\"beta\":1.5,\"list\":[1,2]}\n# empty: \n\"#x\"\n";
    assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    let (read, table) = read_csv(expected.as_bytes()).unwrap();
    assert_eq!(read, lines);
    assert_eq!(table.columns(), ["#x"]);
}

#[test]
fn foreign_line_ends_are_read() {
    let (provenance, table) = read_csv(&b"# seed: 1\r\na,b\r\n1,\"x\r\ny\"\r\n2,"[..]).unwrap();
    assert_eq!(provenance.get("seed"), Some("1"));
    assert_eq!(table.ints("a").unwrap(), [1, 2]);
    assert_eq!(table.values("b").unwrap(), [&Value::from("x\r\ny"), &Value::Null]);
}

#[test]
fn what_is_not_csv_is_refused_with_its_line() {
    assert_eq!(refusal("a,b\n1,2\n3\n"), "CSV line 3: 1 fields, 2 columns");
    assert_eq!(refusal("a,b\n\"x\n\ny\",2\n3,4,5\n"), "CSV line 5: 3 fields, 2 columns");
    assert_eq!(refusal("a\n\"x"), "CSV line 2: a quote is not closed");
    assert_eq!(
        refusal("# k: v\na\n\"x\"y\n"),
        "CSV line 3: 'y' where a comma or a line end should be"
    );
    assert_eq!(refusal("a\nx\"y\n"), "CSV line 2: '\"' where a comma or a line end should be");
    assert_eq!(refusal("a,a\n"), "column `a`: names must be unique and not empty");
    assert_eq!(refusal("a,,b\n"), "column ``: names must be unique and not empty");
    assert!(read_csv(&[0xff, 0xfe][..]).is_err());
}

#[test]
fn nothing_is_an_empty_table() {
    assert_eq!(read_csv(&b""[..]).unwrap().1, Table::default());
    assert_eq!(text(&Table::default()), "");
}
