//! The command as a person or a script calls it.

#![allow(dead_code, reason = "every file of tests uses a part")]

pub(crate) mod schema;

use std::process::{Command, Output};

pub(crate) fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_asymscale"))
}

pub(crate) fn run(words: &str) -> Output {
    command().args(words.split_whitespace()).output().unwrap()
}

/// The answer, and what was said beside it.
pub(crate) fn answer(words: &str) -> (String, String) {
    let output = run(words);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{words}: {said}");
    let printed = String::from_utf8(output.stdout).unwrap();
    let words: Vec<&str> = words.split_whitespace().collect();
    schema::conforms(words[0], &words, &printed);
    (printed, said)
}

pub(crate) fn text(words: &str) -> String {
    answer(words).0
}

pub(crate) fn json(words: &str) -> serde_json::Value {
    serde_json::from_str(&text(&format!("{words} --json"))).unwrap()
}

/// The rows of CSV without quotes, the heads first.
pub(crate) fn csv(words: &str) -> Vec<Vec<String>> {
    let text = text(&format!("{words} --csv"));
    text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// Why there is no answer: nothing on standard output, and exit code 2.
pub(crate) fn refused(words: &str) -> String {
    let output = run(words);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{words}");
    String::from_utf8(output.stderr).unwrap()
}
