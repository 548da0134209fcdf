//! What crates depend on: those of this workspace by their manifests, all others by the lock file.

use std::collections::BTreeMap;

/// A package of the lock file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    /// Its name and version, as the lock file tells packages apart.
    pub(crate) id: String,
    /// Its checksum, or else its source; empty for a crate of this workspace.
    pub(crate) content: String,
    /// The packages it depends on, by `id`; for a crate of this workspace also those that only its
    /// tests need.
    pub(crate) below: Vec<String>,
}

/// The packages of a lock file by `id`.
pub(crate) fn locked(lock: &str) -> BTreeMap<String, Package> {
    let blocks: Vec<&str> = lock.split("\n[[package]]\n").skip(1).collect();
    let of = |block: &str, key: &str| {
        let line = block
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(" = ").map(str::to_owned));
        line.map(|value| value.trim_matches('"').to_owned()).unwrap_or_default()
    };
    let ids: Vec<String> = blocks
        .iter()
        .map(|block| format!("{} {}", of(block, "name"), of(block, "version")))
        .collect();
    // A dependency is given by its name alone where there is one version of it, and may end with
    // its source.
    let resolved = |line: &str| {
        let mut words = line.trim_matches([' ', '"', ',']).split(' ');
        let (name, version) = (words.next()?, words.next());
        let matches = |id: &&String| {
            id.split_once(' ').is_some_and(|(n, v)| n == name && version.is_none_or(|w| w == v))
        };
        ids.iter().find(matches).cloned()
    };
    let package = |(block, id): (&&str, &String)| {
        let list = block.split_once("dependencies = [\n").map_or("", |(_, list)| list);
        let below = list.lines().take_while(|line| *line != "]").filter_map(resolved).collect();
        let content =
            [of(block, "checksum"), of(block, "source")].into_iter().find(|text| !text.is_empty());
        (id.clone(), Package { id: id.clone(), content: content.unwrap_or_default(), below })
    };
    blocks.iter().zip(&ids).map(package).collect()
}

/// Names in a manifest's `[dependencies]`, without optional ones: results are computed without
/// them.
pub(crate) fn needed(manifest: &str) -> Vec<String> {
    let table = manifest.split_once("\n[dependencies]\n").map_or("", |(_, after)| after);
    let table = table.split("\n[").next().unwrap_or_default();
    let lines =
        table.lines().filter(|line| !line.starts_with('#') && !line.contains("optional = true"));
    let names = lines.filter_map(|line| line.split(['.', ' ', '=']).next());
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// What a crate of this workspace needs, by `id`.
pub(crate) fn below(
    name: &str,
    manifest: &str,
    packages: &BTreeMap<String, Package>,
) -> Vec<String> {
    let needed = needed(manifest);
    let own = packages
        .values()
        .find(|package| package.content.is_empty() && name_of(&package.id) == name);
    let below = own.into_iter().flat_map(|package| &package.below);
    below.filter(|id| needed.iter().any(|name| name == name_of(id))).cloned().collect()
}

/// The name in an `id`.
pub(crate) fn name_of(id: &str) -> &str {
    id.split(' ').next().unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"version = 4

[[package]]
name = "ours"
version = "0.1.0"
dependencies = [
 "a",
 "b 2.0.0",
 "tests-only",
]

[[package]]
name = "a"
version = "1.2.3"
source = "registry"
checksum = "aa"
dependencies = [
 "b 1.0.0",
]

[[package]]
name = "b"
version = "1.0.0"
source = "registry"
checksum = "b1"

[[package]]
name = "b"
version = "2.0.0"
source = "registry"
checksum = "b2"

[[package]]
name = "tests-only"
version = "0.3.0"
source = "registry"
checksum = "tt"
"#;

    #[test]
    fn packages_come_with_what_they_depend_on() {
        let packages = locked(LOCK);
        assert_eq!(packages.len(), 5);
        let a = &packages["a 1.2.3"];
        assert_eq!((a.content.as_str(), a.below.as_slice()), ("aa", &["b 1.0.0".to_owned()][..]));
        assert_eq!(packages["ours 0.1.0"].below, ["a 1.2.3", "b 2.0.0", "tests-only 0.3.0"]);
    }

    #[test]
    fn of_a_manifest_only_what_results_need_counts() {
        let manifest = "[package]\nname = \"ours\"\n\n[dependencies]\n# Why.\na.workspace = true\nb = { workspace = true }\nc = { workspace = true, optional = true }\n\n[dev-dependencies]\ntests-only = \"1\"\n";
        assert_eq!(needed(manifest), ["a", "b"]);
        assert_eq!(below("ours", manifest, &locked(LOCK)), ["a 1.2.3", "b 2.0.0"]);
    }
}
