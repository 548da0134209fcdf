//! The tables that every test writes in its own way.

use asymscale_tables::{
    CountRequest, CountTable, ReadOptions, RunRequest, RunTable, Source, Table, TableError,
    read_counts, read_runs,
};

/// A run: N, D, loss with six decimals, as text.
pub(crate) type Run = (u64, u64, String);

/// 25 runs on a grid.
pub(crate) fn plain() -> Vec<Run> {
    let mut runs = Vec::new();
    for (k, n) in [20_000_000_u64, 60_000_000, 200_000_000, 700_000_000, 2_000_000_000]
        .into_iter()
        .enumerate()
    {
        for (j, d) in (0..5).map(|j| 400_000_000 * 4_u64.pow(j)).enumerate() {
            let law = 1.8 + 480.0 * (n as f64).powf(-0.35) + 2000.0 * (d as f64).powf(-0.37);
            runs.push((n, d, format!("{:.6}", law * (1.0 + 0.003 * ((3 * k + 7 * j) % 5) as f64))));
        }
    }
    runs
}

/// The runs as lines under titles.
pub(crate) fn lines(titles: &str, line: impl Fn(&Run) -> String) -> String {
    let rows: Vec<String> = plain().iter().map(line).collect();
    format!("{titles}\n{}\n", rows.join("\n"))
}

/// The runs in the plainest way.
pub(crate) fn csv() -> String {
    lines("N,D,loss", |(n, d, loss)| format!("{n},{d},{loss}"))
}

pub(crate) fn open(name: &str, bytes: &[u8]) -> Result<Table, TableError> {
    Table::open(Source::bytes(name, bytes.to_vec()), ReadOptions::default())
}

pub(crate) fn runs(
    name: &str,
    bytes: &[u8],
    request: &RunRequest<'_>,
) -> Result<RunTable, TableError> {
    read_runs(&open(name, bytes)?, request)
}

/// Counts of a table whose rows may begin with `#`, as the command reads them.
pub(crate) fn counts(
    name: &str,
    bytes: &[u8],
    request: &CountRequest<'_>,
) -> Result<CountTable, TableError> {
    let options = ReadOptions { hash_names: true, ..ReadOptions::default() };
    read_counts(&Table::open(Source::bytes(name, bytes.to_vec()), options)?, request)
}

/// Asserts that a table holds the 25 runs, bit for bit.
pub(crate) fn same_runs(name: &str, table: &RunTable) {
    let plain = plain();
    let expected: Vec<f64> = plain.iter().map(|run| run.0 as f64).collect();
    assert_eq!(table.features, expected, "{name}: N");
    let expected: Vec<f64> = plain.iter().map(|run| run.1 as f64).collect();
    assert_eq!(table.samples, expected, "{name}: D");
    let expected: Vec<f64> = plain.iter().map(|run| run.2.parse().unwrap()).collect();
    assert_eq!(table.losses, expected, "{name}: loss");
}
