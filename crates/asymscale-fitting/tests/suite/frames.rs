//! Frames give what slices give, and name what is wrong with a frame.
use crate::common::{frame, generator};
use asymscale_fitting::frame::{Columns, Replication, local_slope_frame, slope_frame};
use asymscale_fitting::{
    Blocks, Center, FittingError, Series, SlopeOptions, Spacing, local_slopes, power_law_slope,
};
use asymscale_tables::polars::prelude::{DataFrame, IdxCa, df};
use rand::RngExt;

const SIZES: [u32; 3] = [64, 256, 1024];
const DESIGNS: usize = 5;

/// Loss of a design, away from the exact law by a few percent.
fn loss(beta: f64, size: u32, design: usize) -> f64 {
    let wobble = ((design * 7 + size as usize / 64 * 3) % 11) as f64 / 100.0;
    // Only exactly rounded operations: a power may differ in its last bit where the compiler
    // evaluates it.
    let decay = if beta == 1.0 { f64::from(size) } else { f64::from(size).sqrt() };
    (1.0 + wobble) / decay
}

/// Two groups, five designs, two teachers whose average is `loss`.
fn runs() -> DataFrame {
    let (mut beta, mut size, mut design, mut losses) = (vec![], vec![], vec![], vec![]);
    for b in [2.0, 1.0] {
        for d in 0..DESIGNS {
            for (s, teacher) in SIZES.into_iter().flat_map(|s| [(s, 0.875), (s, 1.125)]) {
                beta.push(b);
                size.push(s);
                design.push(format!("design {d}"));
                losses.push(loss(b, s, d) * teacher);
            }
        }
    }
    df!("beta" => beta, "features" => size, "design" => design, "loss" => losses).unwrap()
}

fn columns(blocks: Blocks) -> Columns<'static> {
    let replication = Replication::Designs { column: "design", blocks };
    Columns { size: "features", loss: "loss", replication, group: &["beta"] }
}

fn series(beta: f64, blocks: Blocks) -> Series {
    let sizes = SIZES.map(f64::from);
    let of_design = |s: u32, d: usize| {
        let loss = loss(beta, s, d);
        f64::midpoint(loss * 0.875, loss * 1.125)
    };
    if blocks == Blocks::Shared {
        let curves: Vec<_> = (0..DESIGNS).map(|d| SIZES.map(|s| of_design(s, d))).collect();
        return Series::from_curves(&sizes, &curves).unwrap();
    }
    let replicates: Vec<Vec<f64>> =
        SIZES.map(|s| (0..DESIGNS).map(|d| of_design(s, d)).collect()).to_vec();
    Series::from_replicates(&sizes, &replicates).unwrap()
}

fn number(frame: &DataFrame, column: &str, row: usize) -> f64 {
    frame.column(column).unwrap().f64().unwrap().get(row).unwrap()
}

#[test]
fn a_frame_gives_what_slices_give() {
    let options = SlopeOptions::default();
    for blocks in [Blocks::Shared, Blocks::PerSize] {
        let fits = slope_frame(&runs(), &columns(blocks), &options, &mut generator(3)).unwrap();
        assert_eq!(fits.shape(), (2, 17));
        // Every group is resampled by a generator seeded with the first number drawn.
        let seed: u64 = generator(3).random();
        for (row, beta) in [2.0, 1.0].into_iter().enumerate() {
            let law =
                power_law_slope(&series(beta, blocks), &options, &mut generator(seed)).unwrap();
            assert_eq!(number(&fits, "beta", row), beta);
            assert_eq!(number(&fits, "exponent", row), law.exponent);
            assert_eq!(number(&fits, "standard_error", row), law.standard_error);
            assert_eq!(
                (number(&fits, "lower", row), number(&fits, "upper", row)),
                (law.lower, law.upper)
            );
            assert_eq!(number(&fits, "prefactor", row), law.prefactor);
            assert_eq!(
                (number(&fits, "window_min", row), number(&fits, "window_max", row)),
                (64.0, 1024.0)
            );
            assert_eq!(number(&fits, "chi2_per_dof", row), law.chi_squared_per_dof.unwrap());
            assert_eq!(number(&fits, "curvature_p", row), law.curvature.unwrap().p_value);
            let word = |column: &str| {
                fits.column(column).unwrap().str().unwrap().get(row).unwrap().to_owned()
            };
            assert_eq!(
                (word("interval"), word("window_reason")),
                ("studentised".to_owned(), "all".to_owned())
            );
            let count =
                |column: &str| fits.column(column).unwrap().u32().unwrap().get(row).unwrap();
            assert_eq!((count("points"), count("designs")), (3, 5));
        }
    }
}

