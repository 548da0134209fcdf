//! Rules on what a release says of itself in several places.

use super::File;
use crate::metadata;

/// The text of a file, by its path.
fn text<'a>(files: &'a [File], path: &str) -> Option<&'a str> {
    files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
}

/// Manifest, citation and changelog name one version. The newest section of the changelog says
/// `(unreleased)`, and the citation then has no date, or the date that the citation has.
pub(super) fn versions(files: &[File]) -> Vec<String> {
    let [Some(manifest), Some(citation), Some(changelog)] =
        ["Cargo.toml", "CITATION.cff", "CHANGELOG.md"].map(|path| text(files, path))
    else {
        return vec!["Cargo.toml, CITATION.cff or CHANGELOG.md: missing".to_owned()];
    };
    let cited = |key: &str| {
        let mut lines = citation.lines();
        lines
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
            .map(|v| v.trim_matches('"'))
    };
    let heading = changelog.lines().find_map(|line| line.strip_prefix("## ")).unwrap_or_default();
    let (newest, when) = heading.split_once(' ').unwrap_or((heading, ""));
    let when = when.trim_matches(['(', ')']);
    let version = metadata::entry(manifest, "workspace.package", "version").unwrap_or_default();
    let mut complaints = Vec::new();
    for (path, found) in [("CITATION.cff", cited("version")), ("CHANGELOG.md", Some(newest))] {
        if found != Some(version) {
            let found = found.unwrap_or("none");
            complaints.push(format!("{path}: version {found}, Cargo.toml says {version}"));
        }
    }
    let expected = (when != "unreleased").then_some(when);
    if cited("date-released") != expected {
        let (found, wanted) =
            (cited("date-released").unwrap_or("none"), expected.unwrap_or("none"));
        complaints.push(format!(
            "CITATION.cff: date-released is {found}, CHANGELOG.md ({when}) asks for {wanted}"
        ));
    }
    complaints
}

/// `cargo xtask metadata` would change nothing.
pub(super) fn derived_files(files: &[File]) -> Vec<String> {
    let [citation, manifest] =
        ["CITATION.cff", "Cargo.toml"].map(|path| text(files, path).unwrap_or_default());
    match metadata::derived(citation, manifest, &metadata::outputs()) {
        Err(error) => vec![error],
        Ok(derived) => derived
            .iter()
            .filter(|(path, expected)| text(files, path) != Some(expected))
            .map(|(path, _)| format!("{path}: renew it by `cargo xtask metadata`"))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(citation: &str, changelog: &str) -> Vec<File> {
        let manifest = "[workspace]\n\n[workspace.package]\nversion = \"1.2.0\"\n\n[other]\n";
        [("Cargo.toml", manifest), ("CITATION.cff", citation), ("CHANGELOG.md", changelog)]
            .map(|(path, text)| File { path: path.to_owned(), text: text.to_owned() })
            .into()
    }

    #[test]
    fn a_version_or_a_date_that_differs_is_seen() {
        let (open, made) = ("# C\n\n## 1.2.0 (unreleased)\n", "# C\n\n## 1.2.0 (2026-12-01)\n");
        let dated = "version: 1.2.0\ndate-released: 2026-12-01\n";
        assert!(versions(&files("version: 1.2.0\n", open)).is_empty());
        assert!(versions(&files(dated, made)).is_empty());
        let complaint = |citation, changelog| versions(&files(citation, changelog)).join("; ");
        assert_eq!(
            complaint(dated, open),
            "CITATION.cff: date-released is 2026-12-01, CHANGELOG.md (unreleased) asks for none"
        );
        assert!(complaint("version: 1.2.0\n", made).contains("asks for 2026-12-01"));
        assert!(complaint("version: 1.1.0\n", open).contains("CITATION.cff: version 1.1.0"));
        assert!(
            complaint(dated, "## 1.3.0 (2026-12-01)\n").contains("CHANGELOG.md: version 1.3.0")
        );
    }

    #[test]
    fn a_derived_file_that_is_old_or_missing_is_seen() {
        let citation = "title: a\nversion: 1.2.0\nabstract: >-\n  b\nreferences:\n  - type: article\n    title: t\n    doi: d\n";
        let mut files = files(citation, "");
        files[0].text =
            files[0].text.replace("\n\n[other]", "\nrust-version = \"1.95\"\n\n[other]");
        let expected = ["paper-repro/codemeta.json", "paper-repro/codecheck.yml"];
        let complaints = derived_files(&files);
        assert_eq!(complaints.len(), 2, "{complaints:?}");
        assert!(expected.iter().zip(&complaints).all(|(path, c)| c.starts_with(path)));
        let (manifest, outputs) = (files[0].text.clone(), metadata::outputs());
        for (path, text) in metadata::derived(citation, &manifest, &outputs).unwrap() {
            files.push(File { path: path.to_owned(), text });
        }
        assert!(derived_files(&files).is_empty());
    }
}
