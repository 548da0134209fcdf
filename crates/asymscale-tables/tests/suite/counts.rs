//! The same counts, however they are written, and tables of other shapes.

use asymscale_tables::{BadRows, CountRequest, Layout, Scale};

use crate::common::counts;

const REQUEST: CountRequest<'static> = CountRequest {
    layout: Layout::Auto,
    count: None,
    moment: None,
    samples: Some(2000.0),
    group: None,
    scale: Scale::Count,
    filters: &[],
    bad_rows: BadRows::Refuse,
    names: false,
};

fn values() -> Vec<f64> {
    (0..60).map(|k| f64::from((k * k * 7) % 11 + 1000 * (k % 2))).collect()
}

/// A line a count under titles.
fn lines(titles: &str, line: impl Fn(usize, f64) -> String) -> String {
    let rows: Vec<String> =
        values().iter().enumerate().map(|(row, &count)| line(row, count)).collect();
    format!("{titles}{}\n", rows.join("\n"))
}

fn found(name: &str, text: &str, request: &CountRequest<'_>) -> Vec<f64> {
    counts(name, text.as_bytes(), request).unwrap_or_else(|error| panic!("{error}")).counts
}

#[test]
fn a_row_a_feature() {
    let cases = [
        ("titles", lines("count\n", |_, k| format!("{k}"))),
        ("no titles", lines("", |_, k| format!("{k}"))),
        ("comment", lines("# counts of 2024\ncount\n", |_, k| format!("{k}"))),
        ("floats", lines("count\n", |_, k| format!("{k:?}"))),
        ("powers", lines("count\n", |_, k| format!("{k:.6e}"))),
        ("names", lines("Word,Count\n", |row, k| format!("w{row},{k}"))),
        ("other names", lines("token,n\n", |row, k| format!("w{row},{k}"))),
        ("names after blanks", lines("word, count\n", |row, k| format!("w{row}, {k}"))),
        ("blanks", lines("word count\n", |row, k| format!("w{row} {k}"))),
        ("tabs", lines("word\tcount\n", |row, k| format!("w{row}\t{k}"))),
        ("numbered, no titles", lines("", |row, k| format!("{row},{k}"))),
        (
            "words of numbers",
            lines("word,count\n", |row, k| format!("{},{k}", ["null", "NA", "nan"][row % 3])),
        ),
        (
            "signs as names",
            lines("word,count\n", |row, k| {
                format!("{},{k}", ["#", "\"", "'", "#tag", "\"\"\"\""][row % 5])
            }),
        ),
        ("quoted names", lines("word,count\n", |row, k| format!("\"a, {row}\",{k}"))),
        (
            "one thousand",
            lines("count\n", |_, k| {
                if k < 1000.0 { format!("{k}") } else { format!("1,{:03}", k - 1000.0) }
            }),
        ),
        ("json", format!("[{}]", lines("", |_, k| format!("{k}")).trim().replace('\n', ", "))),
        (
            "frequency beside",
            lines("i,count,frequency,top\n", |row, k| {
                format!("{row},{k},{},\"' t'({row})\"", k / 2000.0)
            }),
        ),
    ];
    for (name, text) in cases {
        assert_eq!(found(name, &text, &REQUEST), values(), "{name}");
    }
}

#[test]
fn frequencies_of_frequencies() {
    let expected: Vec<f64> = [vec![1.0; 140], vec![2.0; 43], vec![3.0; 22], vec![5.0; 4]].concat();
    let rows = "1 140\n2 43\n3 22\n5 4\n";
    for titles in ["", "count features\n", "index frequency\n"] {
        assert_eq!(found(titles, &format!("{titles}{rows}"), &REQUEST), expected, "{titles:?}");
    }
    let request =
        CountRequest { layout: Layout::Frequencies { features: "c" }, count: Some("b"), ..REQUEST };
    assert_eq!(found("named", "a,b,c\nx,1,140\ny,2,43\nz,3,22\n,5,4\n", &request), expected);
    // Without a gap the titles tell neither.
    let refused = counts("t.csv", b"index,frequency\n1,140\n2,43\n", &REQUEST).unwrap_err();
    insta::assert_snapshot!("index and frequency", refused);
    let request = CountRequest { count: Some("2"), ..REQUEST };
    assert_eq!(found("by number", "1 140\n2 43\n", &request), [140.0, 43.0]);
}

#[test]
fn densities_and_their_logarithms() {
    let density = CountRequest { scale: Scale::Density, ..REQUEST };
    let text = lines("feature,density\n", |row, k| format!("{row},{:.6}", k / 2000.0));
    assert_eq!(found("densities", &text, &density), values());
    let log = CountRequest { scale: Scale::Log10, ..REQUEST };
    let text = lines("feature,frequency\n", |row, k| format!("{row},{}", (k / 2000.0).log10()));
    assert_eq!(found("logarithms", &text, &log), values());
    let table = counts("d.csv", b"density\n0.1234\n0.5\n", &density).unwrap();
    insta::assert_snapshot!("densities", table.record.lines().join("\n"));
    let refused = counts("d.csv", b"density\n0.001\n0.5\n0\n", &REQUEST).unwrap_err();
    insta::assert_snapshot!("densities taken for counts", refused);
    let refused = counts("d.csv", b"count\n-3.5\n-0.5\n-inf\n", &REQUEST).unwrap_err();
    insta::assert_snapshot!("logarithms taken for counts", refused);
}

