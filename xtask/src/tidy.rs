//! `cargo xtask tidy`: the house rules that no compiler checks.
//!
//! Each rule is a function from the repository's files to complaints; all complaints are printed.

mod crates;
mod release;

use crate::process::root;
use crates::{arrows, declarations};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A source or text file of the repository: path relative to its top, and contents.
struct File {
    path: String,
    text: String,
}

type Rule = fn(&[File]) -> Vec<String>;

const RULES: [(&str, Rule); 13] = [
    ("the top level is what it is", top_level),
    ("every source file says at its top what it is for", purpose),
    ("source files stay readable in one sitting", length),
    ("comments fit a narrow window", narrow),
    ("nothing unfinished is committed", unfinished),
    ("the project speaks only of itself", foreign_paths),
    ("linear algebra runs on the calling thread", one_thread),
    ("arrows between crates point down", arrows),
    ("a chapter declares the crates it uses", declarations),
    ("results are cited, not typed", typed_numbers),
    ("the README shows both commands", readme),
    ("version and date are the same everywhere", release::versions),
    ("what is made from other files agrees with them", release::derived_files),
];

/// Runs all rules; fails with every complaint printed.
pub(crate) fn run() -> Result<ExitCode, String> {
    let files = files(&root())?;
    let mut complaints = 0;
    for (name, rule) in RULES {
        for complaint in rule(&files) {
            println!("tidy: {complaint} ({name})");
            complaints += 1;
        }
    }
    if complaints == 0 {
        println!("tidy: {} files keep {} rules", files.len(), RULES.len());
        Ok(ExitCode::SUCCESS)
    } else {
        Err(format!("tidy: {complaints} complaints"))
    }
}

/// All text files we write by hand, and whatever lies at the top level, found by walking (no git
/// needed: a packaged tree is checked too).
fn files(top: &Path) -> Result<Vec<File>, String> {
    let mut found = Vec::new();
    let mut folders = vec![top.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries =
            std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let mut paths: Vec<PathBuf> =
            entries.filter_map(|entry| entry.ok().map(|e| e.path())).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            let relative = path.strip_prefix(top).unwrap_or(&path).to_string_lossy().into_owned();
            if path.is_dir() {
                if !matches!(name, "target" | ".git" | "figures" | "report" | "snapshots") {
                    folders.push(path);
                }
            } else if let Some("rs" | "toml" | "md" | "yml" | "cff") =
                path.extension().and_then(|e| e.to_str())
                && let Ok(text) = std::fs::read_to_string(&path)
            {
                found.push(File { path: relative, text });
            } else if name == "codemeta.json"
                && let Ok(text) = std::fs::read_to_string(&path)
            {
                found.push(File { path: relative, text });
            } else if folder == top {
                found.push(File { path: relative, text: String::new() });
            }
        }
    }
    Ok(found)
}

fn sources(files: &[File]) -> impl Iterator<Item = &File> {
    files
        .iter()
        .filter(|file| Path::new(&file.path).extension().is_some_and(|extension| extension == "rs"))
}

fn top_level(files: &[File]) -> Vec<String> {
    const NAMES: [&str; 12] = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CITATION.cff",
        "CONTRIBUTING.md",
        "crates",
        "figures",
        "paper-repro",
        "xtask",
        "tests",
    ];
    let name = |file: &File| file.path.split('/').next().unwrap_or_default().to_owned();
    let known = |name: &String| {
        NAMES.contains(&name.as_str()) || name.starts_with('.') || name.starts_with("LICENSE")
    };
    let mut strange: Vec<String> = files.iter().map(name).filter(|name| !known(name)).collect();
    strange.dedup();
    strange.into_iter().map(|name| format!("{name}: has no place at the top level")).collect()
}

fn purpose(files: &[File]) -> Vec<String> {
    let silent = sources(files).filter(|file| !file.text.starts_with("//! "));
    silent.map(|file| format!("{}: line 1 should start with //!", file.path)).collect()
}

fn length(files: &[File]) -> Vec<String> {
    let limit = |file: &File| if file.path.starts_with("paper-repro/chapters") { 390 } else { 400 };
    let long = sources(files).filter(|file| file.text.lines().count() > limit(file));
    long.map(|file| {
        format!("{}: {} lines, at most {}", file.path, file.text.lines().count(), limit(file))
    })
    .collect()
}

/// The formatter breaks code at 100 characters, but no comments. Examples are code, and rows of
/// tables cannot be broken.
fn narrow(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in sources(files) {
        let mut example = false;
        for (number, line) in file.text.lines().enumerate() {
            let Some(comment) = line.trim_start().strip_prefix("//") else { continue };
            let comment = comment.trim_start_matches(['/', '!']).trim_start();
            example ^= comment.starts_with("```");
            if !example && !comment.starts_with('|') && line.chars().count() > 100 {
                complaints.push(format!("{}:{}: over 100 characters", file.path, number + 1));
            }
        }
    }
    complaints
}

fn unfinished(files: &[File]) -> Vec<String> {
    // Spelt in halves so that this file does not complain of itself.
    let words =
        [["todo", "!("], ["unimplemented", "!("], ["#[ig", "nore"], ["dbg", "!("], ["FIX", "ME"]];
    lines_with(sources(files), &words.map(|halves| halves.concat()))
}

fn foreign_paths(files: &[File]) -> Vec<String> {
    let words = [["../sha", "red"], ["/wo", "rk/"], ["/ro", "ot/"], ["/ho", "me/"]];
    lines_with(files.iter(), &words.map(|halves| halves.concat()))
}

