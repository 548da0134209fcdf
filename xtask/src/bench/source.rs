//! Which benchmarks there are and what they say of themselves, read from their source files.

use super::Built;
use crate::process::root;

/// A benchmark function.
#[derive(Debug, PartialEq)]
pub(super) struct Bench {
    pub(super) name: String,
    /// The first paragraph of its documentation.
    pub(super) what: String,
    /// The paragraph that starts with `Limit:`.
    pub(super) limit: String,
}

impl Bench {
    /// The benchmark whose rate prices its items, named in the limit as `` `target::name` ``.
    pub(super) fn unit(&self) -> Option<(&str, &str)> {
        let named = self.limit.split('`').skip(1).step_by(2);
        named.filter_map(|code| code.split_once("::")).find(|(target, _)| *target != "dense")
    }
}

/// The benchmarks of a target, in the order of its source file.
pub(super) fn benches(built: &Built) -> Result<Vec<Bench>, String> {
    let path = root()
        .join("crates")
        .join(built.package)
        .join("benches")
        .join(format!("{}.rs", built.target));
    let text =
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    parse(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn parse(text: &str) -> Result<Vec<Bench>, String> {
    let (mut benches, mut docs, mut marked) = (Vec::new(), Vec::new(), false);
    for line in text.lines() {
        if let Some(doc) = line.strip_prefix("///") {
            docs.push(doc.trim());
        } else if line.starts_with("#[divan::bench") {
            marked = true;
        } else if let Some(rest) = line.strip_prefix("fn ") {
            let name = rest.split(['(', '<']).next().unwrap_or_default();
            if marked {
                benches.push(bench(name, &docs)?);
            }
            (marked, docs) = (false, Vec::new());
        } else if !marked {
            docs.clear();
        }
    }
    Ok(benches)
}

fn bench(name: &str, docs: &[&str]) -> Result<Bench, String> {
    let paragraphs: Vec<String> =
        docs.split(|line| line.is_empty()).map(|lines| lines.join(" ")).collect();
    let limit = paragraphs.iter().find_map(|paragraph| paragraph.strip_prefix("Limit: "));
    let limit = limit.ok_or_else(|| format!("{name}: its documentation has no line `Limit:`"))?;
    Ok(Bench { name: name.to_owned(), what: paragraphs[0].clone(), limit: limit.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documentation_of_benchmarks_is_found_and_that_of_others_is_not() {
        let text = "/// Not one.\nfn helper() {}\n\n/// A thing,\n/// measured.\n///\n/// Limit: `2 n` draws as in `a::b`.\n#[divan::bench(\n    args = [1]\n)]\nfn thing(bencher: B) {}\n";
        let found = parse(text).unwrap();
        assert_eq!(
            (found[0].name.as_str(), found[0].what.as_str()),
            ("thing", "A thing, measured.")
        );
        assert_eq!((found.len(), found[0].unit()), (1, Some(("a", "b"))));
        assert!(parse("#[divan::bench]\nfn bare() {}\n").unwrap_err().starts_with("bare:"));
    }
}
