//! What is read of `CITATION.cff`: the top level, and the references. It is written by hand in a
//! plain subset of YAML, which is all that is understood.

/// A citation as far as other files repeat it.
#[derive(Debug, PartialEq)]
pub(super) struct Citation {
    pub(super) title: String,
    pub(super) version: String,
    pub(super) text: String,
    pub(super) licences: Vec<String>,
    pub(super) authors: Vec<String>,
    pub(super) keywords: Vec<String>,
    pub(super) article: Article,
}

/// The paper whose claims are tested.
#[derive(Debug, PartialEq)]
pub(super) struct Article {
    pub(super) title: String,
    pub(super) doi: String,
    pub(super) authors: Vec<String>,
}

impl Citation {
    /// Reads the file.
    ///
    /// # Errors
    /// Names the key that is missing.
    pub(super) fn read(file: &str) -> Result<Self, String> {
        let needed =
            |key: &str| scalar(file, key).ok_or_else(|| format!("CITATION.cff: {key} is missing"));
        let references = block(file, "references").join("\n");
        let article = references.split("  - type: ").find(|text| text.starts_with("article"));
        let article = article.ok_or("CITATION.cff: no reference of type article")?;
        let of_article = |key: &str| {
            let mut lines = article.lines().map(str::trim);
            let found = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
            found.map(str::to_owned).ok_or_else(|| format!("CITATION.cff: article: no {key}"))
        };
        let family = |line: &str| {
            line.trim().trim_start_matches("- ").strip_prefix("family-names: ").map(str::to_owned)
        };
        Ok(Self {
            title: needed("title")?,
            version: needed("version")?,
            text: folded(file, "abstract").ok_or("CITATION.cff: abstract is missing")?,
            licences: list(file, "license"),
            authors: list(file, "authors").iter().map(|a| a.replacen("name: ", "", 1)).collect(),
            keywords: list(file, "keywords"),
            article: Article {
                title: of_article("title")?,
                doi: of_article("doi")?,
                authors: article.lines().filter_map(family).collect(),
            },
        })
    }
}

/// A value of the top level.
fn scalar(file: &str, key: &str) -> Option<String> {
    let mut lines = file.lines();
    let value = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))?;
    Some(value.trim().trim_matches('"').to_owned())
}

/// The lines under a key of the top level.
fn block<'a>(file: &'a str, key: &str) -> Vec<&'a str> {
    let is_key = |line: &&str| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':'));
    let after = file.lines().skip_while(|line| !is_key(line)).skip(1);
    after.take_while(|line| line.starts_with(' ')).collect()
}

fn list(file: &str, key: &str) -> Vec<String> {
    let items = block(file, key).into_iter().filter_map(|line| line.trim().strip_prefix("- "));
    items.map(|item| item.trim_matches('"').to_owned()).collect()
}

/// A text in several lines.
fn folded(file: &str, key: &str) -> Option<String> {
    let lines: Vec<&str> = block(file, key).into_iter().map(str::trim).collect();
    (!lines.is_empty()).then(|| lines.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "title: \"a: b\"\nversion: 1.2.3\nabstract: >-\n  One\n  two.\nlicense:\n  - MIT\nauthors:\n  - name: Us\nkeywords:\n  - x y\n  - z\nreferences:\n  - type: dataset\n    title: D\n  - type: article\n    title: T\n    authors:\n      - family-names: A\n      - family-names: B\n    doi: 10.1/x\n";

    #[test]
    fn what_is_written_is_read() {
        let citation = Citation::read(FILE).unwrap();
        assert_eq!((citation.title.as_str(), citation.text.as_str()), ("a: b", "One two."));
        assert_eq!(
            (citation.authors, citation.keywords),
            (vec!["Us".into()], vec!["x y".into(), "z".into()])
        );
        let article = Article {
            title: "T".into(),
            doi: "10.1/x".into(),
            authors: vec!["A".into(), "B".into()],
        };
        assert_eq!(citation.article, article);
    }

    #[test]
    fn what_is_missing_is_named() {
        for (key, line) in [
            ("version", "version: 1.2.3\n"),
            ("abstract", "abstract: >-\n  One\n  two.\n"),
            ("doi", "    doi: 10.1/x\n"),
        ] {
            let error = Citation::read(&FILE.replace(line, "")).unwrap_err();
            assert!(error.contains(key), "{error}");
        }
    }
}
