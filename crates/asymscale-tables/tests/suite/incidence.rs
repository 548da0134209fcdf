//! Which features were active in which samples, and the groups of samples: events, matrices, and
//! what has neither.

use std::fmt::Write as _;

use asymscale_tables::{BadRows, CountRequest, Filter, Incidence, Layout, Scale};

use crate::common::counts;

const EVENTS: CountRequest<'static> = CountRequest {
    layout: Layout::Events { sample: "verse", feature: "word" },
    count: None,
    moment: None,
    samples: None,
    group: Some("book"),
    scale: Scale::Count,
    filters: &[],
    bad_rows: BadRows::Refuse,
    names: false,
};

const MATRIX: CountRequest<'static> = CountRequest { layout: Layout::SamplesByFeatures, ..EVENTS };

/// Two books of two verses each; `the` stands twice in one verse.
const TEXT: &str = "book,verse,word\nGen,G2,the\nGen,G1,sea\nGen,G2,the\nEx,E1,the\nEx,E7,sea\nGen,G1,the\nEx,E7,day\n";

fn refused(text: &str, request: &CountRequest<'_>) -> String {
    counts("t.csv", text.as_bytes(), request).unwrap_err().to_string()
}

#[test]
fn events_know_their_samples_and_groups() {
    let table = counts("t.csv", TEXT.as_bytes(), &EVENTS).unwrap();
    assert_eq!((table.counts, table.samples), (vec![3.0, 2.0, 1.0], 4.0));
    let expected = Incidence {
        pairs: vec![(0, 0), (0, 1), (0, 2), (1, 1), (1, 3), (2, 3)],
        samples: 4,
        groups: Some(vec![0, 0, 1, 1]),
        group_count: 2,
    };
    assert_eq!(table.incidence, Some(expected.clone()));
    insta::assert_snapshot!("events with groups", table.record.lines().join("\n"));
    // Without groups the same but for them.
    let bare = counts("t.csv", TEXT.as_bytes(), &CountRequest { group: None, ..EVENTS }).unwrap();
    assert_eq!(
        bare.incidence,
        Some(Incidence { groups: None, group_count: 0, ..expected.clone() })
    );
    // More samples than occur belong to groups that are not known.
    let more =
        counts("t.csv", TEXT.as_bytes(), &CountRequest { samples: Some(9.0), ..EVENTS }).unwrap();
    let note = "which groups the 5 samples without an active feature belong to is not known";
    assert!(more.record.notes.contains(&note.to_owned()), "{:?}", more.record.notes);
    assert_eq!(more.incidence, Some(Incidence { samples: 9, ..expected.clone() }));
    // In JSON, and by the numbers of columns.
    let rows = TEXT.lines().map(|line| format!("[\"{}\"]", line.replace(',', "\", \"")));
    let json = format!("[{}]", rows.collect::<Vec<_>>().join(","));
    let layout = Layout::Events { sample: "2", feature: "3" };
    let request = CountRequest { layout, group: Some("1"), ..EVENTS };
    assert_eq!(counts("t.json", json.as_bytes(), &request).unwrap().incidence, Some(expected));
}

/// Rows that are left out leave no trace in the order of samples, features and groups.
#[test]
fn events_that_are_left_out_are_not_numbered() {
    let text = "book,verse,word\nGen,G2,\nGen,,the\n,E1,the\nEx,E1,day\nGen,G2,day\nNum,N1,day\n";
    let message = refused(text, &EVENTS);
    for part in
        ["`verse` is empty in line 3", "`word` is empty in line 2", "`book` is empty in line 4"]
    {
        assert!(message.contains(part), "{message}");
    }
    assert!(
        message.ends_with("must be a name or a number; --bad-rows drop leaves such rows out"),
        "{message}"
    );
    let filters =
        [Filter { column: "book".to_owned(), values: vec!["Ex".to_owned(), "Gen".to_owned()] }];
    let request = CountRequest { bad_rows: BadRows::Drop, filters: &filters, ..EVENTS };
    let table = counts("t.csv", text.as_bytes(), &request).unwrap();
    let expected = Incidence {
        pairs: vec![(0, 0), (0, 1)],
        samples: 2,
        groups: Some(vec![0, 1]),
        group_count: 2,
    };
    assert_eq!((table.counts, table.incidence), (vec![2.0], Some(expected)));
    let taken = [
        "2 samples from column `verse`",
        "1 feature from column `word`",
        "2 groups from column `book`",
    ];
    assert_eq!(table.record.taken, taken);
}

