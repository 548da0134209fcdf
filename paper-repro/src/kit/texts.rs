//! Texts as sparse activations: samples (verses, sentences, lines) of features (words) in groups
//! (chapters, scenes, files).

use crate::ChapterError;
use flate2::read::GzDecoder;
use std::io::Read;
use std::sync::LazyLock;

/// A text; what is active in a sample, and where groups of samples end, is all that is kept of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// Features active in each sample, numbered from 0, in the order of the text.
    pub samples: Vec<Vec<u32>>,
    /// The group of each sample, numbered from 0, never falling.
    pub groups: Vec<u32>,
    /// Features.
    pub features: usize,
    /// A number that changes with the text: part of a cell's parameters, so that other data are
    /// other cells.
    pub version: u64,
}

static TEXTS: [(&str, LazyLock<Text>); 4] = [
    ("kjv", LazyLock::new(|| Text::unpacked(include_bytes!("../../../tests/data/texts/kjv.gz")))),
    (
        "austen",
        LazyLock::new(|| Text::unpacked(include_bytes!("../../../tests/data/texts/austen.gz"))),
    ),
    (
        "shakespeare",
        LazyLock::new(|| {
            Text::unpacked(include_bytes!("../../../tests/data/texts/shakespeare.gz"))
        }),
    ),
    (
        "tokio",
        LazyLock::new(|| Text::unpacked(include_bytes!("../../../tests/data/texts/tokio.gz"))),
    ),
];

/// A text by its name: `kjv`, `austen`, `shakespeare` or `tokio`. Sources, licences and what a
/// sample, a feature and a group are in each stand in the folder of the files.
///
/// # Errors
/// Says which name is not listed.
pub fn text(name: &str) -> Result<&'static Text, ChapterError> {
    let found = TEXTS.iter().find(|(known, _)| *known == name);
    let known = || TEXTS.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(", ");
    found
        .map(|(_, text)| &**text)
        .ok_or_else(|| format!("text {name:?}: must be one of {}", known()).into())
}

impl Text {
    /// One of the files that come with the program.
    fn unpacked(bytes: &[u8]) -> Self {
        let mut text = String::new();
        let read = GzDecoder::new(bytes).read_to_string(&mut text).map_err(ChapterError::from);
        read.and_then(|_| Self::decoded(&text)).expect("a text that a test reads")
    }

    /// A line a sample: the numbers of its features, from 1 up and rising, as differences. An empty
    /// line begins a group.
    fn decoded(text: &str) -> Result<Self, ChapterError> {
        let (mut samples, mut groups, mut group, mut features) = (Vec::new(), Vec::new(), 0, 0);
        for (number, line) in (1..).zip(text.lines()) {
            if line.is_empty() {
                group += 1;
                continue;
            }
            let mut last = 0_u32;
            let mut sample = Vec::new();
            for field in line.split(' ') {
                let step = field.parse::<u32>().ok().filter(|step| *step > 0);
                let next = step.and_then(|step| last.checked_add(step));
                last = next.ok_or_else(|| {
                    format!(
                        "line {number}, {field:?}: must be a whole number from 1 up to {}",
                        u32::MAX - last
                    )
                })?;
                sample.push(last - 1);
            }
            features = features.max(last as usize);
            samples.push(sample);
            groups.push(group);
        }
        Ok(Self { samples, groups, features, version: super::seed_of(text) })
    }

    /// How many groups there are.
    pub fn group_count(&self) -> usize {
        self.groups.last().map_or(0, |last| *last as usize + 1)
    }

    /// In how many samples each feature stands.
    pub fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.features];
        for feature in self.samples.iter().flatten() {
            counts[*feature as usize] += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_become_numbers_and_empty_lines_groups() {
        let text = Text::decoded("1 2 1\n3\n\n2 3\n").unwrap();
        assert_eq!(text.samples, [vec![0, 2, 3], vec![2], vec![1, 4]]);
        assert_eq!(
            (text.groups.as_slice(), text.features, text.group_count()),
            (&[0, 0, 1][..], 5, 2)
        );
        assert_eq!(text.counts(), [1, 1, 2, 1, 1]);
    }

    #[test]
    fn what_is_no_difference_is_named() {
        for (text, place) in [
            ("1\n\n2 0\n", "line 3, \"0\""),
            ("1 x\n", "line 1, \"x\""),
            ("9 4294967295\n", "line 1, \"429"),
        ] {
            let error = Text::decoded(text).unwrap_err().to_string();
            assert!(error.starts_with(place), "{error}");
        }
        assert!(text("bible").unwrap_err().to_string().contains("kjv, austen, shakespeare, tokio"));
    }

    /// Groups, samples, features and pairs, as the README beside the files has them.
    #[test]
    fn the_files_hold_what_they_are_said_to_hold() {
        for (name, sizes) in [
            ("kjv", [1_189, 31_102, 12_762, 616_243]),
            ("austen", [140, 16_558, 10_489, 316_707]),
            ("shakespeare", [231, 30_790, 14_036, 220_728]),
            ("tokio", [380, 38_867, 5_254, 144_299]),
        ] {
            let text = text(name).unwrap();
            let pairs: u64 = text.counts().iter().sum();
            assert_eq!(
                [text.group_count(), text.samples.len(), text.features, pairs as usize],
                sizes,
                "{name}"
            );
            assert!(text.counts().iter().all(|count| *count > 0), "{name}");
        }
    }

    /// Counted by another program from the same text.
    #[test]
    fn verses_hold_the_words_of_the_table() {
        const TABLE: &str =
            include_str!("../../../crates/asymscale-fitting/tests/data/kjv-verse-words.csv");
        let verses = |line: &str| line.split(',').nth(2).and_then(|field| field.parse().ok());
        let counts: Vec<u64> = TABLE.lines().skip(1).filter_map(verses).collect();
        assert_eq!(text("kjv").unwrap().counts(), counts);
    }
}
