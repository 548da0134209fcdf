//! Words that stand for numbers: units, infinities, and the many ways to write a missing value.

/// What separates the fraction of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DecimalMark {
    /// `4.5`; commas may group digits.
    Point,
    /// `4,5`; points may group digits.
    Comma,
}

/// Cells that say that there is no number, in lower case.
const MISSING_VALUES: [&str; 58] = [
    "",
    "-",
    "--",
    "---",
    "–",
    "—",
    ".",
    "..",
    "...",
    "?",
    "*",
    "/",
    "\\n",
    "\\\\n",
    "na",
    "n/a",
    "n.a.",
    "n.a",
    "#n/a",
    "<na>",
    "nan",
    "-nan",
    "+nan",
    "nat",
    "null",
    "(null)",
    "none",
    "nil",
    "missing",
    "unknown",
    "undefined",
    "undef",
    "empty",
    "tbd",
    "diverged",
    "divergence",
    "diverge",
    "div",
    "failed",
    "fail",
    "failure",
    "crashed",
    "crash",
    "oom",
    "error",
    "timeout",
    "killed",
    "pending",
    "running",
    "#div/0!",
    "#value!",
    "#ref!",
    "#num!",
    "#name?",
    "1.#qnan",
    "1.#ind",
    "-1.#ind",
    "not available",
];

/// Whether a cell says that the value is missing.
pub(crate) fn is_missing(text: &str) -> bool {
    // Longer texts are none of the words.
    text.len() <= 16 && MISSING_VALUES.contains(&text.to_lowercase().as_str())
}

/// The infinity that a cell names.
pub(crate) fn infinite(text: &str) -> Option<f64> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let named =
        ["inf", "infinity", "∞", "1.#inf"].iter().any(|name| rest.eq_ignore_ascii_case(name));
    named.then_some(sign * f64::INFINITY)
}

/// Words after a number that count what it counts and change nothing.
const COUNTED_UNITS: [&str; 14] = [
    "tokens",
    "token",
    "tok",
    "toks",
    "params",
    "param",
    "parameters",
    "flops",
    "flop",
    "samples",
    "examples",
    "nats",
    "nat",
    "words",
];

/// The effect of a word after a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suffix {
    /// None: there is no word, or it only says what is counted.
    None,
    /// It multiplies it with this power of ten.
    Times(i32),
}

/// What a word after a number does; `None` for a word that is not understood.
pub(crate) fn suffix(text: &str, allowed: bool) -> Option<Suffix> {
    let lower = text.to_lowercase();
    let word =
        COUNTED_UNITS.iter().find_map(|word| lower.strip_suffix(word)).unwrap_or(&lower).trim_end();
    if word.is_empty() {
        return Some(Suffix::None);
    }
    let counted = word.len() < lower.len();
    // Larger units are accepted only with the word that they count, since E and P also stand for
    // other things.
    let large = match word {
        "p" if counted => Some(15),
        "e" if counted => Some(18),
        "z" if counted => Some(21),
        _ => None,
    };
    multiple(word).or(large).filter(|_| allowed).map(Suffix::Times)
}

/// The power of ten of a word for a multiple, in lower case; `m` is a million, as everywhere in
/// this field.
pub(crate) fn multiple(word: &str) -> Option<i32> {
    match word {
        "k" | "thousand" | "thousands" => Some(3),
        "m" | "mm" | "mn" | "mio" | "mil" | "million" | "millions" => Some(6),
        "b" | "bn" | "bln" | "g" | "billion" | "billions" => Some(9),
        "t" | "tn" | "trillion" | "trillions" => Some(12),
        _ => None,
    }
}