#[test]
fn groups_that_cannot_be() {
    let two = "book,verse,word\n# a comment\nGen,1,the\nGen,2,the\nEx,2,sea\n";
    insta::assert_snapshot!("a sample in two groups", refused(two, &EVENTS));
    // Lines are those of the file where rows before are left out.
    let dropped = CountRequest { bad_rows: BadRows::Drop, ..EVENTS };
    let message =
        refused("book,verse,word\n,1,the\nGen,2,\nGen,2,the\n,2,sea\nEx,2,sea\n", &dropped);
    assert!(
        message.contains("in group \"Gen\" in line 4 and in group \"Ex\" in line 6"),
        "{message}"
    );
    insta::assert_snapshot!(
        "one group",
        refused("book,verse,word\nGen,1,the\nGen,2,the\n", &EVENTS)
    );
    let matrix = refused("book,a,b\nGen,1,0\nGen,1,1\n", &MATRIX);
    assert!(
        matrix.contains("holds \"Gen\" in all rows that are used: at least two groups"),
        "{matrix}"
    );
    let same = refused(TEXT, &CountRequest { group: Some("word"), ..EVENTS });
    assert_eq!(same, "t.csv: --group-column: column `word` is that of the features");
    let none = refused(TEXT, &CountRequest { group: Some("chapter"), ..EVENTS });
    assert!(none.contains("--group-column \"chapter\": there is no such column"), "{none}");
}

/// Where the table does not say in which samples a feature was active, or which rows are samples,
/// groups mean nothing.
#[test]
fn layouts_without_groups() {
    let text = "book,count\nGen,3\nEx,1\n";
    let given = CountRequest { samples: Some(10.0), ..EVENTS };
    let ask = |layout| refused(text, &CountRequest { layout, ..given.clone() });
    let words = "t.csv: --group-column \"book\": a row is a feature; which samples it was active in is not known, so \
                 groups cannot be used: give events (--sample-column, --feature-column) or --matrix samples-by-features";
    assert_eq!(ask(Layout::Auto), words);
    let frequencies = ask(Layout::Frequencies { features: "count" });
    assert!(
        frequencies.contains("a row is a count of many features; samples are not told apart"),
        "{frequencies}"
    );
    let down = ask(Layout::FeaturesBySamples);
    assert!(down.contains("a column of the table cannot group its samples"), "{down}");
    // Nothing but counts is known of such tables.
    let bare = CountRequest { group: None, layout: Layout::Auto, ..given };
    assert_eq!(counts("t.csv", text.as_bytes(), &bare).unwrap().incidence, None);
}

