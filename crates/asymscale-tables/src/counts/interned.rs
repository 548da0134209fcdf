//! Interned texts: names that stand in many rows, such as those of samples, are held once, and a
//! row is the number of its text.

use std::hash::{BuildHasher, RandomState};

use crate::table::column::{Fault, Faults, Texts};
use crate::table::row::Cell;
use crate::table::usable::Rows;

/// The number of no text. Fewer texts than that fit into any memory that a table is read into.
const NO_TEXT: u32 = u32::MAX;

/// A column of names. Texts are numbered in the order in which they first appear.
#[derive(Debug, Default)]
pub(crate) struct InternedTexts {
    /// The number of the text of each row; [`NO_TEXT`] where a fault is noted.
    pub(crate) ids: Vec<u32>,
    texts: Texts,
    /// Open addressing with linear probing: a part of the hash of a text, and its number.
    slots: Vec<(u32, u32)>,
    hasher: RandomState,
    pub(crate) faults: Faults,
}

impl InternedTexts {
    pub(crate) fn push(&mut self, cell: &Cell<'_>) {
        let fault = match cell {
            Cell::Text(text) => {
                let id = self.number(&String::from_utf8_lossy(text));
                return self.ids.push(id);
            }
            Cell::Missing => Fault::Empty,
            Cell::Nested => Fault::Nested,
            Cell::Ragged(fields) => Fault::Ragged(*fields),
        };
        self.faults.push((self.ids.len(), fault));
        self.ids.push(NO_TEXT);
    }

    /// Different texts.
    pub(crate) fn distinct(&self) -> usize {
        self.texts.len()
    }

    /// The text of a number.
    pub(crate) fn text(&self, id: u32) -> &str {
        self.texts.get(id as usize)
    }

    /// Leaves only some rows, none of them with a fault, and numbers texts in the order in which
    /// these have them.
    pub(crate) fn keep(&mut self, kept: &Rows) {
        self.slots = Vec::new();
        let Rows::Some(rows) = kept else { return };
        let mut numbers = vec![NO_TEXT; self.texts.len()];
        let mut texts = Texts::default();
        let mut renumbered = |row: &usize| {
            let number = &mut numbers[self.ids[*row] as usize];
            if *number == NO_TEXT {
                *number = texts.len() as u32;
                texts.add(self.texts.get(self.ids[*row] as usize));
            }
            *number
        };
        self.ids = rows.iter().map(&mut renumbered).collect();
        self.texts = texts;
    }

    /// The number of a text, a new one if it was not met before.
    fn number(&mut self, text: &str) -> u32 {
        // Rows of one sample or group mostly follow one another, so the last text is compared
        // first.
        if let Some(&last) = self.ids.last()
            && last != NO_TEXT
            && self.text(last) == text
        {
            return last;
        }
        if 4 * (self.texts.len() + 1) > 3 * self.slots.len() {
            self.grow();
        }
        let hash = self.hasher.hash_one(text) as u32;
        let mut at = self.first_slot(hash);
        loop {
            let (known, id) = self.slots[at];
            if id == NO_TEXT {
                let next = self.texts.len() as u32;
                self.slots[at] = (hash, next);
                self.texts.add(text);
                return next;
            }
            if known == hash && self.text(id) == text {
                return id;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// The slot at which the search for a hash begins; there is a power of two of them.
    fn first_slot(&self, hash: u32) -> usize {
        hash as usize & (self.slots.len() - 1)
    }

    fn grow(&mut self) {
        let slots = (2 * self.slots.len()).max(16);
        let old = std::mem::replace(&mut self.slots, vec![(0, NO_TEXT); slots]);
        for (hash, id) in old.into_iter().filter(|slot| slot.1 != NO_TEXT) {
            let mut at = self.first_slot(hash);
            while self.slots[at].1 != NO_TEXT {
                at = (at + 1) & (slots - 1);
            }
            self.slots[at] = (hash, id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn names(texts: impl Iterator<Item = String>) -> InternedTexts {
        let mut names = InternedTexts::default();
        texts.for_each(|text| names.push(&Cell::Text(Cow::Owned(text.into_bytes()))));
        names
    }

    #[test]
    fn texts_are_numbered_as_they_appear() {
        // Each of 1000 texts three times, the first time in order; none in two rows that follow one
        // another.
        let text = |k: usize| format!("name {}", if k < 1000 { k } else { k * 7 % 1000 });
        let names = names((0..3000).map(text));
        assert_eq!(names.distinct(), 1000);
        for (k, &id) in names.ids.iter().enumerate() {
            assert_eq!(names.text(id), text(k));
        }
        assert_eq!(names.ids[..1000], (0..1000).collect::<Vec<u32>>());
    }

    #[test]
    fn rows_that_are_kept_are_numbered_anew() {
        let mut names = names("a b c b d a c".split(' ').map(str::to_owned));
        names.keep(&Rows::Some(vec![2, 3, 6, 4]));
        assert_eq!((names.ids.clone(), names.distinct()), (vec![0, 1, 0, 2], 3));
        assert_eq!((names.text(0), names.text(1), names.text(2)), ("c", "b", "d"));
    }
}
