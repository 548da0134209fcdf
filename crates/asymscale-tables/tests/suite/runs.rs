//! The same 25 runs, however they are written.

use std::io::Write;

use asymscale_tables::{BadRows, Filter, RunRequest};

use crate::common::{csv, lines, plain, runs, same_runs};

fn grouped(number: u64, separator: &str) -> String {
    let digits = number.to_string();
    let mut groups: Vec<&str> = Vec::new();
    let mut rest = digits.as_str();
    while rest.len() > 3 {
        let (before, last) = rest.split_at(rest.len() - 3);
        groups.push(last);
        rest = before;
    }
    groups.push(rest);
    groups.reverse();
    groups.join(separator)
}

fn utf16(text: &str, swap: bool) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(|unit| if swap { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 3).unwrap()
}

#[test]
fn separators_encodings_and_line_ends() {
    let csv = csv();
    let with = |separator: &str| csv.replace(',', separator);
    let commented = |at: usize, line: &str| {
        let mut lines: Vec<&str> = csv.lines().collect();
        lines.insert(at, line);
        lines.join("\n")
    };
    let latin = lines("N,D,loss,où", |(n, d, loss)| format!("{n},{d},{loss},é"));
    let latin: Vec<u8> = latin.chars().map(|c| c as u8).collect();
    let bars = lines("| N | D | loss |\n|---|---:|:---|", |(n, d, loss)| {
        format!("| {n} | {d} | {loss} |")
    });
    let psql =
        lines(" N | D | loss \n---+---+------", |(n, d, loss)| format!(" {n} | {d} | {loss} "));
    let boxed = lines("+---+---+---+\n| N | D | loss |\n+---+---+---+", |(n, d, loss)| {
        format!("| {n} | {d} | {loss} |")
    });
    let aligned = lines("         N            D      loss", |(n, d, loss)| {
        format!("{n:>10} {d:>12} {loss:>9}")
    });
    let pandas = lines("         N            D      loss", |(n, d, loss)| {
        format!("0 {n:>10} {d:>12} {loss:>9}")
    });
    let r = lines("\"N\" \"D\" \"loss\"", |(n, d, loss)| format!("\"1\" {n} {d} {loss}"));
    let german = lines("N;D;loss", |(n, d, loss)| {
        format!("{};{d};{}", grouped(*n, "."), loss.replace('.', ","))
    });
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("plain", csv.clone().into()),
        ("no line feed at the end", csv.trim_end().into()),
        ("bom", format!("\u{feff}{csv}").into()),
        ("utf16", utf16(&csv, false)),
        ("utf16, other order", utf16(&csv, true)),
        ("latin1", latin),
        ("crlf", csv.replace('\n', "\r\n").into()),
        ("cr", csv.replace('\n', "\r").into()),
        ("cr and lf", csv.replacen('\n', "\r", 3).into()),
        ("semicolons", with(";").into()),
        ("decimal commas", german.into()),
        ("separator named", format!("sep=;\n{}", with(";")).into()),
        ("tabs", with("\t").into()),
        ("blanks", with(" ").into()),
        ("two blanks", with("  ").into()),
        ("blanks and tabs", with(" \t").into()),
        ("after blanks", with(", ").into()),
        ("aligned", aligned.into()),
        ("as pandas prints", pandas.into()),
        ("as R writes", r.into()),
        ("markdown", bars.into()),
        ("psql", psql.into()),
        ("box", boxed.into()),
        ("blank line first", format!("\n\n{csv}").into()),
        ("blank lines", csv.replace('\n', "\n\n").into()),
        ("blank lines of blanks", csv.replacen('\n', "\n  \t \n", 4).into()),
        ("lines of separators", csv.replacen('\n', "\n,,\n", 4).into()),
        ("comment", commented(0, "# exported 2026-11-01").into()),
        ("comment with separators", commented(0, "# a, b, c, d").into()),
        ("comment below", commented(5, "#1,2,3").into()),
        ("comment far below", commented(20, "# the rest is new").into()),
        ("titles in a comment", csv.replacen("N,D", "# N,D", 1).into()),
        ("title above", format!("Our runs\n\n{csv}").into()),
        ("trailing comma", csv.replace('\n', ",\n").into()),
        (
            "trailing commas below the titles",
            csv.replace('\n', ",\n").replacen(",\n", "\n", 1).into(),
        ),
        ("gzip", gzip(csv.as_bytes())),
        ("gzip in members", [gzip(&csv.as_bytes()[..100]), gzip(&csv.as_bytes()[100..])].concat()),
        ("zstd", zstd(csv.as_bytes())),
        ("zstd of gzip", zstd(&gzip(csv.as_bytes()))),
    ];
    for (name, bytes) in cases {
        let table =
            runs(name, &bytes, &RunRequest::default()).unwrap_or_else(|error| panic!("{error}"));
        same_runs(name, &table);
    }
}

