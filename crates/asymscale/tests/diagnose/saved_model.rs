//! `asymscale diagnose --save-model`: what is in the file, and what is said of it.

use super::{folder, lawful, run, text};
use std::fmt::Write as _;
use std::fs::read_to_string;
use std::path::Path;

/// A saved model as its readers see it: the tail's four numbers, and variance and activity of rows.
struct Saved {
    tail: Option<[f64; 4]>,
    rows: Vec<[f64; 2]>,
    /// First cells and counts.
    features: Vec<(String, u64)>,
}

fn saved(path: &Path) -> Saved {
    let text = read_to_string(path).unwrap();
    let mut lines = text.lines().peekable();
    let tail = lines.next_if(|line| line.starts_with('#')).map(|line| {
        let numbers = line.strip_prefix("# tail: variance ").unwrap().replace(", activity", "");
        let numbers: Vec<f64> = numbers.split(' ').map(|word| word.parse().unwrap()).collect();
        <[f64; 4]>::try_from(numbers).unwrap()
    });
    let header = "feature,count,variance,activity,activity_mean,activity_low,activity_high";
    assert_eq!(lines.next(), Some(header));
    let (mut rows, mut features) = (Vec::new(), Vec::new());
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), 7, "{line}");
        rows.push([2, 3].map(|cell: usize| cells[cell].parse::<f64>().unwrap()));
        features.push((cells[0].to_owned(), cells[1].parse().unwrap()));
    }
    Saved { tail, rows, features }
}

/// Of an exact law with β = 2 and energies ∝ p^½, hence α = 2 (seed 1).
#[test]
fn the_file_holds_seen_and_expected_features_and_how_they_go_on() {
    let folder = folder("diagnose-save", &[("counts.csv", &lawful())]);
    let words = "diagnose counts.csv --samples 10000 --moment-column moment --save-model f.csv";
    let answer = text(&run(&folder, &format!("{words} --model-resamples 2")));
    let said: Vec<&str> =
        answer.lines().skip_while(|line| !line.starts_with("Saved")).take(7).collect();
    insta::assert_snapshot!(said.join("\n"));
    let Saved { tail, rows, features } = saved(&folder.join("f.csv"));
    let seen = lawful().lines().count() - 1;
    assert!(features[..seen].iter().all(|feature| feature.1 > 0));
    assert!(features[seen..].iter().all(|feature| *feature == (String::new(), 0)));
    // What rare features lose is what unseen features hold: activations per sample stay what they
    // are, to what features seen among those as rare as the tail take from it (2 %).
    let activations: f64 = features.iter().map(|feature| feature.1 as f64).sum::<f64>() / 1e4;
    let listed: f64 = rows.iter().map(|row| row[1]).sum();
    let beyond = tail.map_or(0.0, |[_, _, front, exponent]| {
        let from = rows.len() as f64 + 0.5;
        front * from.powf(1.0 - exponent) / (exponent - 1.0)
    });
    assert!(
        ((listed + beyond) / activations - 1.0).abs() < 0.02,
        "{listed} {beyond} {activations}"
    );
    // λ ∝ p^(3/2): the second moments are exact, so that every feature is on the line, to an error
    // of a few thousandths of its slope over the forty units of ln p that activities span.
    let front = |row: &[f64; 2]| row[0] / row[1].powf(1.5);
    let rare = rows.iter().zip(&features).filter(|(_, feature)| feature.1 <= 4);
    let fronts: Vec<f64> = rare.map(|(row, _)| front(row)).collect();
    let mean = fronts.iter().sum::<f64>() / fronts.len() as f64;
    let furthest = fronts.iter().map(|front| (front / mean).ln().abs()).fold(0.0, f64::max);
    assert!(furthest < 0.1, "{furthest}");
    // Draws are other models, and the same for the same seed.
    let draw = |k: usize| read_to_string(folder.join(format!("f.{k}.csv"))).unwrap();
    let first = draw(1);
    assert_ne!(first, draw(2));
    text(&run(&folder, &format!("{words} --model-resamples 1")));
    assert_eq!(first, draw(1));
}

#[test]
fn without_a_law_there_is_no_tail_and_that_is_said() {
    let table = "word,n\nthe,90\n\"a, b\",12\nrare,1\n";
    let folder = folder("diagnose-save-few", &[("counts.csv", table)]);
    let answer = text(&run(&folder, "diagnose counts.csv --samples 100 --save-model f.csv"));
    assert!(answer.contains("Saved a model of 3 features to f.csv: 3 seen and 0 expected"));
    assert!(answer.contains("There is no tail: no law of activity describes these counts."));
    let lines = read_to_string(folder.join("f.csv")).unwrap();
    let cells: Vec<&str> = lines.lines().map(|line| line.split(",0.").next().unwrap()).collect();
    let header = "feature,count,variance,activity,activity_mean,activity_low,activity_high";
    assert_eq!(cells, [header, "the,90", "\"a, b\",12", "rare,1"]);
    assert!(lines.contains("rare,1,0.01,0.01,0.01,"));
}

#[test]
fn features_of_events_keep_their_names() {
    let mut table = "text,word\n".to_owned();
    for text in 0..20 {
        let lichen = if text % 5 == 0 { format!("{text},lichen\n") } else { String::new() };
        write!(table, "{text},the\n{lichen}").unwrap();
    }
    let folder = folder("diagnose-save-events", &[("events.csv", &table)]);
    let words = "diagnose events.csv --sample-column text --feature-column word --json";
    let output = run(&folder, &format!("{words} --save-model f.csv"));
    // JSON goes to standard output alone.
    serde_json::from_str::<serde_json::Value>(&text(&output)).unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("Saved a model of 2 features"));
    let names: Vec<String> =
        saved(&folder.join("f.csv")).features.into_iter().map(|feature| feature.0).collect();
    assert_eq!(names, ["the", "lichen"]);
}

/// The table does not exist, which would be said first if it were read first.
#[test]
fn files_that_cannot_be_written_are_refused_before_any_work() {
    let folder = folder("diagnose-save-refused", &[("counts.csv", "n\n3\n1\n")]);
    let refused = |words: &str| {
        let output = run(&folder, &format!("diagnose {words}"));
        assert_eq!(output.status.code(), Some(2), "{words}");
        String::from_utf8(output.stderr).unwrap()
    };
    let there = refused("none.csv --samples 9 --save-model no/such/f.csv");
    assert!(there.starts_with("error: --save-model no/such/f.csv: cannot be written"), "{there}");
    let same = refused("counts.csv --samples 9 --save-model ./counts.csv");
    assert!(same.contains("must be another file than the table that is read"), "{same}");
    let many = refused("none.csv --samples 9 --save-model f.csv --model-resamples 1001");
    assert!(many.contains("must be a whole number in 0..1000"), "{many}");
    let alone = refused("none.csv --samples 9 --model-resamples 5");
    assert!(alone.contains("--save-model"), "{alone}");
}
