//! Fingerprints of the code that results depend on, made at build time so that a binary carried to another
//! machine still knows what it was built from.
//!
//! A fingerprint is taken of the tokens, not of the text: comments, documentation, white space and
//! `#[cfg(test)]` items are left out, so an edited sentence or test recomputes nothing.

#[path = "src/tokens.rs"]
mod tokens;

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let top = here.parent().expect("the workspace").to_path_buf();
    let mut units = String::new();
    for folder in sorted(&top.join("crates")) {
        let name = folder.file_name().expect("a folder").to_string_lossy().into_owned();
        let below = our_dependencies(&folder.join("Cargo.toml"));
        unit(&mut units, &name, &hash_folder(&folder.join("src")), &below);
    }
    for chapter in sorted(&here.join("chapters")) {
        let name = format!("chapter {}", chapter.file_stem().expect("a file").to_string_lossy());
        unit(&mut units, &name, &hash_files(&[chapter]), &[]);
    }
    unit(&mut units, "kit", &hash_folder(&here.join("src/kit")), &[]);
    let lock = fs::read(top.join("Cargo.lock")).expect("Cargo.lock is tracked");
    unit(&mut units, "lock", &hex(&Sha256::digest(lock)), &[]);
    let code = format!("pub(super) const UNITS: &[(&str, &str, &[&str])] = &[\n{units}];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("fingerprints.rs"), code).expect("the output folder is writable");
    for watched in ["../crates", "chapters", "src/kit", "../Cargo.lock", "build.rs"] {
        println!("cargo::rerun-if-changed={watched}");
    }
}

fn unit(units: &mut String, name: &str, hash: &str, below: &[String]) {
    writeln!(units, "    ({name:?}, {hash:?}, &{below:?}),").expect("a string");
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|e| e.path())).collect();
    paths.sort();
    paths
}

fn hash_folder(folder: &Path) -> String {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for path in sorted(&folder) {
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    hash_files(&files)
}

fn hash_files(files: &[PathBuf]) -> String {
    let mut hasher = Sha256::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|e| e == "rs")) {
        let text = fs::read_to_string(file).expect("a readable source file");
        let tokens = tokens::code_of(text);
        hasher.update(file.file_name().expect("a file").as_encoded_bytes());
        hasher.update([0]);
        hasher.update(tokens);
        hasher.update([0]);
    }
    hex(&hasher.finalize())
}

/// The crates of this workspace named in a manifest's `[dependencies]`; not optional ones, without
/// which results are computed.
fn our_dependencies(manifest: &Path) -> Vec<String> {
    let text = fs::read_to_string(manifest).unwrap_or_default();
    let table = text.split_once("\n[dependencies]\n").map_or("", |(_, after)| after);
    let table = table.split("\n[").next().unwrap_or_default();
    let needed = table.lines().filter(|line| !line.contains("optional = true"));
    let names = needed.filter_map(|line| line.split(['.', ' ', '=']).next());
    names.filter(|name| name.starts_with("asymscale-")).map(str::to_owned).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string");
        text
    })
}