#[test]
fn names_and_numbers() {
    let request = RunRequest::default();
    let of = |titles: &str, line: fn(u64, u64, &str) -> String| {
        lines(titles, |(n, d, loss)| line(*n, *d, loss))
    };
    let plain = |titles: &str| of(titles, |n, d, loss| format!("{n},{d},{loss}"));
    let cases = [
        ("lower case", plain("n,d,Loss")),
        ("blanks", plain(" N , D , loss ")),
        ("paths", plain("parameter_count,throughput/total_tokens,eval/paloma/macro_loss")),
        ("words", plain("Model size,Training tokens,Validation loss")),
        ("camel case", plain("numParams,trainTokens,evalLoss")),
        ("examples", plain("params,examples,cross_entropy")),
        ("brackets that are no unit", plain("params (non-embedding),tokens,loss (nats)")),
        (
            "dates",
            of("created_at,N,D,loss", |n, d, loss| format!("2026-11-03 10:00:00,{n},{d},{loss}")),
        ),
        ("index", of(",N,D,loss", |n, d, loss| format!("7,{n},{d},{loss}"))),
        ("titles repeat", of("N,D,loss,loss", |n, d, loss| format!("{n},{d},{loss},{loss}"))),
        (
            "notes",
            of("run,N,D,notes,loss", |n, d, loss| {
                format!("a,{n},{d},\"ok, restarted\nonce \"\"again\"\"\",{loss}")
            }),
        ),
        ("empty column", of("N,x,D,loss", |n, d, loss| format!("{n},,{d},{loss}"))),
        (
            "wide integers",
            of("N,D,flops,loss", |n, d, loss| format!("{n},{d},{}{},{loss}", n, "0".repeat(40))),
        ),
        ("quoted", of("\"N\",\"D\",\"loss\"", |n, d, loss| format!("\"{n}\",\"{d}\",\"{loss}\""))),
        (
            "powers of ten",
            of("N,D,loss", |n, d, loss| format!("{:E},{:e},{loss}", n as f64, d as f64)),
        ),
        (
            "thousands",
            of("N,D,loss", |n, d, loss| {
                format!("\"{}\",\"{}\",{loss}", grouped(n, ","), grouped(d, ","))
            }),
        ),
        (
            "thousands between tabs",
            of("N\tD\tloss", |n, d, loss| {
                format!("{}\t{}\t{loss}", grouped(n, ","), grouped(d, ","))
            }),
        ),
        (
            "thin blanks",
            of("N,D,loss", |n, d, loss| {
                format!("{},{},{loss}", grouped(n, "\u{202f}"), grouped(d, "\u{a0}"))
            }),
        ),
        (
            "apostrophes",
            of("N,D,loss", |n, d, loss| format!("{},{},{loss}", grouped(n, "'"), grouped(d, "’"))),
        ),
        (
            "underscores",
            of("N,D,loss", |n, d, loss| format!("{},{},{loss}", grouped(n, "_"), grouped(d, "_"))),
        ),
        (
            "suffixes",
            of("N,D,loss", |n, d, loss| format!("{}M,{}b,{loss}", n / 1_000_000, d as f64 / 1e9)),
        ),
        (
            "suffixes with units",
            of("N,D,loss", |n, d, loss| {
                format!("{} million params,{} B tokens,{loss} nats", n / 1_000_000, d as f64 / 1e9)
            }),
        ),
        (
            "powers",
            of("N,D,loss", |n, d, loss| {
                format!("{}*10^6,{} × 10⁹,{loss}", n / 1_000_000, d as f64 / 1e9)
            }),
        ),
        ("uncertainties", of("N,D,loss", |n, d, loss| format!("{n},{d},{loss}±0.01"))),
        (
            "units in titles",
            of("params (M),tokens [billions],loss", |n, d, loss| {
                format!("{},{},{loss}", n / 1_000_000, d as f64 / 1e9)
            }),
        ),
        (
            "units at the end of titles",
            of("params_M,tokens in B,loss", |n, d, loss| {
                format!("{},{},{loss}", n as f64 / 1e6, d as f64 / 1e9)
            }),
        ),
    ];
    for (name, text) in cases {
        let table = runs(name, text.as_bytes(), &request).unwrap_or_else(|error| panic!("{error}"));
        same_runs(name, &table);
    }
}

