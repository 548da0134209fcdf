//! Frames of training runs give what slices give, and name what is wrong with a frame.

use asymscale_fitting::frame::{RunColumns, fit_runs, rows_where, runs};
use asymscale_fitting::{FitOptions, FittingError, Parameter, fit_law};
use asymscale_tables::polars::prelude::{DataFrame, df};

use crate::common::generator;
use crate::runs::{TRUTH, synthetic};

const COLUMNS: RunColumns<'static> =
    RunColumns { features: "N", samples: "D", loss: "loss", unit: None, group: &[] };

/// Two groups of 25 runs, one after the other.
fn frame() -> DataFrame {
    let (mut n, mut d, mut loss, mut data) = (vec![], vec![], vec![], vec![]);
    for (seed, name) in [(1, "web"), (2, "books")] {
        let runs = synthetic(TRUTH, 5, 0.01).draw(&mut generator(seed)).unwrap();
        n.extend_from_slice(runs.features());
        d.extend_from_slice(runs.samples());
        loss.extend_from_slice(runs.losses());
        data.extend([name; 25]);
    }
    df!("data" => data, "N" => n, "D" => d, "loss" => loss).unwrap()
}

#[test]
fn a_frame_gives_what_slices_give() {
    let fits = fit_runs(
        &frame(),
        &RunColumns { group: &["data"], ..COLUMNS },
        &FitOptions::default(),
        0.9,
    )
    .unwrap();
    assert_eq!(fits.shape(), (2, 1 + 4 + 18 + 3));
    let word = |column: &str, row: usize| {
        fits.column(column).unwrap().str().unwrap().get(row).unwrap().to_owned()
    };
    let number =
        |column: &str, row: usize| fits.column(column).unwrap().f64().unwrap().get(row).unwrap();
    for (row, (seed, name)) in [(1, "web"), (2, "books")].into_iter().enumerate() {
        let fit = fit_law(
            &synthetic(TRUTH, 5, 0.01).draw(&mut generator(seed)).unwrap(),
            &FitOptions::default(),
        )
        .unwrap();
        assert_eq!(
            (word("data", row), word("status", row)),
            (name.to_owned(), "converged".to_owned())
        );
        assert_eq!(number("objective", row), fit.objective);
        assert_eq!(number("alpha", row), fit.parameters.alpha);
        let interval = fit.profile_interval(Parameter::Beta, 0.9).unwrap();
        assert_eq!(
            (number("beta_lower", row), number("beta_upper", row)),
            (interval.lower, interval.upper)
        );
        assert_eq!(number("condition", row), fit.condition());
    }
}

#[test]
fn units_become_groups_of_the_bootstrap() {
    let all = runs(&frame(), &RunColumns { unit: Some("data"), ..COLUMNS }).unwrap();
    let fit = fit_law(&all, &FitOptions::default()).unwrap();
    let options = asymscale_fitting::FitBootstrapOptions {
        resampling: asymscale_fitting::Resampling::Groups,
        ..Default::default()
    };
    let refused = fit.bootstrap(&options, &mut generator(1)).unwrap_err();
    assert_eq!(refused, FittingError::TooFewGroups { found: 2, needed: 6 });
}

fn csv_message(text: &str) -> String {
    let frame = crate::common::frame(text.as_bytes()).expect("a table");
    fit_runs(&frame, &COLUMNS, &FitOptions::default(), 0.95)
        .expect_err("must be refused")
        .to_string()
}

#[test]
fn malformed_tables_are_refused() {
    let cases = [
        ("N,D\n1,2\n", r#"column = "loss": must be one of ["N", "D"]"#),
        (
            "N,D,loss\n1,2,3\n1,many,3\n",
            r#"column = "D" is "many" in row 2: must be a number in every row"#,
        ),
        (
            "N,D,loss,x\n1,2,true,3\n",
            r#"column = "loss" is "true" in row 1: must be a number in every row"#,
        ),
        (
            "N,D,loss\n1,2,3\n1,,3\n",
            r#"column = "D" is null in row 2: must have a value in every row"#,
        ),
        ("N,D,loss\n1,2,3\n1,0,3\n", "samples in row 2 (0): must be finite numbers > 0"),
        ("N,D,loss\n1,2,3\n", "runs = 1: must be >= 6 for a law with 5 free parameters"),
    ];
    for (text, expected) in cases {
        assert_eq!(csv_message(text), expected);
    }
    let flags = df!("N" => [1.0], "D" => [2.0], "loss" => [true]).unwrap();
    let message = fit_runs(&flags, &COLUMNS, &FitOptions::default(), 0.95).unwrap_err().to_string();
    assert_eq!(message, r#"column = "loss" has type bool: must be numeric"#);
    assert_eq!(
        fit_runs(&flags.head(Some(0)), &COLUMNS, &FitOptions::default(), 0.95).unwrap_err(),
        asymscale_fitting::frame::FrameError::Empty.into()
    );
    // Far below the rows that readers usually guess types from.
    let far = format!("N,D,loss\n{}1,2,many\n", "1,2,3\n".repeat(500));
    assert_eq!(
        csv_message(&far),
        r#"column = "loss" is "many" in row 501: must be a number in every row"#
    );
    let two = fit_runs(
        &frame().head(Some(27)),
        &RunColumns { group: &["data"], ..COLUMNS },
        &FitOptions::default(),
        0.9,
    );
    let message = two.unwrap_err().to_string();
    assert_eq!(
        message,
        "group data = \"books\": runs = 2: must be >= 6 for a law with 5 free parameters"
    );
}

#[test]
fn rows_are_picked_by_a_value() {
    let books = rows_where(&frame(), "data", "books").unwrap();
    assert!(books.height() > 0 && books.height() < frame().height());
    let refused = rows_where(&frame(), "data", "code").unwrap_err().to_string();
    assert!(
        refused.starts_with(
            r#"column = "data" holds "code" in no row: must be a value it has, such as ["#
        ),
        "{refused}"
    );
}

/// A million runs are read, and their fit is that of the 100 they repeat: the objective is a sum
/// over rows.
#[test]
fn many_rows_are_read() {
    let one = synthetic(TRUTH, 10, 0.01).draw(&mut generator(3)).unwrap();
    let copies = 10_000;
    let repeat = |values: &[f64]| values.repeat(copies);
    let frame =
        df!("N" => repeat(one.features()), "D" => repeat(one.samples()), "loss" => repeat(one.losses()))
            .unwrap();
    let all = runs(&frame, &COLUMNS).unwrap();
    assert_eq!(all.len(), 1_000_000);
    assert_eq!(&all.losses()[999_900..], one.losses());
}