#[test]
fn matrices_know_their_samples_and_groups() {
    // `d` is never active and the third sample is empty: both stand.
    let text = "sample,book,a,b,d\ns1,7,1,0,0\ns2,7,2,0.5,0\ns3,9,0,0,0\ns4,9,0,1,0\n";
    let table = counts("m.csv", text.as_bytes(), &MATRIX).unwrap();
    assert_eq!((table.counts, table.samples), (vec![2.0, 2.0, 0.0], 4.0));
    let expected = Incidence {
        pairs: vec![(0, 0), (0, 1), (1, 1), (1, 3)],
        samples: 4,
        groups: Some(vec![0, 0, 1, 1]),
        group_count: 2,
    };
    assert_eq!(table.incidence, Some(expected));
    insta::assert_snapshot!("a matrix with groups", table.record.lines().join("\n"));
    // A column of numbers that is not named is a feature; the first can be that of the groups,
    // whatever its title.
    let bare = counts("m.csv", text.as_bytes(), &CountRequest { group: None, ..MATRIX }).unwrap();
    assert_eq!(bare.counts, [4.0, 2.0, 2.0, 0.0]);
    let first = CountRequest { group: Some("sample"), ..MATRIX };
    let first = counts("m.csv", b"sample,a\nx,1\ny,0\nx,3\n", &first).unwrap();
    assert_eq!(first.incidence.unwrap().groups, Some(vec![0, 1, 0]));
    assert_eq!((first.counts, first.record.notes), (vec![2.0], Vec::<String>::new()));
    // A sample without a group is a bad row.
    let hole = "book,a,b\nGen,1,0\n,1,1\nEx,0,1\n";
    assert!(
        refused(hole, &MATRIX).contains("`book` is empty in line 3; must be a name or a number")
    );
    let dropped =
        counts("m.csv", hole.as_bytes(), &CountRequest { bad_rows: BadRows::Drop, ..MATRIX })
            .unwrap();
    let incidence = dropped.incidence.unwrap();
    assert_eq!((incidence.pairs, incidence.groups), (vec![(0, 0), (1, 1)], Some(vec![0, 1])));
    // Features down: samples are columns.
    let down = CountRequest { layout: Layout::FeaturesBySamples, group: None, ..MATRIX };
    let down =
        counts("m.csv", b"feature,s1,s2,s3\na,1,0,2\nnever,0,0,0\nc,0,4,5\n", &down).unwrap();
    assert_eq!(down.counts, [2.0, 0.0, 2.0]);
    let expected = vec![(0, 0), (0, 2), (2, 1), (2, 2)];
    assert_eq!(
        down.incidence,
        Some(Incidence { pairs: expected, samples: 3, groups: None, group_count: 0 })
    );
}

/// Features that were never active reach the caller from every layout that knows them.
#[test]
fn features_never_active_are_counted() {
    let request = CountRequest { layout: Layout::Auto, samples: Some(10.0), group: None, ..EVENTS };
    let read =
        |text: &str, request: &CountRequest<'_>| counts("t.csv", text.as_bytes(), request).unwrap();
    assert_eq!(read("word,count\na,0\nb,3\nc,0\n", &request).counts, [0.0, 3.0, 0.0]);
    let pairs = read("count,features\n0,3\n1,2\n7,1\n", &request);
    assert_eq!(pairs.counts, [0.0, 0.0, 0.0, 1.0, 1.0, 7.0]);
    // Entries are no rows here, and their places are their numbers.
    assert_eq!((pairs.lines.len(), pairs.lines.name(&[5])), (6, "entry 6".to_owned()));
    let named =
        CountRequest { layout: Layout::Frequencies { features: "2" }, count: Some("1"), ..request };
    assert_eq!(read("0 2\n1 1\n", &named).counts, [0.0, 0.0, 1.0]);
}

/// The place of a value among those that were met, which it joins.
fn number(of: &mut Vec<u64>, value: u64) -> u32 {
    of.iter().position(|known| *known == value).unwrap_or_else(|| {
        of.push(value);
        of.len() - 1
    }) as u32
}

/// Many samples, features and groups against a count by hand.
#[test]
fn many_events() {
    let event = |k: u64| (k * k * 31 % 977 % 211, k * 7919 % 523);
    let mut text = "book;verse;word\n".to_owned();
    for k in 0..20_000 {
        let (verse, word) = event(k);
        writeln!(text, "b{};v{verse};w{word}", verse % 17).unwrap();
    }
    let table = counts("t.csv", text.as_bytes(), &EVENTS).unwrap();
    let (mut verses, mut words, mut books) = (Vec::new(), Vec::new(), Vec::new());
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for k in 0..20_000 {
        let (verse, word) = event(k);
        number(&mut books, verse % 17);
        pairs.push((number(&mut words, word), number(&mut verses, verse)));
    }
    pairs.sort_unstable();
    pairs.dedup();
    let of_book = |verse: &u64| books.iter().position(|book| *book == verse % 17).unwrap() as u32;
    let incidence = table.incidence.unwrap();
    assert_eq!(incidence.groups, Some(verses.iter().map(of_book).collect()));
    assert_eq!((incidence.samples, incidence.group_count), (verses.len(), books.len()));
    let mut counts = vec![0.0; words.len()];
    for pair in &pairs {
        counts[pair.0 as usize] += 1.0;
    }
    assert_eq!((table.counts, incidence.pairs), (counts, pairs));
}