#[test]
fn local_slopes_of_a_frame_are_those_of_slices() {
    let columns = columns(Blocks::Shared);
    let frame =
        local_slope_frame(&runs(), &columns, Spacing::Successive, Center::Mean, 0.9).unwrap();
    assert_eq!(frame.shape(), (4, 8));
    for (group, beta) in [2.0, 1.0].into_iter().enumerate() {
        let slopes =
            local_slopes(&series(beta, Blocks::Shared), Spacing::Successive, Center::Mean, 0.9)
                .unwrap();
        for (k, slope) in slopes.into_iter().enumerate() {
            let row = 2 * group + k;
            assert_eq!(
                (number(&frame, "beta", row), number(&frame, "low", row)),
                (beta, slope.low)
            );
            assert_eq!(
                (number(&frame, "size", row), number(&frame, "exponent", row)),
                (slope.size, slope.exponent)
            );
            assert_eq!(number(&frame, "standard_error", row), slope.standard_error.unwrap());
            assert_eq!(number(&frame, "upper", row), slope.upper.unwrap());
        }
    }
}

#[test]
fn neither_other_groups_nor_the_order_of_rows_matter() {
    let (columns, options) = (columns(Blocks::PerSize), SlopeOptions::default());
    let all = slope_frame(&runs(), &columns, &options, &mut generator(4)).unwrap();
    let half = DESIGNS as u32 * 6;
    let take = |rows: Vec<u32>| runs().take(&IdxCa::from_vec("row".into(), rows)).unwrap();
    let second =
        slope_frame(&take((half..2 * half).collect()), &columns, &options, &mut generator(4))
            .unwrap();
    assert!(second.equals_missing(&all.slice(1, 1)));
    let reversed =
        slope_frame(&take((0..2 * half).rev().collect()), &columns, &options, &mut generator(4))
            .unwrap();
    assert!(reversed.slice(1, 1).equals_missing(&all.slice(0, 1)));
}

#[test]
fn standard_errors_and_lone_losses_come_from_csv() {
    let csv = "samples,mean,error\n64,1.0,0.01\n256,0.5,0.01\n1024,0.25,0.01\n";
    let frame = frame(csv.as_bytes()).unwrap();
    let given = Replication::StandardErrors { column: "error" };
    for (replication, nulls) in [(given, 0), (Replication::None, 1)] {
        let columns = Columns { size: "samples", loss: "mean", replication, group: &[] };
        let fits =
            slope_frame(&frame, &columns, &SlopeOptions::default(), &mut generator(1)).unwrap();
        assert_eq!(fits.height(), 1);
        // Rounding of three logarithms.
        assert!((number(&fits, "exponent", 0) + 0.5).abs() < 1e-12);
        assert_eq!(fits.column("chi2_per_dof").unwrap().null_count(), nulls);
        assert_eq!(fits.column("curvature").unwrap().null_count(), nulls);
    }
}

fn refused(frame: &DataFrame, columns: &Columns<'_>) -> String {
    let result: Result<DataFrame, FittingError> =
        slope_frame(frame, columns, &SlopeOptions::default(), &mut generator(1));
    result.expect_err("must be refused").to_string()
}

#[test]
fn bad_frames_are_refused() {
    let shared = columns(Blocks::Shared);
    assert_eq!(
        refused(&runs(), &Columns { loss: "los", ..shared }),
        r#"column = "los": must be one of ["beta", "features", "design", "loss"]"#
    );
    assert_eq!(
        refused(&runs(), &Columns { size: "design", ..shared }),
        r#"column = "design" is "design 0" in row 1: must be a number in every row"#
    );
    assert_eq!(refused(&runs().head(Some(0)), &shared), "rows = 0: must be >= 1");
    assert_eq!(
        refused(&runs().head(Some(58)), &shared),
        "group beta = 1.0: design \"design 4\" has no loss at size 1024: shared designs need a loss at every size"
    );
    assert_eq!(
        refused(&runs(), &Columns { replication: Replication::None, group: &[], ..shared }),
        "size = 64 appears more than once: sizes must be distinct when losses carry no design"
    );

    let bare = Columns { size: "n", loss: "loss", replication: Replication::None, group: &[] };
    let null = df!("n" => [1, 2, 3], "loss" => [Some(1.0), None, Some(0.5)]).unwrap();
    assert_eq!(
        refused(&null, &bare),
        r#"column = "loss" is null in row 2: must have a value in every row"#
    );
    let zero = df!("n" => [1, 2, 3], "loss" => [1.0, 0.5, 0.0]).unwrap();
    assert_eq!(refused(&zero, &bare), "loss = 0 in row 3: must be a finite number > 0");
}
