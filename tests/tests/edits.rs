//! Edited sources under the real binary: prose and comments recompute nothing, code recomputes what depends on it.
//!
//! A copy of the workspace is edited and built, with the third-party crates of this build, so that only our own are compiled again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The binary of the copy, named so that it replaces nothing.
const BINARY: &str = "repro-edited";
/// A chapter that is quick and names the library below among what it depends on.
const CHAPTER: &str = "04";
const SOURCE: &str = "paper-repro/chapters/04-unseen-bottleneck.rs";
const LIBRARY: &str = "crates/asymscale-montecarlo/src/summary.rs";

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, copied) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            fs::copy(&path, &copied).unwrap();
        }
    }
}

/// A copy of the sources in a folder of its own.
fn workspace() -> PathBuf {
    let copied = Path::new(env!("CARGO_TARGET_TMPDIR")).join("edited");
    let _ = fs::remove_dir_all(&copied);
    for folder in ["crates", "paper-repro", "tests", "xtask", ".cargo"] {
        copy(&top().join(folder), &copied.join(folder));
    }
    for file in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(top().join(file), copied.join(file)).unwrap();
    }
    // A version of its own keeps what is built here apart from what is built of the original: cargo tells packages of workspaces by
    // name, version and path from the workspace, and would take one for the other.
    edit(&copied.join("Cargo.toml"), "\nversion = \"0.1.0\"\n", "\nversion = \"0.1.999\"\n");
    let manifest = copied.join("paper-repro/Cargo.toml");
    let bin = format!("\n[[bin]]\nname = \"{BINARY}\"\npath = \"src/main.rs\"\n");
    fs::write(&manifest, fs::read_to_string(&manifest).unwrap() + &bin).unwrap();
    copied
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{}: {from:?}", file.display());
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

/// Builds the copy and hands back its binary.
fn build(workspace: &Path) -> PathBuf {
    // The folder of this build: …/release/deps/edits-….
    let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_path_buf();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(workspace).env("CARGO_TARGET_DIR", &target);
    let built = cargo.args(["build", "--release", "--quiet", "--package", "paper-repro", "--bin", BINARY]);
    let built = built.output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    target.join("release").join(BINARY)
}

/// What the binary says about two chapters, the second the edited one: on standard output and beside it.
fn ask(binary: &Path, out: &Path, words: &[&str]) -> (String, String) {
    let mut run = Command::new(binary);
    let ran = run.args(["01", CHAPTER, "--quick"]).args(words).arg("--out").arg(out).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    [ran.stdout, ran.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).into()
}

/// What became of either chapter.
fn states(binary: &Path, out: &Path) -> [String; 2] {
    let said = ask(binary, out, &["--status"]).0;
    let state = |line: &str| line.split_once(' ').map(|(_, state)| state.trim().to_owned());
    let states: Vec<String> = said.lines().filter_map(state).collect();
    states.try_into().unwrap()
}

/// How many of the cells of the edited chapter were computed: none, or all.
fn computed(said: &str) -> bool {
    let line = said.lines().find(|line| line.starts_with(CHAPTER) && line.contains(" cached")).unwrap();
    let (all, none) = (line.contains(": 0 cached"), line.contains(" 0 computed"));
    assert!(all != none, "{line}");
    all
}

#[test]
fn prose_recomputes_nothing_and_code_what_depends_on_it() {
    let (workspace, out) = (workspace(), tempfile::tempdir().unwrap());
    let out = out.path();
    let binary = build(&workspace);
    assert_eq!(states(&binary, out), ["missing", "missing"]);
    assert!(computed(&ask(&binary, out, &[]).1));
    assert_eq!(states(&binary, out), ["fresh", "fresh"]);

    edit(&workspace.join(SOURCE), "Had we dropped", "If we had dropped");
    edit(&workspace.join(LIBRARY), "/// Arithmetic mean.", "/// The arithmetic mean.");
    let binary = build(&workspace);
    assert_eq!(states(&binary, out), ["fresh", "fresh"]);
    assert!(!computed(&ask(&binary, out, &[]).1));
    for page in ["04-unseen-bottleneck.md", "index.html"] {
        let page = fs::read_to_string(out.join("report").join(page)).unwrap();
        assert!(page.contains("If we had dropped"), "the edited sentence is woven");
    }

    edit(&workspace.join(LIBRARY), "let count = values.len();", "let count = values.iter().count();");
    let binary = build(&workspace);
    let stale = "stale: changed since it was drawn: asymscale-montecarlo";
    assert_eq!(states(&binary, out), [stale, stale]);
    assert!(computed(&ask(&binary, out, &[]).1));

    edit(&workspace.join(SOURCE), "const ALPHA: f64 = 1.0;", "const ALPHA: f64 = 1.25;");
    let binary = build(&workspace);
    let stale = "stale: changed since it was drawn: chapter 04-unseen-bottleneck";
    assert_eq!(states(&binary, out), ["fresh", stale]);
    let said = ask(&binary, out, &[]).1;
    assert!(
        computed(&said) && said.lines().any(|line| line.starts_with("01") && line.contains(" 0 computed")),
        "{said}"
    );
    assert_eq!(states(&binary, out), ["fresh", "fresh"]);
}
