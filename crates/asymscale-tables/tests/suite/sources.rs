//! Where tables come from: only files that end, and never more of them than allowed.

use std::io::Write;

use asymscale_tables::{ReadOptions, RunRequest, Source, Table, read_runs};

use crate::common::{csv, same_runs};

fn refused(source: Source, options: ReadOptions) -> String {
    Table::open(source, options).map(|_| ()).expect_err("must be refused").to_string()
}

#[test]
fn the_name_of_a_file_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["runs", "runs.txt", "runs.dat", "runs.CSV", "runs.json", "runs.gz"] {
        let path = folder.path().join(name);
        std::fs::write(&path, csv()).unwrap();
        let table = Table::open(Source::path(&path), ReadOptions::default()).unwrap();
        same_runs(name, &read_runs(&table, &RunRequest::default()).unwrap());
    }
}

#[cfg(unix)]
#[test]
fn what_has_no_end_is_not_read() {
    let options = ReadOptions::default();
    assert_eq!(
        refused(Source::path("/dev/zero"), options),
        "/dev/zero: is a pipe or a device; must be a file, or pipe it into -"
    );
    assert_eq!(refused(Source::path("/"), options), "/: is a directory; must be a file");
    assert_eq!(
        refused(Source::path("no such\nfile"), options),
        "no such\u{fffd}file: there is no such file"
    );
    let long = refused(Source::path("x".repeat(3000)), options);
    assert!(long.len() < 400, "{long}");
}

/// A gigabyte of zeros, and one of a table, in a few bytes; the limit holds for each layer.
#[test]
fn bombs_do_not_go_off() {
    let bomb = |text: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        for _ in 0..64 {
            encoder.write_all(&text.repeat((1 << 20) / text.len())).unwrap();
        }
        encoder.finish().unwrap()
    };
    let small = ReadOptions { max_bytes: 1 << 22, ..ReadOptions::default() };
    let zeros = bomb(&[0]);
    assert_eq!(
        refused(Source::bytes("zeros.gz", zeros), small),
        "zeros.gz: is neither text nor Parquet"
    );
    let rows = bomb(b"1,2,3\n");
    let expected = "rows.gz: holds more than 4194304 bytes when inflated; --max-bytes N allows N";
    assert_eq!(refused(Source::bytes("rows.gz", rows.clone()), small), expected);
    let twice = zstd::stream::encode_all(&rows[..], 3).unwrap();
    assert_eq!(refused(Source::bytes("rows.gz", twice), small), expected);
    let few = ReadOptions { max_bytes: 10, ..small };
    assert_eq!(
        refused(Source::bytes("t", csv().into_bytes()), few),
        "t: holds more than 10 bytes; --max-bytes N allows N"
    );
}
