//! Fingerprints of the code that results depend on, made at build time so that a binary carried to
//! another machine still knows what it was built from.
//!
//! A fingerprint is taken of the tokens, not of the text: comments, documentation, white space and
//! `#[cfg(test)]` items are left out, so an edited sentence or test recomputes nothing. Of the
//! reproduction itself it is taken item by item: of what a chapter's plan and run reach for its
//! rows, and of what its report reaches besides for its figures.

mod code;

use code::packages::{self, Package};
use code::program::{Program, included};
use code::reach::{Conditions, Reach};
use code::source::{Source, words_of};
use code::tokens::code_tokens;
use proc_macro2::{TokenStream, TokenTree};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The function that makes the table of all that a figure draws, beside every figure.
const DRAWN: &str = "drawn_table";

fn main() {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let top = here.parent().expect("the workspace").to_path_buf();
    let locked = packages::locked(&read(&top.join("Cargo.lock")));
    let mut code = String::from("pub(super) const CRATES: &[Unit] = &[\n");
    let mut traits = BTreeSet::new();
    for folder in sorted(&top.join("crates")) {
        let name = file_name(&folder);
        let below = packages::below(&name, &read(&folder.join("Cargo.toml")), &locked);
        let hash = hash_crate(&top, &rust_files(&folder.join("src")), &mut traits);
        unit(&mut code, &name, &hash, below.iter().map(|id| unit_name(id, &locked)));
    }
    code += "];\npub(super) const PACKAGES: &[Unit] = &[\n";
    for package in locked.values().filter(|package| !package.content.is_empty()) {
        unit(
            &mut code,
            &package.id,
            &package.content,
            package.below.iter().map(|id| unit_name(id, &locked)),
        );
    }
    code += "];\npub(super) const CHAPTERS: &[Chapter] = &[\n";
    let own = Own::new(&here, &locked, traits);
    for chapter in sorted(&here.join("chapters")) {
        own.chapter(&chapter, &mut code);
    }
    code += "];\n";
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("fingerprints.rs"), code).expect("the output folder is writable");
    println!("cargo::rustc-env=PAPER_REPRO_RUSTC={}", compiler());
    for watched in ["../crates", "../tests/data", "chapters", "src", "../Cargo.lock", "build"] {
        println!("cargo::rerun-if-changed={watched}");
    }
}

/// The compiler, as it names itself.
fn compiler() -> String {
    let asked =
        Command::new(env::var_os("RUSTC").expect("cargo sets it")).arg("--version").output();
    let told = asked.map(|told| String::from_utf8_lossy(&told.stdout).trim().to_owned());
    told.ok().filter(|told| !told.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}

/// The code of the reproduction itself.
struct Own<'a> {
    here: &'a Path,
    /// What it depends on, by the names that code and lock file give it.
    crates: BTreeMap<String, String>,
    /// Those of this workspace.
    known: BTreeSet<String>,
    traits: BTreeSet<String>,
    sources: Vec<Source>,
}

impl<'a> Own<'a> {
    fn new(here: &'a Path, locked: &BTreeMap<String, Package>, traits: BTreeSet<String>) -> Self {
        let below = packages::below("paper-repro", &read(&here.join("Cargo.toml")), locked);
        let spelled = |id: &String| packages::name_of(id).replace('-', "_");
        let known = below.iter().filter(|id| locked[*id].content.is_empty()).map(spelled).collect();
        let crates = below.iter().map(|id| (spelled(id), unit_name(id, locked))).collect();
        let sources = rust_files(&here.join("src")).iter().map(|file| source(here, file)).collect();
        Self { here, crates, known, traits, sources }
    }

    /// What rows and figures of a chapter depend on.
    fn chapter(&self, file: &Path, code: &mut String) {
        let mut sources = self.sources.clone();
        sources.push(source(self.here, file));
        let (chapter, crates) = (sources.len() - 1, self.crates.keys().cloned().collect());
        let program =
            Program::new(sources, crates).with_traits(self.known.clone(), self.traits.clone());
        let field = |name| {
            program.field(chapter, name).unwrap_or_else(|| panic!("{}: no {name}", file.display()))
        };
        let conditions = Conditions::new(&program);
        let rows = conditions.reach([field("plan"), field("run")]);
        let drawn =
            program.named_anywhere(DRAWN).next().unwrap_or_else(|| panic!("no function {DRAWN}"));
        let figures = conditions.reach([field("plan"), field("run"), field("report"), drawn]);
        let stem = file.file_stem().expect("a file").to_string_lossy();
        write!(code, "    ({stem:?}, ").expect("a string");
        for reach in [rows, figures] {
            self.reached(&program, &reach, code);
        }
        code.push_str("),\n");
    }

