//! Counts in frames give what counts in slices give, and say what is wrong with a frame.

use crate::common::{frame, generator};
use crate::counts::{VERSES, words};
use asymscale_fitting::diagnosis::{ActivationCounts, DiagnosisOptions, Estimate, diagnose};
use asymscale_fitting::frame::{CountColumns, counts_from_frame, diagnose_counts, forecast_frame};
use asymscale_tables::polars::prelude::{DataFrame, df};

const COLUMNS: CountColumns<'static> = CountColumns { count: "verses", second_moment: None };

fn table() -> DataFrame {
    frame(&include_bytes!("../data/kjv-verse-words.csv")[..]).unwrap()
}

#[test]
fn a_frame_is_diagnosed_as_its_columns_are() {
    let options = DiagnosisOptions::default();
    let from_frame =
        diagnose_counts(&table(), COLUMNS, VERSES as f64, &options, &mut generator(70)).unwrap();
    let counts = ActivationCounts::new(&words(), VERSES).unwrap();
    assert_eq!(from_frame, diagnose(&counts, &options, &mut generator(70)).unwrap());
    // Occurrences per verse, as energies: any column of numbers will do.
    let energetic = CountColumns { second_moment: Some("occurrences"), ..COLUMNS };
    let counts = counts_from_frame(&table(), energetic, VERSES as f64).unwrap();
    assert!(counts.has_second_moments() && counts.seen() == 12_762);
}

#[test]
fn forecasts_become_rows() {
    let options = DiagnosisOptions { factors: vec![2.0, 16.0], ..DiagnosisOptions::default() };
    let diagnosis =
        diagnose_counts(&table(), COLUMNS, VERSES as f64, &options, &mut generator(71)).unwrap();
    let frame = forecast_frame(&diagnosis).unwrap();
    assert_eq!(frame.shape(), (4, 14));
    let values = frame.column("value").unwrap().f64().unwrap();
    // What is not known is null.
    let value = |estimate: Option<Estimate>| estimate.map(|estimate| estimate.value);
    assert_eq!(values.get(0), value(diagnosis.forecasts[0].new_features.estimate));
    assert_eq!(values.get(3), value(diagnosis.forecasts[1].unseen_activity.estimate));
    assert!(values.get(0).is_some());
    let bounds = frame.column("at_most").unwrap().f64().unwrap();
    assert_eq!(bounds.get(0), diagnosis.forecasts[0].new_features.at_most);
    // Beyond twice the data the plain series does not exist.
    assert_eq!(frame.column("good_toulmin").unwrap().null_count(), 2);
    let quantities: Vec<&str> =
        frame.column("quantity").unwrap().str().unwrap().iter().flatten().collect();
    assert_eq!(quantities, ["new_features", "unseen_activity", "new_features", "unseen_activity"]);
}

#[test]
fn frames_that_hold_no_counts() {
    let refuse = |frame: DataFrame, column: &'static str| {
        let columns = CountColumns { count: column, second_moment: None };
        counts_from_frame(&frame, columns, 10.0).expect_err("must be refused").to_string()
    };
    let frame =
        df!("k" => [Some(1), None], "x" => [Some(1.5), Some(2.0)], "word" => ["a", "b"]).unwrap();
    assert_eq!(refuse(frame.clone(), "n"), r#"column = "n": must be one of ["k", "x", "word"]"#);
    assert_eq!(
        refuse(frame.clone(), "k"),
        r#"column = "k" is null in row 2: must have a value in every row"#
    );
    assert_eq!(
        refuse(frame.clone(), "word"),
        r#"column = "word" is "a" in row 1: must be a number in every row"#
    );
    assert_eq!(
        refuse(frame, "x"),
        "count = 1.5 in row 1: must be a whole number from 0 to samples = 10"
    );
    assert_eq!(refuse(df!("k" => Vec::<u32>::new()).unwrap(), "k"), "rows = 0: must be >= 1");
}