#[test]
fn events_count_samples_once() {
    let request = CountRequest {
        layout: Layout::Events { sample: "doc", feature: "word" },
        samples: None,
        ..REQUEST
    };
    let text = "doc,at,word\n1,0,the\n1,1,the\n1,2,sea\n7,0,the\nx,0,quince\n";
    let table = counts("events.csv", text.as_bytes(), &request).unwrap();
    assert_eq!((table.counts, table.samples), (vec![2.0, 1.0, 1.0], 3.0));
    insta::assert_snapshot!("events", table.record.lines().join("\n"));
    let more = counts(
        "events.csv",
        text.as_bytes(),
        &CountRequest { samples: Some(10.0), ..request.clone() },
    );
    assert_eq!(more.unwrap().samples, 10.0);
    let fewer =
        counts("events.csv", text.as_bytes(), &CountRequest { samples: Some(2.0), ..request });
    insta::assert_snapshot!("fewer samples than events have", fewer.unwrap_err());
}

#[test]
fn matrices_both_ways() {
    let text = "feature,s1,s2,s3\na,1,0,2\nb,0,0,1\nc,3,4,5\n";
    let down = CountRequest { layout: Layout::FeaturesBySamples, samples: None, ..REQUEST };
    let table = counts("m.csv", text.as_bytes(), &down).unwrap();
    assert_eq!((table.counts, table.samples), (vec![2.0, 1.0, 3.0], 3.0));
    let across = CountRequest { layout: Layout::SamplesByFeatures, ..down.clone() };
    let table = counts("m.csv", text.as_bytes(), &across).unwrap();
    assert_eq!((table.counts, table.samples), (vec![2.0, 1.0, 3.0], 3.0));
    let bare = counts("m.txt", b"1 0 2 0\n0 0 1 0\n", &down).unwrap();
    assert_eq!((bare.counts, bare.samples), (vec![2.0, 1.0], 4.0));
    let words =
        counts("m.json", b"[{\"a\": true, \"b\": false}, {\"a\": true, \"b\": true}]", &across)
            .unwrap();
    assert_eq!(words.counts, [2.0, 1.0]);
    let hole = counts("m.csv", b"feature,s1,s2\na,1,\nb,0,x\nc,1,1\n", &down).unwrap_err();
    insta::assert_snapshot!("a matrix with holes", hole);
    let dropped = CountRequest { bad_rows: BadRows::Drop, ..down };
    let table = counts("m.csv", b"feature,s1,s2\na,1,\nb,0,x\nc,1,1\n", &dropped).unwrap();
    assert_eq!((table.counts, table.lines.of(0)), (vec![2.0], 4));
}

#[test]
fn repeated_names_are_said() {
    let table = counts("t.csv", b"word,count\na,1\nb,2\na,3\nc,1\nc,1\n", &REQUEST).unwrap();
    assert_eq!(table.counts.len(), 5);
    insta::assert_snapshot!("repeated names", table.record.lines().join("\n"));
}

/// One row above the number of samples may be a sum and can be left out; several mean another
/// number of samples.
#[test]
fn counts_above_the_samples_are_not_left_out() {
    let drop = CountRequest { bad_rows: BadRows::Drop, ..REQUEST };
    let sum = "word,count\na,3\nb,1\nall,20000\n";
    assert_eq!(found("sum", sum, &drop), [3.0, 1.0]);
    let refused = |text: &str, request: &CountRequest<'_>| {
        counts("x.csv", text.as_bytes(), request).unwrap_err().to_string()
    };
    let many = "count\n9000\n3000\n1\n";
    let words = "x.csv: `count` is 9000 or 3000 in lines 2, 3; must be at most --samples 2000: a feature is active at most once \
                 in a sample; type the number of samples that the counts come from";
    assert_eq!(refused(many, &drop), words);
    assert_eq!(refused(many, &REQUEST), words);
    let pairs = refused("count,features\n1,5\n3000,1\n4000,1\n", &drop);
    assert!(
        pairs.contains("`count` is 3000 or 4000 in lines 3, 4; must be at most --samples 2000"),
        "{pairs}"
    );
    let densities = CountRequest { scale: Scale::Density, ..drop };
    let message = refused("density\n0.5\n1.5\n7\n", &densities);
    assert!(message.contains("must be at most 1: these are no shares"), "{message}");
}

#[test]
fn names_of_features_are_told_where_they_are_wanted() {
    let text = b"word,n\nthe,90\nlichen,oops\nmoss,1\n";
    let request = CountRequest { samples: Some(100.0), bad_rows: BadRows::Drop, ..REQUEST };
    assert_eq!(counts("t.csv", text, &request).unwrap().names, [""; 0]);
    let wanted = CountRequest { names: true, ..request };
    assert_eq!(counts("t.csv", text, &wanted).unwrap().names, ["the", "moss"]);
    let events = b"text,word\n1,the\n1,moss\n2,the\n";
    let layout = Layout::Events { sample: "text", feature: "word" };
    let wanted = CountRequest { layout, samples: None, ..wanted };
    assert_eq!(counts("t.csv", events, &wanted).unwrap().names, ["the", "moss"]);
    let bare = CountRequest { names: true, samples: Some(9.0), ..REQUEST };
    assert_eq!(counts("t.csv", b"n\n3\n1\n", &bare).unwrap().names, [""; 0]);
}
