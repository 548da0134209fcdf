//! The command as a person or a script calls it, and tables for it.

#[path = "../common/schema.rs"]
mod schema;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// 104 public runs.
pub(crate) const PUBLIC: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/openlm-104-models.csv");

pub(crate) fn asymscale(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_asymscale")).args(words).output().unwrap()
}

pub(crate) fn fit(words: &[&str]) -> Output {
    asymscale(&[&["fit"], words].concat())
}

/// What an answer says.
pub(crate) fn said(output: Output, words: &[&str]) -> String {
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    let command = words.first().filter(|word| **word == "predict").unwrap_or(&"fit");
    schema::conforms(command, words, &printed);
    printed
}

/// Why there is no answer: nothing on standard output, and exit code 2.
pub(crate) fn refused(output: Output, words: &[&str]) -> String {
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{words:?}");
    String::from_utf8(output.stderr).unwrap()
}

pub(crate) fn text(words: &[&str]) -> String {
    said(fit(words), words)
}

pub(crate) fn json(words: &[&str]) -> Value {
    serde_json::from_str(&text(&[words, &["--json"]].concat())).unwrap()
}

pub(crate) fn refusal(words: &[&str]) -> String {
    refused(fit(words), words)
}

/// A file of the data of asymscale-tables.
pub(crate) fn case(name: &str) -> String {
    format!("{}/../asymscale-tables/tests/data/fit/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A folder of a test's own, where relative names of files stay the same in messages.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A table in a folder of its own.
pub(crate) fn written(name: &str, table: &str) -> String {
    let path = folder("written").join(name);
    std::fs::write(&path, table).unwrap();
    path.to_str().unwrap().to_owned()
}
