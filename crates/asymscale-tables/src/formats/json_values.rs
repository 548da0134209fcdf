//! Values of JSON, unread until they are wanted.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::table::row::Cell;

/// An error: a place and a word.
pub(crate) type Broken = String;

/// Names and the text of their values.
pub(crate) type Pairs<'a> = Vec<(String, &'a str)>;

fn broken(error: &serde_json::Error) -> Broken {
    format!("line {}, column {}: is no valid JSON", error.line(), error.column())
}

/// JSON values one after the other.
pub(crate) fn stream(text: &str) -> Result<Vec<&str>, Broken> {
    let values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    values.map(|value| value.map(RawValue::get).map_err(|error| broken(&error))).collect()
}

/// The values of an array.
pub(crate) fn values(text: &str) -> Result<Vec<&str>, Broken> {
    let values: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| broken(&error))?;
    Ok(values.into_iter().map(RawValue::get).collect())
}

/// The values of an array, or of an object whose names number them.
pub(crate) fn column_values(text: &str) -> Result<Vec<&str>, Broken> {
    match text.as_bytes()[0] {
        b'[' => values(text),
        b'{' => Ok(pairs(text)?.into_iter().map(|pair| pair.1).collect()),
        _ => Ok(vec![text]),
    }
}

/// Names and values of an object.
pub(crate) fn pairs(text: &str) -> Result<Pairs<'_>, Broken> {
    let mut found = Pairs::new();
    let keep = |key: Cow<'_, str>| Some(key.into_owned());
    walk(text, &keep, &mut |key, value| found.push((key, value)))?;
    Ok(found)
}

/// Names of all entries, in the order in which they first appear.
pub(crate) fn keys(entries: &[&str]) -> Result<Vec<String>, Broken> {
    let (mut names, mut known) = (Vec::new(), std::collections::HashSet::new());
    for entry in entries.iter().filter(|entry| entry.starts_with('{')) {
        let fresh = std::cell::RefCell::new(Vec::new());
        let keep = |key: Cow<'_, str>| -> Option<()> {
            if !known.contains(key.as_ref()) {
                fresh.borrow_mut().push(key.into_owned());
            }
            None
        };
        walk(entry, &keep, &mut |(), _| {})?;
        for name in fresh.into_inner() {
            if known.insert(name.clone()) {
                names.push(name);
            }
        }
    }
    Ok(names)
}

/// The cells of the wanted names of an entry.
pub(crate) fn cells_of_keys<'a>(
    entry: &'a str,
    names: &HashMap<&str, usize>,
    wanted: usize,
) -> Result<Vec<Cell<'a>>, Broken> {
    let mut cells = vec![Cell::Missing; wanted];
    let keep = |key: Cow<'_, str>| names.get(key.as_ref()).copied();
    walk(entry, &keep, &mut |number, value| cells[number] = cell(value))?;
    Ok(cells)
}

/// A value as a cell.
pub(crate) fn cell(value: &str) -> Cell<'_> {
    match value.as_bytes()[0] {
        b'n' => Cell::Missing,
        b'[' | b'{' => Cell::Nested,
        b'"' if !value.contains('\\') => {
            filled(Cow::Borrowed(value[1..value.len() - 1].trim().as_bytes()))
        }
        b'"' => match serde_json::from_str::<String>(value) {
            Ok(text) => filled(Cow::Owned(text.trim().to_owned().into_bytes())),
            Err(_) => Cell::Text(Cow::Borrowed(value.as_bytes())),
        },
        _ => Cell::Text(Cow::Borrowed(value.as_bytes())),
    }
}

fn filled(text: Cow<'_, [u8]>) -> Cell<'_> {
    if text.is_empty() { Cell::Missing } else { Cell::Text(text) }
}

/// Goes through an object: `keep` says of a name whether its value is wanted; other values are
/// passed over unread.
fn walk<'a, K>(
    text: &'a str,
    keep: &dyn Fn(Cow<'_, str>) -> Option<K>,
    take: &mut dyn FnMut(K, &'a str),
) -> Result<(), Broken> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer.deserialize_map(Walk { keep, take }).map_err(|error| broken(&error))
}

struct Walk<'w, 'a, K> {
    keep: &'w dyn Fn(Cow<'_, str>) -> Option<K>,
    take: &'w mut dyn FnMut(K, &'a str),
}

impl<'a, K> Visitor<'a> for Walk<'_, 'a, K> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(wanted) = map.next_key_seed(Key(self.keep))? {
            match wanted {
                Some(key) => (self.take)(key, map.next_value::<&RawValue>()?.get()),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut seq: S) -> Result<(), S::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

struct Key<'w, K>(&'w dyn Fn(Cow<'_, str>) -> Option<K>);

impl<'a, K> DeserializeSeed<'a> for Key<'_, K> {
    type Value = Option<K>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Option<K>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<K> Visitor<'_> for Key<'_, K> {
    type Value = Option<K>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, text: &str) -> Result<Option<K>, E> {
        Ok((self.0)(Cow::Borrowed(text)))
    }
}
