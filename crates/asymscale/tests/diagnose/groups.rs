//! Activations in samples that come in groups, as events and as a matrix.

use super::{folder, json, run, text};
use std::fmt::Write as _;

/// 60 documents of 10 texts each. Word `w` is common to all; each document has a topic of its own
/// with words of its own, in most of its texts.
fn documents() -> (String, String) {
    let mut events = "document,text,word\n".to_owned();
    let mut matrix = "document".to_owned();
    let words = 60 * 4 + 3;
    for word in 0..words {
        write!(matrix, ",w{word}").unwrap();
    }
    for text in 0..600 {
        let document = text / 10;
        write!(matrix, "\nd{document}").unwrap();
        for word in 0..words {
            let common = word < 3 && (text + word) % 2 == 0;
            let own = word >= 3 && (word - 3) / 4 == document && (word < 180 || text % 10 < 7);
            if common || own {
                writeln!(events, "d{document},t{text},w{word}").unwrap();
            }
            matrix += if common || own { ",1" } else { ",0" };
        }
    }
    (events, matrix + "\n")
}

/// By texts every word was seen often; by documents nearly all once. Forecasts are for more
/// documents.
#[test]
fn documents_are_what_was_drawn() {
    let (events, matrix) = documents();
    let folder = folder("diagnose-groups", &[("events.csv", &events), ("matrix.csv", &matrix)]);
    let by_texts = json(&folder, "diagnose events.csv --sample-column text --feature-column word");
    assert_eq!((&by_texts["grouped"], &by_texts["units"]), (&false.into(), &600.into()));
    assert_eq!(by_texts["singletons"], 0);
    let question =
        "diagnose events.csv --sample-column text --feature-column word --group-column document";
    let by_documents = json(&folder, question);
    assert_eq!((&by_documents["grouped"], &by_documents["units"]), (&true.into(), &60.into()));
    assert_eq!((&by_documents["samples"], &by_documents["singletons"]), (&600.into(), &240.into()));
    // Twice the documents bring as many words again.
    let new = &by_documents["forecasts"][0]["new_features"]["estimate"];
    assert!(
        new["lower"].as_f64().unwrap() <= 240.0 && new["upper"].as_f64().unwrap() >= 240.0,
        "{new}"
    );
    // The same as a matrix.
    let other =
        json(&folder, "diagnose matrix.csv --matrix samples-by-features --group-column document");
    assert_eq!(other["forecasts"], by_documents["forecasts"]);
    insta::assert_snapshot!(text(&run(&folder, question)));
    text(&run(&folder, &format!("{question} --plot words.svg")));
    let svg = std::fs::read_to_string(folder.join("words.svg")).unwrap();
    assert!(svg.contains("groups in which a feature is active"));
}
