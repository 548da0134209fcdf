//! Whether what lies in the figures' folder was made by the code as it is.

use crate::fingerprint::sources;
use crate::{Chapter, Profile, fingerprint};
use serde_json::Value;
use std::fmt;
use std::path::Path;

/// What became of a chapter's figure since it was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// The code is the same.
    Fresh,
    /// The code has changed: the sources that did, as far as the figure knows which it was drawn by.
    Stale(Vec<String>),
    /// It was drawn in another profile.
    OtherProfile(String),
    /// There is no such figure.
    Missing,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fresh => f.write_str("fresh"),
            Self::Stale(sources) if sources.is_empty() => f.write_str("stale: the code has changed"),
            Self::Stale(sources) => write!(f, "stale: changed since it was drawn: {}", sources.join(", ")),
            Self::OtherProfile(profile) => write!(f, "stale: drawn in profile {profile}"),
            Self::Missing => f.write_str("missing"),
        }
    }
}

/// The status of a chapter whose figure lies in `figures`.
pub fn status(chapter: &Chapter, profile: Profile, figures: &Path) -> Status {
    let path = figures.join(format!("{}.json", chapter.id));
    let Some(facts) =
        std::fs::read_to_string(path).ok().and_then(|text| serde_json::from_str::<Value>(&text).ok())
    else {
        return Status::Missing;
    };
    if facts["profile"] != profile.to_string().as_str() {
        return Status::OtherProfile(facts["profile"].as_str().unwrap_or("unknown").to_owned());
    }
    if facts["fingerprint"] == fingerprint(chapter.id, chapter.crates).as_str() {
        return Status::Fresh;
    }
    let Some(known) = facts["sources"].as_object() else { return Status::Stale(Vec::new()) };
    let now = sources(chapter.id, chapter.crates);
    let gone = known.keys().filter(|name| !now.contains_key(*name)).cloned();
    let changed = now.iter().filter(|(name, hash)| known.get(*name).and_then(Value::as_str) != Some(hash));
    Status::Stale(changed.map(|(name, _)| name.clone()).chain(gone).collect())
}