/// The high-level interface of faer follows a global setting for threads, and its last bits with
/// it.
fn one_thread(files: &[File]) -> Vec<String> {
    let words = [
        "thin_svd",
        "svd",
        "self_adjoint_eigen",
        "llt",
        "ldlt",
        "lblt",
        "qr",
        "col_piv_qr",
        "partial_piv_lu",
    ];
    let library = |file: &&File| file.path.starts_with("crates/") && file.path.contains("/src/");
    lines_with(sources(files).filter(library), &words.map(|word| format!(".{word}(")))
}

fn lines_with<'a>(files: impl Iterator<Item = &'a File>, words: &[String]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files {
        for (number, line) in file.text.lines().enumerate() {
            if let Some(word) = words.iter().find(|word| line.contains(word.as_str())) {
                complaints.push(format!("{}:{}: {word}", file.path, number + 1));
            }
        }
    }
    complaints
}

/// A paragraph that cites findings tells results: no digit in it may be typed, but in formulas and
/// code.
fn typed_numbers(files: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| file.path.starts_with("paper-repro/chapters/")) {
        let prose = |line: &str| {
            let text = line.strip_prefix("//")?;
            (!text.starts_with('/')).then(|| text.trim_start_matches('!').trim().to_owned())
        };
        let lines: Vec<String> =
            file.text.lines().map(|line| prose(line).unwrap_or_default()).collect();
        for paragraph in lines.split(String::is_empty).map(|lines| lines.join(" ")) {
            let (cited, rest) = without_citations(&paragraph);
            let bare: String = rest.split(['$', '`']).step_by(2).collect();
            if cited && let Some(at) = bare.find(|c: char| c.is_ascii_digit()) {
                let from = bare[..at].rfind(' ').map_or(0, |space| space + 1);
                let word = bare[from..].split(' ').next().unwrap_or_default();
                complaints.push(format!("{}: {word:?} in a paragraph of results", file.path));
            }
        }
    }
    complaints
}

/// Whether a paragraph cites something, and what is left without its citations.
fn without_citations(paragraph: &str) -> (bool, String) {
    let (mut cited, mut rest) = (false, String::new());
    for (number, piece) in paragraph.split('{').enumerate() {
        match piece
            .split_once('}')
            .filter(|(name, _)| number > 0 && name.contains('.') && !name.contains(' '))
        {
            Some((_, after)) => {
                cited = true;
                rest.push_str(after);
            }
            None => rest.push_str(piece),
        }
    }
    (cited, rest)
}

fn readme(files: &[File]) -> Vec<String> {
    let text =
        files.iter().find(|file| file.path == "README.md").map_or("", |file| file.text.as_str());
    let commands = ["cargo xtask repro", "cargo xtask ci"];
    let missing = commands.into_iter().filter(|command| !text.contains(command));
    missing.map(|command| format!("README.md: does not show `{command}`")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_stranger_at_the_top_level_is_seen() {
        let files = [
            file(".ci/run.md", ""),
            file("crates/a.rs", ""),
            file("LICENSE-MIT", ""),
            file("slurm-1.out", ""),
        ];
        assert_eq!(top_level(&files), ["slurm-1.out: has no place at the top level"]);
    }

    #[test]
    fn a_long_comment_is_seen_and_a_long_example_is_not() {
        let long = "word ".repeat(20);
        let text = format!("//! {long}.\n\n/// ```\n/// {long}.\n/// ```\nlet a = \"{long}.\";\n");
        let found = narrow(&[file("crates/a/src/b.rs", &text)]);
        assert_eq!(found, ["crates/a/src/b.rs:1: over 100 characters"]);
    }

    #[test]
    fn factorisations_on_many_threads_are_seen() {
        let text = "let svd = a.thin_svd();\nlet own = thin_svd(a);\n";
        let files = [file("crates/a/src/b.rs", text), file("crates/a/tests/b.rs", text)];
        assert_eq!(one_thread(&files), ["crates/a/src/b.rs:1: .thin_svd("]);
    }

    #[test]
    fn an_upward_arrow_is_seen() {
        let wrong =
            "[package]\n\n[dependencies]\nasymscale-solvers.workspace = true\n\n[features]\n";
        let found = arrows(&[file("crates/asymscale-theory/Cargo.toml", wrong)]);
        assert!(
            found
                .iter()
                .any(|c| c.contains("asymscale-theory must not depend on asymscale-solvers"))
        );
    }

    #[test]
    fn an_undeclared_crate_is_seen_and_a_declared_one_is_not() {
        let text = "crates: &[\"asymscale-model\"],\nuse asymscale_model::A;\nlet x = asymscale_theory::loss();\n";
        let found = declarations(&[file("paper-repro/chapters/01.rs", text)]);
        assert_eq!(
            found,
            ["paper-repro/chapters/01.rs: uses asymscale_theory and does not declare it"]
        );
    }

    #[test]
    fn a_typed_number_among_results_is_seen() {
        let text = "// It is {peak.measured} of $2 D$, `v2`.\n//\n// With 3 samples.\nfn a() {}\n\n// {peak.low} or 0.98.\n";
        let found = typed_numbers(&[file("paper-repro/chapters/01.rs", text)]);
        assert_eq!(found, ["paper-repro/chapters/01.rs: \"0.98.\" in a paragraph of results"]);
    }

    #[test]
    fn unfinished_work_and_silent_files_are_seen() {
        let text = format!("fn main() {{ {}) }}\n", ["todo", "!("].concat());
        let files = [file("a.rs", &text)];
        assert_eq!((unfinished(&files).len(), purpose(&files).len()), (1, 1));
    }
}
