//! `codemeta.json`: the software in the words of `CodeMeta` 3.0 (<https://codemeta.github.io>).

use super::{citation::Citation, entry};

/// The file.
///
/// # Errors
/// Names what is missing in the manifest.
pub(super) fn text(citation: &Citation, manifest: &str) -> Result<String, String> {
    let of_package = |key: &str| {
        entry(manifest, "workspace.package", key)
            .ok_or_else(|| format!("Cargo.toml: {key} is missing in [workspace.package]"))
    };
    let licences =
        citation.licences.iter().map(|name| quoted(&format!("https://spdx.org/licenses/{name}")));
    let author =
        |name: &String| format!("{{ \"@type\": \"Organization\", \"name\": {} }}", quoted(name));
    let person =
        |name: &String| format!("{{ \"@type\": \"Person\", \"familyName\": {} }}", quoted(name));
    let article = &citation.article;
    let paper = format!(
        "{{\n    \"@type\": \"ScholarlyArticle\",\n    \"@id\": {},\n    \"name\": {},\n    \"author\": {}\n  }}",
        quoted(&format!("https://doi.org/{}", article.doi)),
        quoted(&article.title),
        array(article.authors.iter().map(person)),
    );
    let fields = [
        ("@context", quoted("https://w3id.org/codemeta/3.0")),
        ("@type", quoted("SoftwareSourceCode")),
        ("name", quoted("asymscale")),
        ("headline", quoted(&citation.title)),
        ("description", quoted(&citation.text)),
        ("version", quoted(of_package("version")?)),
        ("license", array(licences)),
        ("author", array(citation.authors.iter().map(author))),
        ("keywords", array(citation.keywords.iter().map(|word| quoted(word)))),
        ("programmingLanguage", quoted("Rust")),
        ("runtimePlatform", quoted(&format!("Rust {} or later", of_package("rust-version")?))),
        ("softwareHelp", quoted("README.md")),
        ("referencePublication", paper),
    ];
    let lines: Vec<String> =
        fields.iter().map(|(key, value)| format!("  {}: {value}", quoted(key))).collect();
    Ok(format!("{{\n{}\n}}\n", lines.join(",\n")))
}

fn array(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// A text as JSON.
fn quoted(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_json() {
        assert_eq!(quoted("a \"b\" \\ \n β"), "\"a \\\"b\\\" \\\\ \\u000a β\"");
        assert_eq!(array(["a", "b"].iter().map(|word| quoted(word))), "[\"a\", \"b\"]");
    }
}