    fn reached(&self, program: &Program, reach: &Reach, code: &mut String) {
        let mut hashes: BTreeMap<String, String> = reach
            .code(program)
            .iter()
            .map(|(path, text)| (path.clone(), hash(text.as_bytes())))
            .collect();
        let top = self.here.parent().expect("the workspace");
        for (number, included) in &reach.included {
            let file = self.here.join(&program.sources[*number].path).with_file_name(included);
            if let Some((path, bytes)) = data(top, &file) {
                hashes.insert(path, hash(&bytes));
            }
        }
        let below: Vec<&String> =
            reach.crates.iter().filter_map(|name| self.crates.get(name)).collect();
        let hashes: Vec<(String, String)> = hashes.into_iter().collect();
        write!(code, "(&{hashes:?}, &{below:?}), ").expect("a string");
    }
}

fn source(here: &Path, file: &Path) -> Source {
    let path = file.strip_prefix(here).expect("a file of the reproduction");
    Source::new(&path.to_string_lossy(), &read(file))
}

/// A file that code includes, by its path from the top; not source files, which are there to be
/// shown.
fn data(top: &Path, path: &Path) -> Option<(String, Vec<u8>)> {
    let whole = |path: &Path| {
        fs::canonicalize(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let (top, path) = (whole(top), whole(path));
    let is_shown = path.extension().is_some_and(|ending| ending == "rs");
    let name = path.strip_prefix(top).unwrap_or(&path).to_string_lossy().into_owned();
    (!is_shown).then(|| (name, fs::read(&path).expect("a readable file")))
}

/// The traits that some code declares.
fn traits_of(code: TokenStream, traits: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = code.into_iter().collect();
    for (token, next) in tokens.iter().zip(tokens.iter().skip(1).map(Some).chain([None])) {
        match (token, next) {
            (TokenTree::Ident(word), Some(TokenTree::Ident(name))) if word == "trait" => {
                traits.extend(words_of(TokenTree::from(name.clone()).into()));
            }
            (TokenTree::Group(group), _) => traits_of(group.stream(), traits),
            _ => {}
        }
    }
}

/// Packages by name and version, crates of this workspace by name.
fn unit_name(id: &str, locked: &BTreeMap<String, Package>) -> String {
    let is_ours = locked[id].content.is_empty();
    if is_ours { packages::name_of(id).to_owned() } else { id.to_owned() }
}

fn unit(code: &mut String, name: &str, hash: &str, below: impl Iterator<Item = String>) {
    let below: Vec<String> = below.collect();
    writeln!(code, "    ({name:?}, {hash:?}, &{below:?}),").expect("a string");
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> =
        entries.filter_map(|entry| entry.ok().map(|e| e.path())).collect();
    paths.sort();
    paths
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for path in sorted(&folder) {
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "rs"));
    files
}

/// The hash of a crate's files, and the traits that they declare.
fn hash_crate(top: &Path, files: &[PathBuf], traits: &mut BTreeSet<String>) -> String {
    let mut hasher = Sha256::new();
    for file in files {
        hasher.update(file_name(file));
        hasher.update([0]);
        let text = read(file);
        match code_tokens(&text) {
            Some(code) => {
                hasher.update(code.to_string());
                for path in included(code.clone()) {
                    hasher.update(
                        data(top, &file.with_file_name(path))
                            .map(|(_, bytes)| bytes)
                            .unwrap_or_default(),
                    );
                }
                traits_of(code, traits);
            }
            // What does not parse will not compile either: its text stands for it.
            None => hasher.update(text),
        }
        hasher.update([0]);
    }
    hex(&hasher.finalize())
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn file_name(path: &Path) -> String {
    path.file_name().expect("a file").to_string_lossy().into_owned()
}

fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string");
        text
    })
}
