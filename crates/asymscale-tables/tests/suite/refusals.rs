//! Tables that cannot be read, in the words in which they are refused.

use std::fmt::Write as _;

use asymscale_tables::{CountRequest, RunRequest};

use crate::common::{counts, csv, lines, open, runs};

/// 25 runs of which some lines stand otherwise.
fn with(replaced: &[(usize, &str)]) -> String {
    let text = csv();
    let mut lines: Vec<&str> = text.lines().collect();
    for (line, other) in replaced {
        lines[line - 1] = other;
    }
    lines.join("\n")
}

#[test]
fn runs_in_words() {
    let bad = |cell: &str| with(&[(8, &format!("60000000,1600000000,{cell}"))]);
    let many: Vec<(usize, String)> = (2..27)
        .filter(|line| line % 2 == 0 || *line > 20)
        .map(|line| (line, format!("1,2,{}", ["", "NaN", "x", "-1"][line % 4])))
        .collect();
    let many: Vec<(usize, &str)> = many.iter().map(|(line, text)| (*line, text.as_str())).collect();
    let wide: Vec<String> = (0..1_000_000).map(|column| format!("x{column}")).collect();
    let wide = format!("{}\n{}\n", wide.join(","), vec!["1"; 1_000_000].join(","));
    let cases: Vec<(&str, String)> = vec![
        ("diverged", bad("diverged")),
        ("empty", bad("")),
        ("NaN", bad("NaN")),
        ("N/A", bad("N/A")),
        ("-", bad("-")),
        ("infinite", bad("inf")),
        ("zero", bad("0")),
        ("negative", bad("-1.2")),
        ("text", bad("3,51")),
        ("two points", bad("3.5.1")),
        ("a suffix on a loss", bad("350m")),
        ("long text", bad(&"long ".repeat(30))),
        ("control characters", bad("\u{1b}[2J\u{7}")),
        ("a blank for N", with(&[(2, "  ,400000000,4.4")])),
        ("several", with(&many)),
        ("too many fields", with(&[(5, "1,2,3,4,5")])),
        ("cut short", csv()[..500].to_owned()),
        (
            "two losses",
            lines("N,D,train_loss,val_loss", |(n, d, loss)| format!("{n},{d},{loss},{loss}")),
        ),
        (
            "two sizes",
            lines("total_params,other_params,tokens,loss", |(n, d, loss)| {
                format!("{n},{n},{d},{loss}")
            }),
        ),
        (
            "titles repeat and differ",
            lines("N,D,loss,loss", |(n, d, loss)| format!("{n},{d},{loss},1{loss}")),
        ),
        ("no loss", lines("N,D,score", |(n, d, loss)| format!("{n},{d},{loss}"))),
        (
            "two measures and no loss",
            lines("N,D,val_ppl,accuracy", |(n, d, loss)| format!("{n},{d},{loss},{loss}")),
        ),
        ("no N", lines("width,D,loss", |(n, d, loss)| format!("{n},{d},{loss}"))),
        ("no titles", csv().replacen("N,D,loss\n", "", 1)),
        ("only titles", "N,D,loss\n".to_owned()),
        ("empty", String::new()),
        ("blank", "\n  \n".to_owned()),
        ("a million columns", wide),
        ("a list in json", "[{\"N\": [1], \"D\": 2, \"loss\": 3}]".to_owned()),
        ("json cut short", "[{\"N\": 1, \"D\": 2, \"loss\": 3},\n {\"N\": 1, \"D\"".to_owned()),
        ("columns of other lengths", "{\"N\": [1, 2], \"D\": [2], \"loss\": [3, 4]}".to_owned()),
    ];
    let mut messages = String::new();
    for (name, text) in cases {
        let message =
            runs("runs.csv", text.as_bytes(), &RunRequest::default()).expect_err(name).to_string();
        assert!(
            message.len() < 1500 && !message.contains('\n') && !message.contains(char::is_control),
            "{name}: {message}"
        );
        writeln!(messages, "{name}\n    {message}").unwrap();
    }
    insta::assert_snapshot!("runs refused", messages);
}

#[test]
fn counts_in_words() {
    let cases = [
        ("empty cell", "word,count\na,\nb,2\n"),
        ("NA", "word,count\na,NA\nb,2\n"),
        ("negative", "count\n-3\n1\n"),
        ("a fraction", "count\n3.5\n1\n"),
        ("beyond the samples", "count\n5\n101\n"),
        ("unquoted comma", "word,count\nicecream, vanilla,3\na,1\nb,1\n"),
        ("a matrix", "feature,s1,s2,s3\na,1,0,2\nb,0,0,1\n"),
        ("no titles but names", "the,62\nof,30\n"),
        ("only titles", "count\n"),
        ("two candidates", "word,freq,occurrences\na,1,2\n"),
        ("words", "count\nmany\nfew\n"),
    ];
    let mut messages = String::new();
    for (name, text) in cases {
        let request = CountRequest { samples: Some(100.0), ..CountRequest::default() };
        let message = counts("counts.csv", text.as_bytes(), &request).expect_err(name);
        writeln!(messages, "{name}\n    {message}").unwrap();
    }
    let message = counts("counts.csv", b"count\n1\n", &CountRequest::default()).unwrap_err();
    writeln!(messages, "no samples\n    {message}").unwrap();
    insta::assert_snapshot!("counts refused", messages);
}

#[test]
fn files_of_other_kinds() {
    let cases: [(&str, &[u8]); 12] = [
        ("runs.xlsx", b"PK\x03\x04\x14\0\x06\0"),
        ("runs.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0"),
        ("runs.csv.bz2", b"BZh91AY&SY\0"),
        ("runs.feather", b"ARROW1\0\0"),
        ("runs.npy", b"\x93NUMPY\x01\0"),
        ("runs.csv", b"\n<!DOCTYPE html>\n<html>"),
        ("runs.db", b"SQLite format 3\0\x10\0"),
        ("runs.bin", b"\x01\x02\0\0\0\x07\x01\0"),
        ("runs.parquet", b"N,D,loss\n1,2,3\n"),
        ("cut.parquet", b"PAR1 is how it begins, and then nothing"),
        ("runs.csv.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\x03cut"),
        ("runs.csv.zst", b"\x28\xb5\x2f\xfd\x24\xff\xff"),
    ];
    let mut messages = String::new();
    for (name, bytes) in cases {
        let message = open(name, bytes).map(|_| ()).expect_err(name);
        writeln!(messages, "{message}").unwrap();
    }
    insta::assert_snapshot!("other kinds", messages);
}
