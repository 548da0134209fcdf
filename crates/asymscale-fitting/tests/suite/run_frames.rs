//! Frames of training runs give what slices give, and name what is wrong with a frame.

use asymscale_fitting::frame::{RunColumns, fit_runs, read_csv, read_parquet, rows_where, runs};
use asymscale_fitting::{FitOptions, FittingError, Parameter, fit_law};
use polars::prelude::{DataFrame, df};
use polars_io::prelude::ParquetWriter;
use rand::RngExt;

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
    let fits =
        fit_runs(&frame(), &RunColumns { group: &["data"], ..COLUMNS }, &FitOptions::default(), 0.9).unwrap();
    assert_eq!(fits.shape(), (2, 1 + 4 + 18 + 3));
    let word =
        |column: &str, row: usize| fits.column(column).unwrap().str().unwrap().get(row).unwrap().to_owned();
    let number = |column: &str, row: usize| fits.column(column).unwrap().f64().unwrap().get(row).unwrap();
    for (row, (seed, name)) in [(1, "web"), (2, "books")].into_iter().enumerate() {
        let fit =
            fit_law(&synthetic(TRUTH, 5, 0.01).draw(&mut generator(seed)).unwrap(), &FitOptions::default())
                .unwrap();
        assert_eq!((word("data", row), word("status", row)), (name.to_owned(), "converged".to_owned()));
        assert_eq!(number("objective", row), fit.objective);
        assert_eq!(number("alpha", row), fit.parameters.alpha);
        let interval = fit.profile_interval(Parameter::Beta, 0.9).unwrap();
        assert_eq!((number("beta_lower", row), number("beta_upper", row)), (interval.lower, interval.upper));
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
    let fitted =
        read_csv(text.as_bytes()).and_then(|frame| fit_runs(&frame, &COLUMNS, &FitOptions::default(), 0.95));
    fitted.expect_err("must be refused").to_string()
}

#[test]
fn malformed_tables_are_refused() {
    let cases = [
        ("N,D\n1,2\n", r#"column = "loss": must be one of ["N", "D"]"#),
        ("N,D,loss\n1,2,3\n1,many,3\n", r#"column = "D" is "many" in row 2: must be a number in every row"#),
        ("N,D,loss,x\n1,2,true,3\n", r#"column = "loss" has type bool: must be numeric"#),
        ("N,D,loss\n1,2,3\n1,,3\n", r#"column = "D" is null in row 2: must have a value in every row"#),
        ("N,D,loss\n1,2,3\n1,0,3\n", "samples in row 2 (0): must be finite numbers > 0"),
        ("N,D,loss\n", "rows = 0: must be >= 1"),
        ("N,D,loss\n1,2,3\n", "runs = 1: must be >= 6 for a law with 5 free parameters"),
    ];
    for (text, expected) in cases {
        assert_eq!(csv_message(text), expected);
    }
    assert!(csv_message("").starts_with("frame: "), "{}", csv_message(""));
    // Far below the rows that readers usually guess types from.
    let far = format!("N,D,loss\n{}1,2,n/a\n", "1,2,3\n".repeat(500));
    assert_eq!(csv_message(&far), r#"column = "loss" is "n/a" in row 501: must be a number in every row"#);
    assert!(matches!(read_parquet("N,D,loss\n1,2,3\n".as_bytes()), Err(FittingError::Frame(_))));
    let two = fit_runs(
        &frame().head(Some(27)),
        &RunColumns { group: &["data"], ..COLUMNS },
        &FitOptions::default(),
        0.9,
    );
    let message = two.unwrap_err().to_string();
    assert_eq!(message, "group data = \"books\": runs = 2: must be >= 6 for a law with 5 free parameters");
}

/// A table with some bytes replaced, dropped or doubled is read or refused, never worse. Seed 4, 2 000 tables.
#[test]
fn damaged_tables_do_not_panic() {
    let sound = "N,D,loss\n1e6,2e7,3.5\n2e6,1e8,3.1\n4e6,3e7,3.0\n8e6,9e7,2.7\n1e7,5e8,2.5\n3e7,8e7,2.6\n5e7,6e8,2.2\n";
    let bytes = b"\0\n\r,;\"'09.-+eENaif \t\xff\xc3";
    let mut rng = generator(4);
    let mut read = 0;
    for _ in 0..2000 {
        let mut table = sound.as_bytes().to_vec();
        for _ in 0..rng.random_range(1..4) {
            let at = rng.random_range(0..table.len());
            match rng.random_range(0..3) {
                0 => table[at] = bytes[rng.random_range(0..bytes.len())],
                1 => drop(table.remove(at)),
                _ => table.insert(at, bytes[rng.random_range(0..bytes.len())]),
            }
        }
        let fitted = read_csv(table.as_slice()).and_then(|frame| runs(&frame, &COLUMNS));
        read += usize::from(fitted.is_ok());
    }
    // Both ends are exercised.
    assert!((50..1950).contains(&read), "{read} of 2000 read");
}

/// A Parquet file with some bytes replaced, dropped or doubled, or cut short, is read or refused, never worse. Seed 5, 2 000 files.
#[test]
fn damaged_parquet_does_not_panic() {
    let mut sound = Vec::new();
    ParquetWriter::new(&mut sound).finish(&mut frame()).unwrap();
    let mut rng = generator(5);
    let (mut read, mut damaged) = (0, 0);
    for _ in 0..2000 {
        let mut file = sound.clone();
        for _ in 0..rng.random_range(1..4) {
            let at = rng.random_range(0..file.len());
            match rng.random_range(0..8) {
                0 => drop(file.remove(at)),
                1 => file.insert(at, rng.random()),
                2 => file.truncate(at.max(1)),
                _ => file[at] = rng.random(),
            }
        }
        let fitted = read_parquet(file.as_slice()).and_then(|frame| runs(&frame, &COLUMNS));
        read += usize::from(fitted.is_ok());
        damaged +=
            usize::from(matches!(&fitted, Err(FittingError::Frame(text)) if text.ends_with("is damaged")));
    }
    println!("{read} read, {damaged} broke an assertion of the reader");
    // Both ends are exercised.
    assert!((50..1950).contains(&read), "{read} of 2000 read");
}

#[test]
fn rows_are_picked_by_a_value() {
    let books = rows_where(&frame(), "data", "books").unwrap();
    assert!(books.height() > 0 && books.height() < frame().height());
    let refused = rows_where(&frame(), "data", "code").unwrap_err().to_string();
    assert!(
        refused.starts_with(r#"column = "data" holds "code" in no row: must be a value it has, such as ["#),
        "{refused}"
    );
}

/// A million runs are read, and their fit is that of the 100 they repeat: the objective is a sum over rows.
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
