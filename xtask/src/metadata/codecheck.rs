//! `codecheck.yml`: the outputs of the reproduction and how each is checked, as CODECHECK asks for
//! them (<https://codecheck.org.uk/spec/config/1.0>). Who checks it adds a name, a time and a
//! certificate.

use super::citation::Citation;

/// The file.
pub(super) fn text(citation: &Citation, outputs: &[String]) -> String {
    let article = &citation.article;
    let authors: Vec<String> =
        article.authors.iter().map(|name| format!("    - name: {name}\n")).collect();
    let file =
        |name: &String| format!("  - file: figures/{name}\n    comment: {}\n", comment(name));
    let (authors, files) =
        (authors.concat(), outputs.iter().map(file).collect::<Vec<_>>().concat());
    format!(
        "# Made by `cargo xtask metadata`; `cargo xtask tidy` holds it against the tracked figures.\n\
         ---\nversion: https://codecheck.org.uk/spec/config/1.0/\n\n\
         paper:\n  title: {}\n  authors:\n{authors}  reference: https://doi.org/{}\n\n\
         # `cargo xtask repro` makes all files, `cargo xtask repro --check` compares all tables.\n\
         manifest:\n{files}\n\
         summary: >\n  No figure is the paper's: only its abstract is at hand. The files are those of a reconstruction, in which every claim of the abstract\n  \
         has a verdict that is computed.\nrepository: asymscale {}\n",
        article.title, article.doi, citation.version,
    )
}

/// What a file is, and the command that checks it.
fn comment(name: &str) -> String {
    let chapter = name.split('-').next().unwrap_or_default();
    let check = format!("`cargo xtask repro {chapter} --check`");
    match name.rsplit('.').next() {
        _ if name == "claims.json" => {
            "every finding with its verdict; `cargo xtask repro` leaves the verdicts as they are"
                .to_owned()
        }
        Some("svg") => format!("figure of chapter {chapter}; {check} compares all that it draws"),
        _ if name.ends_with(".drawn.csv") => {
            format!("everything that the figure draws; {check} finds no drift")
        }
        _ => format!("what was measured, and what it is held against; {check} finds no drift"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_its_check() {
        let check = "`cargo xtask repro 02 --check`";
        for name in ["02-peak.svg", "02-peak.csv", "02-peak.drawn.csv"] {
            assert!(comment(name).contains(check), "{name}: {}", comment(name));
        }
        assert!(comment("claims.json").contains("verdict"));
    }
}
