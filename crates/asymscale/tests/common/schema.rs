//! Holds answers in JSON against the schemas that the command prints.

use std::path::Path;

/// Asserts that what a command printed is what `asymscale schema` says of it, if it was asked for
/// JSON.
pub(crate) fn conforms(command: &str, words: &[&str], printed: &str) {
    if words.contains(&"--json") {
        let found = validated(command, printed);
        found.unwrap_or_else(|error| panic!("{command} {words:?} is not as its schema: {error}"));
    }
}

/// Whether an answer is what the schema of its command says, and else why not.
pub(crate) fn validated(command: &str, printed: &str) -> Result<(), String> {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(format!("{command}.json"));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("{command}: no schema"));
    let schema = serde_json::from_str(&text).unwrap();
    let answer = serde_json::from_str(printed).unwrap();
    let mut compiler = boon::Compiler::new();
    let mut schemas = boon::Schemas::new();
    compiler.add_resource("answer.json", schema).unwrap();
    let index = compiler.compile("answer.json", &mut schemas).unwrap();
    schemas.validate(&answer, index).map_err(|error| format!("{error:#}"))
}