#[test]
fn json_in_every_shape() {
    let objects: Vec<String> = plain()
        .iter()
        .map(|(n, d, loss)| {
            format!("{{\"N\": {n}, \"x\": [1, {{}}], \"D\": \"{d}\", \"loss\": {loss}}}")
        })
        .collect();
    let column = |pick: fn(&crate::common::Run) -> String| {
        plain().iter().map(pick).collect::<Vec<_>>().join(",")
    };
    let columns = format!(
        "{{\"N\":[{}],\"D\":[{}],\"loss\":[{}]}}",
        column(|run| run.0.to_string()),
        column(|run| run.1.to_string()),
        column(|run| run.2.clone())
    );
    let cases = [
        ("array", format!("[{}]", objects.join(", "))),
        ("array on lines", format!("[\n{}\n]", objects.join(",\n"))),
        ("lines", objects.join("\n")),
        ("under a name", format!("{{\"runs\": [{}]}}", objects.join(","))),
        ("columns", columns),
    ];
    for (name, text) in cases {
        for bytes in [text.clone().into_bytes(), gzip(text.as_bytes()), utf16(&text, false)] {
            let table = runs(name, &bytes, &RunRequest::default())
                .unwrap_or_else(|error| panic!("{error}"));
            same_runs(name, &table);
        }
    }
}

#[test]
fn compute_stands_for_what_is_missing() {
    let flops = |n: u64, d: u64| 6.0 * n as f64 * d as f64;
    let cases = [
        ("D", lines("C,N,loss", |(n, d, loss)| format!("{},{n},{loss}", flops(*n, *d)))),
        (
            "N",
            lines("training FLOPs,D,loss", |(n, d, loss)| {
                format!("{:e},{d},{loss}", flops(*n, *d))
            }),
        ),
        (
            "D",
            lines("parameters,compute_budget,final_loss", |(n, d, loss)| {
                format!("{n},{},{loss}", flops(*n, *d))
            }),
        ),
    ];
    for (derived, text) in cases {
        let table = runs("runs", text.as_bytes(), &RunRequest::default()).unwrap();
        for (found, run) in table.features.iter().zip(&table.samples).zip(plain()) {
            let close = |a: f64, b: u64| (a / b as f64 - 1.0).abs() < 1e-14;
            assert!(close(*found.0, run.0) && close(*found.1, run.1), "{found:?} {run:?}");
        }
        assert!(
            table.record.lines()[0].contains(&format!("{derived} = C/(6·")),
            "{:?}",
            table.record
        );
    }
    // A column that was named stays, whatever else there is.
    let text = lines("D,N,loss", |(n, d, loss)| format!("{},{n},{loss}", flops(*n, *d)));
    let request = RunRequest { features: Some("N"), compute: Some("D"), ..RunRequest::default() };
    let table = runs("runs", text.as_bytes(), &request).unwrap();
    assert!((table.samples[7] / plain()[7].1 as f64 - 1.0).abs() < 1e-14);
}

#[test]
fn rows_are_chosen_and_dropped_with_their_lines() {
    let mut text = lines("set,N,D,loss", |(n, d, loss)| format!("web,{n},{d},{loss}"));
    text +=
        "# others\nbooks,1e6,1e9,diverged\nbooks,1e6,2e9,4\ncode,2e6,1e9,3\n\nbooks,3e6,1e9,0\n";
    let filters = [Filter { column: "SET".into(), values: vec!["books".into(), "code".into()] }];
    let request =
        RunRequest { filters: &filters, bad_rows: BadRows::Drop, ..RunRequest::default() };
    let table = runs("runs.csv", text.as_bytes(), &request).unwrap();
    assert_eq!(table.losses, [4.0, 3.0]);
    assert_eq!(table.lines.name(&[0, 1]), "lines 29, 30");
    insta::assert_snapshot!("dropped rows", table.record.lines().join("\n"));
    let refused = runs(
        "runs.csv",
        text.as_bytes(),
        &RunRequest { bad_rows: BadRows::Refuse, ..request.clone() },
    );
    insta::assert_snapshot!("refused rows", refused.unwrap_err());
    let sizes = [Filter { column: "N".into(), values: vec!["2e7".into()] }, filters[0].clone()];
    let refused = runs("runs.csv", text.as_bytes(), &RunRequest { filters: &sizes, ..request });
    insta::assert_snapshot!("a value that no row has", refused.unwrap_err());
}

#[test]
fn units_are_given_by_hand() {
    let text =
        lines("N,D,loss", |(n, d, loss)| format!("{},{},{loss}", n / 1_000_000, *d as f64 / 1e9));
    let request =
        RunRequest { features_unit: Some(6), samples_unit: Some(9), ..RunRequest::default() };
    same_runs("units", &runs("units", text.as_bytes(), &request).unwrap());
    let refused = runs("units.csv", text.as_bytes(), &RunRequest::default()).unwrap_err();
    insta::assert_snapshot!("sizes below one", refused);
}
