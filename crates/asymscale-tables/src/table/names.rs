//! Titles of columns: which of them is meant, and the unit that stands in one.

use crate::{TableError, cells::marks, quote};

/// Something that a column can hold, and the names that public tables give it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Role {
    /// Its name in messages.
    pub(crate) what: &'static str,
    /// The option that names its column.
    pub(crate) flag: &'static str,
    /// The title that is taken before all others.
    pub(crate) title: &'static str,
    /// Other titles, in lower case, words joined.
    pub(crate) titles: &'static [&'static str],
    /// Words of which a longer title must hold one.
    pub(crate) words: &'static [&'static str],
    /// Words that a longer title must not hold.
    pub(crate) excluded: &'static [&'static str],
}

/// A title without its unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) base: String,
    /// Power of ten of the unit.
    pub(crate) exponent: i32,
}

/// The columns that a role may mean, at the first of the ways to match that any column matches.
pub(crate) fn candidates(names: &[String], role: &Role, asked: Option<&str>) -> Vec<usize> {
    let matching = |test: &dyn Fn(&str) -> bool| -> Vec<usize> {
        (0..names.len()).filter(|&column| test(&names[column])).collect()
    };
    let title = asked.unwrap_or(role.title);
    let exact = matching(&|name| name == title);
    if !exact.is_empty() {
        return exact;
    }
    // A column can be named by its number, too: one without a title cannot be named otherwise.
    let number = title.parse().ok().filter(|number| (1..=names.len()).contains(number));
    if let Some(number) = number {
        return vec![number - 1];
    }
    let plain = joined(title);
    let alike = matching(&|name| {
        !plain.is_empty() && (joined(name) == plain || joined(&unit(name).base) == plain)
    });
    if asked.is_some() || !alike.is_empty() {
        return alike;
    }
    matching(&|name| {
        let base = unit(name).base;
        role.titles.contains(&joined(&base).as_str()) || role.fits(&words(&base))
    })
}

impl Role {
    fn fits(&self, words: &[String]) -> bool {
        let any = |of: &[&str]| words.iter().any(|word| of.contains(&word.as_str()));
        any(self.words) && !any(self.excluded)
    }

    /// The error for a role that no column has.
    pub(crate) fn missing(
        &self,
        file: &str,
        names: &[String],
        asked: Option<&str>,
        hint: &str,
    ) -> TableError {
        let asked = match asked {
            Some(name) => format!("{} {}: there is no such column", self.flag, quote::quoted(name)),
            None => format!("there is no column for {} ({} NAME names it)", self.what, self.flag),
        };
        TableError::NoColumn {
            file: file.to_owned(),
            asked,
            names: quote::names(names),
            hint: hint.to_owned(),
        }
    }

    pub(crate) fn ambiguous(&self, file: &str, names: &[String], columns: &[usize]) -> TableError {
        let titles: Vec<String> = columns.iter().map(|&column| names[column].clone()).collect();
        let same_title = titles.iter().all(|title| *title == titles[0]);
        let numbers =
            columns.iter().map(|column| (column + 1).to_string()).collect::<Vec<String>>();
        let listed = if same_title {
            format!("{} (numbers {})", quote::names(&titles), quote::names(&numbers))
        } else {
            quote::names(&titles)
        };
        TableError::Ambiguous {
            file: file.to_owned(),
            what: self.what.to_owned(),
            names: listed,
            flag: self.flag,
        }
    }
}

/// A title in lower case without blanks and punctuation.
pub(crate) fn joined(name: &str) -> String {
    words(name).concat()
}

/// The words of a title in lower case: parted by punctuation, blanks, and where a capital follows a
/// small letter.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (small && c.is_uppercase()) {
            words.push(String::new());
        }
        small = c.is_lowercase();
        if let (true, Some(word)) = (c.is_alphanumeric(), words.last_mut()) {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// `params (M)`, `tokens [billions]`, `N in millions`, `tokens_B`: what is measured, and in which
/// unit. What stands in brackets and is no multiple is left out.
pub(crate) fn unit(name: &str) -> Unit {
    let name = name.trim();
    if let Some((base, inside)) = bracketed(name) {
        let inside = inside.trim_start_matches("in ").trim();
        return Unit { base: base.to_owned(), exponent: multiple(inside).unwrap_or(0) };
    }
    let plain = Unit { base: name.to_owned(), exponent: 0 };
    let Some(at) = name.rfind([' ', '_', '/', '-', ',', '.']) else { return plain };
    let (base, last) =
        (name[..at].trim_end_matches([' ', '_', '/', '-', ',', '.']), &name[at + 1..]);
    let base = base
        .strip_suffix("in")
        .filter(|base| base.ends_with([' ', '_']))
        .map_or(base, |base| &base[..base.len() - 1]);
    let letter = last.len() == 1;
    // A single small letter is a unit only after a word: `params_m`, not `lr_b`.
    let clear = !letter || base.len() > 3 || last.chars().all(char::is_uppercase);
    match multiple(last) {
        Some(exponent) if clear && !base.is_empty() => Unit { base: base.to_owned(), exponent },
        _ => plain,
    }
}

fn bracketed(name: &str) -> Option<(&str, &str)> {
    [('(', ')'), ('[', ']')].into_iter().find_map(|(open, close)| {
        let (base, inside) = name.strip_suffix(close)?.rsplit_once(open)?;
        (!base.trim().is_empty()).then_some((base.trim(), inside.trim()))
    })
}

/// The power of ten of `M`, `billions`, `billion tokens`, `1e9`, `10^9`, `×1e9`; `None` for other
/// text.
///
/// ```
/// assert_eq!(asymscale_tables::multiple("billions"), Some(9));
/// assert_eq!(asymscale_tables::multiple("nats"), None);
/// ```
pub fn multiple(text: &str) -> Option<i32> {
    let text = text.trim().trim_start_matches(['x', '×', '*', '·']).to_lowercase();
    let word = text.split([' ', '_']).next().unwrap_or_default();
    if let Some(exponent) = marks::multiple(word) {
        return Some(exponent);
    }
    let exponent = text.strip_prefix("1e").or_else(|| text.strip_prefix("10^"));
    let exponent: i32 = exponent?.trim_start_matches('+').parse().ok()?;
    (1..=30).contains(&exponent).then_some(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_titles() {
        let cases = [
            ("params (M)", "params", 6),
            ("N [B]", "N", 9),
            ("tokens_B", "tokens", 9),
            ("params in millions", "params", 6),
            ("size (in millions)", "size", 6),
            ("D (10^9)", "D", 9),
            ("tokens (billion tokens)", "tokens", 9),
            ("loss (nats)", "loss", 0),
            ("N_M", "N", 6),
            ("lr_b", "lr_b", 0),
            ("params_m", "params", 6),
            ("N", "N", 0),
            ("val_loss", "val_loss", 0),
            ("flops (1e18)", "flops", 18),
        ];
        for (name, base, exponent) in cases {
            assert_eq!(unit(name), Unit { base: base.to_owned(), exponent }, "{name}");
        }
    }

    #[test]
    fn words_of_titles() {
        assert_eq!(words("eval/paloma.macro_loss"), ["eval", "paloma", "macro", "loss"]);
        assert_eq!(words("trainTokens (B)"), ["train", "tokens", "b"]);
        assert_eq!(joined("Val Loss"), "valloss");
    }
}
