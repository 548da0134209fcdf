//! Edited sources under the real binary: prose recomputes nothing, what is drawn marks figures
//! alone, and code that rows depend on recomputes those that do.
//!
//! A copy of the workspace is edited and built, with the third-party crates of this build, so that
//! only our own are compiled again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The binary of the copy, named so that it replaces nothing.
const BINARY: &str = "repro-edited";
/// Chapters that are quick and name the library below among what they depend on. Only the first
/// uses the helper.
const CHAPTERS: [&str; 2] = ["01", "04"];
const PROSE: &str = "paper-repro/chapters/01-the-model.rs";
const SOURCE: &str = "paper-repro/chapters/04-unseen-bottleneck.rs";
const HELPER: &str = "paper-repro/src/draw.rs";
const PLOTS: &str = "crates/asymscale-plots/src/theme.rs";
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
    // A version of its own keeps what is built here apart from what is built of the original: cargo
    // tells packages of workspaces by name, version and path from the workspace, and would take one
    // for the other.
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
    // What is compared does not depend on how far our own crates are optimised, and they are
    // compiled four times.
    cargo.current_dir(workspace).env("CARGO_TARGET_DIR", &target);
    cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    let built =
        cargo.args(["build", "--release", "--quiet", "--package", "paper-repro", "--bin", BINARY]);
    let built = built.output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    target.join("release").join(BINARY)
}

/// What the binary says about both chapters: on standard output and beside it.
fn ask(binary: &Path, out: &Path, words: &[&str]) -> (String, String) {
    let mut run = Command::new(binary);
    let ran = run
        .args(CHAPTERS)
        .args(["--quick", "--verbose"])
        .args(words)
        .arg("--out")
        .arg(out)
        .output()
        .unwrap();
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

/// Runs, and says of each chapter whether its cells were computed: none, or all.
fn computed(binary: &Path, out: &Path) -> [bool; 2] {
    let said = ask(binary, out, &[]).1;
    CHAPTERS.map(|chapter| {
        let mut lines = said.lines();
        let line =
            lines.find(|line| line.starts_with(chapter) && line.contains(" cached")).unwrap();
        let (all, none) = (line.contains(": 0 cached"), line.contains(" 0 computed"));
        assert!(all != none, "{line}");
        all
    })
}

/// A file that a run wrote, without the line of its fingerprint.
fn written(out: &Path, name: &str) -> String {
    let text = fs::read_to_string(out.join(name)).unwrap();
    text.lines().filter(|line| !line.contains("fingerprint: ")).collect::<Vec<_>>().join("\n")
}

/// The fingerprints beside the figure of the second chapter: of its rows, and its own.
fn fingerprints(out: &Path) -> [String; 2] {
    let text = fs::read_to_string(out.join("figures/04-unseen-bottleneck.json")).unwrap();
    let of = |made: &str| {
        let (_, after) =
            text.split_once(&format!("\"{made}\": {{\n    \"fingerprint\": \"")).unwrap();
        after.split('"').next().unwrap().to_owned()
    };
    ["rows", "figures"].map(of)
}

const FRESH: &str = "rows fresh; figures fresh";

#[test]
fn edits_mark_what_depends_on_them_and_nothing_else() {
    let (workspace, out) = (workspace(), tempfile::tempdir().unwrap());
    let out = out.path();
    let binary = build(&workspace);
    assert_eq!(states(&binary, out), ["rows missing; figures missing"; 2]);
    assert_eq!(computed(&binary, out), [true; 2]);
    assert_eq!(states(&binary, out), [FRESH; 2]);
    let [rows, figures] = fingerprints(out);
    let (svg, csv) = ("figures/04-unseen-bottleneck.svg", "figures/04-unseen-bottleneck.csv");
    let (drawing, data) = (written(out, svg), written(out, csv));

    // Prose of a chapter and of a library; a colour in what another chapter reports.
    edit(
        &workspace.join(PROSE),
        "The abstract proposes a model",
        "The abstract puts forward a model",
    );
    edit(&workspace.join(LIBRARY), "/// Arithmetic mean.", "/// The arithmetic mean.");
    edit(
        &workspace.join(SOURCE),
        "draw::line(*number, theory?)",
        "draw::line(*number + 1, theory?)",
    );
    let binary = build(&workspace);
    let drawn = "rows fresh; figures stale by chapters/04-unseen-bottleneck.rs";
    assert_eq!(states(&binary, out), [FRESH, drawn]);
    assert_eq!(computed(&binary, out), [false; 2]);
    assert_eq!(states(&binary, out), [FRESH; 2]);
    for page in ["01-the-model.md", "index.html"] {
        let page = written(out, &format!("report/{page}"));
        assert!(page.contains("The abstract puts forward a model"), "the edited sentence is woven");
    }
    let [same, other] = fingerprints(out);
    assert!(same == rows && other != figures, "{same} {rows} {other} {figures}");
    assert!(written(out, svg) != drawing && written(out, csv) == data);

    // The crate that draws, and an item of a helper that only one of the chapters uses.
    edit(
        &workspace.join(PLOTS),
        "GRID: Color = Color::Rgb(0xe6, 0xe6, 0xe6)",
        "GRID: Color = Color::Rgb(0xe5, 0xe5, 0xe5)",
    );
    edit(&workspace.join(HELPER), "..line(number, theory)", "..line(number + 1, theory)");
    let binary = build(&workspace);
    let both = "rows fresh; figures stale by asymscale-plots, src/draw.rs";
    assert_eq!(states(&binary, out), [both, "rows fresh; figures stale by asymscale-plots"]);
    assert_eq!(computed(&binary, out), [false; 2]);
    assert_eq!(states(&binary, out), [FRESH; 2]);
    assert!(fingerprints(out)[0] == rows && written(out, csv) == data);

    // A library that rows depend on, and a constant that a run uses.
    edit(
        &workspace.join(LIBRARY),
        "let least = (variance / self.count as f64).sqrt();",
        "let least = f64::sqrt(variance / self.count as f64);",
    );
    edit(&workspace.join(SOURCE), "const ALPHA: f64 = 1.0;", "const ALPHA: f64 = 1.25;");
    let binary = build(&workspace);
    let library = "rows stale by asymscale-montecarlo; figures stale";
    let too = "rows stale by asymscale-montecarlo, chapters/04-unseen-bottleneck.rs; figures stale";
    assert_eq!(states(&binary, out), [library, too]);
    assert_eq!(computed(&binary, out), [true; 2]);
    assert_eq!(states(&binary, out), [FRESH; 2]);
    assert!(fingerprints(out)[0] != rows && written(out, csv) != data);
}
