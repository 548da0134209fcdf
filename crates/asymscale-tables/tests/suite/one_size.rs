//! Runs of one size, columns of compute beside N and D, active parameters, and columns of text that
//! nobody asked for.

use asymscale_tables::{
    Extra, Quantity, ReadOptions, RunRequest, Size, SizeTable, Source, Table, TableError, Values,
    read_one_size,
};

use crate::common::runs;

fn one(text: &str, of: Size) -> Result<SizeTable, TableError> {
    let source = Source::bytes("runs.csv", text.as_bytes().to_vec());
    read_one_size(&Table::open(source, ReadOptions::default())?, &RunRequest::default(), of)
}

#[test]
fn one_size_is_enough_for_a_law_of_it() {
    let found = one("params (M),loss\n20,4.4\n60,3.5\n", Size::Features).unwrap();
    assert_eq!((found.sizes, found.losses), (vec![2e7, 6e7], vec![4.4, 3.5]));
    assert!(found.record.taken[0].starts_with("N from column `params (M)`"));
    let found = one("flops,loss\n1e18,4.4\n", Size::Compute).unwrap();
    assert_eq!(found.sizes, vec![1e18]);
    // Other columns do not matter, whatever they hold.
    let found = one("N,D,loss\noops,1e9,4.4\n-1,2e9,4.0\n", Size::Samples).unwrap();
    assert_eq!(found.sizes, vec![1e9, 2e9]);
}

#[test]
fn a_size_without_a_column_follows_from_the_two_others() {
    let found = one("N,D,loss\n1e6,1e9,4.4\n", Size::Compute).unwrap();
    assert_eq!((found.sizes, found.record.notes), (vec![6e15], vec!["C = 6·N·D".to_owned()]));
    let found = one("N,flops,loss\n1e6,6e15,4.4\n", Size::Samples).unwrap();
    assert_eq!(found.sizes, vec![1e9]);
    let refused = one("N,loss\n1e6,4.4\n", Size::Samples).unwrap_err().to_string();
    assert!(
        refused.contains("no column for D (tokens or examples) (--samples-column NAME"),
        "{refused}"
    );
    let refused = one("N,loss\n0.4,4.4\n", Size::Features).unwrap_err().to_string();
    assert!(refused.contains("N = 0.4 in line 2, column `N`: must be >= 1"), "{refused}");
}

#[test]
fn compute_beside_both_sizes_is_held_against_them() {
    let note = |table: &str| {
        let request = RunRequest { compute: Some("flops"), ..RunRequest::default() };
        let found = runs("runs.csv", table.as_bytes(), &request).unwrap();
        assert_eq!((&found.features[..], &found.extras[..]), (&[1e6, 2e6][..], &[][..]));
        found.record.notes.concat()
    };
    let agrees = note("N,D,flops,loss\n1e6,1e9,6.1e15,4.4\n2e6,1e9,1.2e16,4.0\n");
    assert_eq!(agrees, "C from column `flops` agrees with 6·N·D within 5 % in all rows");
    let other = note("N,D,flops,loss\n1e6,1e9,8e15,4.4\n2e6,1e9,1.6e16,4.0\n");
    assert!(
        other.contains("about 1.333 times 6·N·D") && other.contains("--factor 8.000 would agree"),
        "{other}"
    );
    let request = RunRequest { compute: Some("N"), ..RunRequest::default() };
    let refused = runs("runs.csv", b"N,D,loss\n1e6,1e9,4.4\n", &request).unwrap_err().to_string();
    assert!(
        refused.contains("--compute-column: column `N` is taken for N or D already"),
        "{refused}"
    );
    let some = note("N,D,flops,loss\n1e6,1e9,6e15,4.4\n2e6,1e9,1e17,4.0\n");
    assert!(some.contains("more than 5 % off in 1 of 2 rows (line 3)"), "{some}");
}

#[test]
fn beside_active_parameters_the_others_are_all_of_them() {
    let text = b"total_params,active_params,tokens,loss\n4e6,1e6,1e9,4.4\n8e6,1e6,1e9,4.2\n";
    let extras = [Extra { quantity: Quantity::ActiveFeatures, column: None, asked: false }];
    let found =
        runs("moe.csv", text, &RunRequest { extras: &extras, ..RunRequest::default() }).unwrap();
    assert_eq!(found.features, vec![4e6, 8e6]);
    assert_eq!(found.extras, vec![Some(Values::Numbers(vec![1e6, 1e6]))]);
    // Since N was told by it, it matters.
    let bad = b"total_params,active_params,tokens,loss\n4e6,-1,1e9,4.4\n";
    let refused =
        runs("moe.csv", bad, &RunRequest { extras: &extras, ..RunRequest::default() }).unwrap_err();
    assert!(refused.to_string().contains("`active_params` is -1 in line 2"), "{refused}");
}

#[test]
fn columns_of_few_words_are_looked_at_when_asked() {
    let text =
        b"data,lr,name,N,D,loss\nweb,0.1,a,1e6,1e9,4\ncode,0.2,b,1e6,1e9,3\nweb,0.1,c,2e6,1e9,3\n";
    let found =
        runs("runs.csv", text, &RunRequest { find_labels: true, ..RunRequest::default() }).unwrap();
    let titles: Vec<&str> = found.labels.iter().map(|column| &*column.0).collect();
    assert_eq!(titles, ["data", "name"]);
    assert_eq!(found.labels[0].1, ["web", "code", "web"]);
    assert!(runs("runs.csv", text, &RunRequest::default()).unwrap().labels.is_empty());
}
