//! Further columns of tables of runs.

use asymscale_tables::{Extra, Quantity, RunRequest, Values};

use crate::common::runs;

#[test]
fn further_columns_are_read_where_they_are() {
    let text =
        b"N,tokens,unique tokens (M),epochs,kind,loss\n1e6,4e8,100,4,web,3.5\n2e6,1e8,100,-1,book,3.6\n";

    let extra = |quantity, column, asked| Extra { quantity, column, asked };
    let extras = [
        extra(Quantity::UniqueSamples, None, true),
        extra(Quantity::Epochs, None, false),
        extra(Quantity::Budget, None, true),
        extra(Quantity::Label, Some("kind"), true),
    ];
    let found = runs("runs.csv", text, &RunRequest { extras: &extras, ..RunRequest::default() })
        .expect("runs");
    let labels = vec!["web".to_owned(), "book".to_owned()];
    let expected =
        [Some(Values::Numbers(vec![1e8, 1e8])), None, None, Some(Values::Labels(labels))];
    assert_eq!(found.extras, expected);
    assert!(
        found
            .record
            .taken
            .contains(&"unique tokens or examples from column `unique tokens (M)`".to_owned())
    );
    // A column that matters must hold what can be used.
    let extras = [extra(Quantity::Epochs, None, true)];
    let refused = runs("runs.csv", text, &RunRequest { extras: &extras, ..RunRequest::default() })
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "runs.csv: `epochs` is -1 in line 3; must be a finite number > 0; --bad-rows drop leaves such rows out"
    );
    let extras = [extra(Quantity::Budget, Some("cost"), true)];
    let refused = runs("runs.csv", text, &RunRequest { extras: &extras, ..RunRequest::default() })
        .unwrap_err();
    assert!(
        refused.to_string().contains("--budget-column \"cost\": there is no such column"),
        "{refused}"
    );
}
