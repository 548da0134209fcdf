//! One cell of text as one number, in the ways in which people write numbers.

use crate::cells::digits::read_scaled;
use crate::cells::marks::{self, DecimalMark, Suffix};

/// The content of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum CellValue {
    /// A number; it may be infinite or NaN where that is what stands there.
    Number(f64),
    /// A missing value, in one of the ways to write it: empty, `NA`, `-`, `diverged`.
    Missing,
    /// Text that is no number.
    Word,
}

/// How the cells of a column are to be read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct NumberFormat {
    /// What separates the fraction.
    pub(crate) mark: DecimalMark,
    /// Whether 2k, 20M, 1.2B and 3T are thousands, millions, billions and trillions.
    pub(crate) suffixes: bool,
    /// Power of ten of the unit in the column's title, which numbers without a suffix are
    /// multiplied with.
    pub(crate) shift: i32,
    /// Whether `true` is 1 and `false` 0.
    pub(crate) words: bool,
}

/// The notation that a column was found to use, and what it says of the decimal mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "a set of independent observations")]
pub(crate) struct Notation {
    pub(crate) suffix: bool,
    pub(crate) power: bool,
    pub(crate) groups: bool,
    pub(crate) uncertainty: bool,
    pub(crate) percent: bool,
    /// Whether a cell is a number only with a decimal point.
    pub(crate) point: bool,
    /// Whether a cell is a number only with a decimal comma.
    pub(crate) comma: bool,
    /// Whether a comma may be a decimal mark or group digits, as in `1,234`.
    pub(crate) either_comma: bool,
    /// Whether a point may be a decimal mark or group digits, as in `1.234`.
    pub(crate) either_point: bool,
}

const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// The number in a cell. Correctly rounded, whatever the unit.
pub(crate) fn read(cell: &[u8], format: NumberFormat, seen: &mut Notation) -> CellValue {
    match read_plain(cell, format, seen) {
        Some(number) => CellValue::Number(number),
        None => read_any(&String::from_utf8_lossy(cell), format, seen),
    }
}

/// Whether a field holds a number, with a decimal point or a decimal comma.
pub(crate) fn looks_numeric(field: &[u8]) -> bool {
    [DecimalMark::Point, DecimalMark::Comma].into_iter().any(|mark| {
        let format = NumberFormat { mark, suffixes: true, shift: 0, words: false };
        matches!(read(field.trim_ascii(), format, &mut Notation::default()), CellValue::Number(_))
    })
}

/// A sign, digits with at most one point, and an exponent, as programs write numbers: below 2^53
/// and within 10^22 one operation on exact operands.
fn read_plain(cell: &[u8], format: NumberFormat, seen: &mut Notation) -> Option<f64> {
    let (sign, body) = match cell.split_first() {
        Some((b'-', rest)) => (-1.0, rest),
        Some((b'+', rest)) => (1.0, rest),
        _ => (1.0, cell),
    };
    let (mut digits, mut point, mut all) = (0_u64, None, 0_usize);
    let (mut exponent, mut end) = (0, body.len());
    for (at, &byte) in body.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                digits = digits.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
                all += 1;
            }
            b'.' if point.is_none() => point = Some(at),
            b'e' | b'E' => {
                (exponent, end) = (read_exponent(&body[at + 1..])?, at);
                break;
            }
            _ => return None,
        }
    }
    let decimals = point.map_or(0, |at| end - at - 1);
    if all == 0 || decimals > 0 && format.mark == DecimalMark::Comma {
        return None;
    }
    let power = format.shift + exponent - decimals as i32;
    let number = match TENS.get(power.unsigned_abs() as usize) {
        Some(tens) if all <= 15 && power < 0 => sign * (digits as f64 / tens),
        Some(tens) if all <= 15 => sign * (digits as f64 * tens),
        _ if format.shift == 0 => std::str::from_utf8(cell).ok()?.parse().ok()?,
        _ => return None,
    };
    // Three decimals may also be a group of three digits, where commas are decimal.
    seen.either_point |= decimals == 3;
    seen.point |= decimals > 0 && decimals != 3;
    Some(number)
}

/// A whole number of three digits at most.
fn read_exponent(text: &[u8]) -> Option<i32> {
    let (sign, digits) = match text.split_first() {
        Some((b'-', rest)) => (-1, rest),
        Some((b'+', rest)) => (1, rest),
        _ => (1, text),
    };
    let is_short = (1..=3).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    is_short.then(|| digits.iter().fold(0, |sum, byte| 10 * sum + i32::from(byte - b'0')) * sign)
}

fn read_any(cell: &str, format: NumberFormat, seen: &mut Notation) -> CellValue {
    let text = normalised(cell);
    if marks::is_missing(&text) {
        return CellValue::Missing;
    }
    if let Some(infinite) = marks::infinite(&text) {
        return CellValue::Number(infinite);
    }
    if format.words && (text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")) {
        return CellValue::Number(f64::from(u8::from(text.len() == 4)));
    }
    let (text, uncertain) = without_uncertainty(&text, format);
    match read_number(text, format, seen) {
        Some(value) => {
            seen.uncertainty |= uncertain;
            CellValue::Number(value)
        }
        None => CellValue::Word,
    }
}

/// The text without blanks and quotation marks around it, and with the signs and blanks of
/// typesetting replaced by those of a keyboard.
fn normalised(cell: &str) -> String {
    let plain = |c: char| match c {
        '\u{2212}' => '-',
        '\u{a0}' | '\u{2007}' | '\u{2009}' | '\u{202f}' | '\t' => ' ',
        '×' | '·' | '⋅' | '∙' => '*',
        '’' => '\'',
        c => c,
    };
    let text: String = cell.chars().map(plain).collect();
    let outer =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '$' | '“' | '”' | '\u{feff}');
    text.trim_matches(outer).to_owned()
}

/// `3.21±0.01` is 3.21.
fn without_uncertainty(text: &str, format: NumberFormat) -> (&str, bool) {
    let split = ["±", "+/-", "+-"].iter().find_map(|sign| text.split_once(sign));
    let is_number =
        |text: &str| read_number(text.trim(), format, &mut Notation::default()).is_some();
    match split {
        Some((value, error)) if is_number(error) => (value.trim_end(), true),
        _ => (text, false),
    }
}

fn read_number(text: &str, format: NumberFormat, seen: &mut Notation) -> Option<f64> {
    if let Some(share) = text.strip_suffix('%') {
        let value = read_scaled(share.trim_end(), -2, format, seen)?;
        seen.percent = true;
        return Some(value);
    }
    if let Some(value) = read_power(text, format, seen) {
        seen.power = true;
        return Some(value);
    }
    let (body, unit) = split_unit(text);
    match marks::suffix(unit, format.suffixes)? {
        Suffix::None => read_scaled(body, format.shift, format, seen),
        Suffix::Times(exponent) => {
            let value = read_scaled(body, exponent, format, seen)?;
            seen.suffix = true;
            Some(value)
        }
    }
}

/// What follows the last digit, where it begins with a letter after an optional blank.
fn split_unit(text: &str) -> (&str, &str) {
    let end = text.rfind(|c: char| c.is_ascii_digit() || c == '.').map_or(0, |at| at + 1);
    (&text[..end], text[end..].trim())
}

/// `10^6`, `20*10^6`, `2 x 10**9`, `1.5*10⁶`, `2^20`: a coefficient, a base of 10 or 2, a whole
/// exponent.
fn read_power(text: &str, format: NumberFormat, seen: &mut Notation) -> Option<f64> {
    let plain = plain_exponent(text)?;
    let (front, exponent) = plain.split_once('^')?;
    let exponent: i32 = exponent.trim_matches(['{', '}', '(', ')', ' ']).parse().ok()?;
    let front = front.trim_end();
    let (base, rest) = match (front.strip_suffix("10"), front.strip_suffix('2')) {
        (Some(rest), _) => (10, rest),
        (None, Some(rest)) => (2, rest),
        _ => return None,
    };
    let coefficient = match rest.trim_end().strip_suffix(['*', 'x', 'X']) {
        Some(coefficient) => coefficient.trim_end(),
        None if rest.is_empty() => "1",
        None => return None,
    };
    if base == 10 {
        return read_scaled(coefficient, format.shift.checked_add(exponent)?, format, seen);
    }
    Some(read_scaled(coefficient, format.shift, format, seen)? * 2_f64.powi(exponent))
}

/// `**` and raised digits as `^`.
fn plain_exponent(text: &str) -> Option<String> {
    if let Some(at) = text.find("**") {
        return Some(format!("{}^{}", &text[..at], &text[at + 2..]));
    }
    if text.contains('^') {
        return Some(text.to_owned());
    }
    let raised = |c: char| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|known| known == c);
    let at = text.find(|c| raised(c).is_some() || c == '⁻')?;
    let digit = |c: char| match raised(c) {
        Some(digit) => char::from_digit(digit as u32, 10),
        None => (c == '⁻').then_some('-'),
    };
    let exponent: String = text[at..].chars().map(digit).collect::<Option<_>>()?;
    Some(format!("{}^{exponent}", &text[..at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: NumberFormat =
        NumberFormat { mark: DecimalMark::Point, suffixes: true, shift: 0, words: false };

    fn value(text: &str) -> CellValue {
        read(text.as_bytes(), PLAIN, &mut Notation::default())
    }

    #[test]
    fn numbers_as_people_write_them() {
        let cases = [
            ("7e9", 7e9),
            ("2.000E+07", 2e7),
            ("1.5D6", 1.5e6),
            ("1_000_000", 1e6),
            ("1,000,000", 1e6),
            ("1 000 000", 1e6),
            ("1\u{a0}000\u{202f}000", 1e6),
            ("1'000'000", 1e6),
            ("1.2B", 1.2e9),
            ("350m", 3.5e8),
            ("20M", 2e7),
            ("1.6 B tokens", 1.6e9),
            ("3T", 3e12),
            ("12k", 12e3),
            ("70 million", 7e7),
            ("10^6", 1e6),
            ("20*10^6", 2e7),
            ("0.4*10^9", 4e8),
            ("6.4 × 10⁹", 6.4e9),
            ("1.5x10^{6}", 1.5e6),
            ("2^10", 1024.0),
            ("10**-3", 1e-3),
            ("\"20000000\"", 2e7),
            ("3.21±0.01", 3.21),
            ("3.21 +/- 0.01", 3.21),
            ("−3.5", -3.5),
            (" 4 ", 4.0),
            ("25.9 %", 0.259),
            ("1,234.5", 1234.5),
            (".5", 0.5),
            ("5.", 5.0),
            ("+2", 2.0),
            ("$3$", 3.0),
            ("4.443549", 4.443549),
            ("123456789012345678901234567890", 123456789012345678901234567890.0),
            ("6 EFLOP", 6e18),
        ];
        for (text, expected) in cases {
            assert_eq!(value(text), CellValue::Number(expected), "{text}");
        }
    }

    /// As the standard library reads them, which rounds correctly, with all kinds of lengths.
    #[test]
    fn numbers_as_programs_write_them_are_rounded_correctly() {
        let mut state = 1_u64;
        let mut below = |most: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % most
        };
        for _ in 0..20_000 {
            let mut digits = |most| {
                (0..below(most)).map(|_| char::from(b'0' + below(10) as u8)).collect::<String>()
            };
            let (whole, fraction) = (digits(20), digits(20));
            if whole.is_empty() && fraction.is_empty() {
                continue;
            }
            let sign = ["", "-", "+"][below(3) as usize];
            let exponent = match below(3) {
                0 => String::new(),
                1 => format!("e{}", below(330)),
                _ => format!("E-{:02}", below(350)),
            };
            let point = if fraction.is_empty() && below(2) == 0 { "" } else { "." };
            let text = format!("{sign}{whole}{point}{fraction}{exponent}");
            assert_eq!(value(&text), CellValue::Number(text.parse().unwrap()), "{text}");
        }
        let mut seen = Notation::default();
        let comma = NumberFormat { mark: DecimalMark::Comma, ..PLAIN };
        assert_eq!(read(b"-1.25e-07", PLAIN, &mut seen), CellValue::Number(-1.25e-7));
        assert!(seen.point && !seen.either_point);
        assert_eq!(read(b"1.25e-07", comma, &mut seen), CellValue::Word);
    }

    #[test]
    fn words_and_nothing_are_told_apart() {
        for text in
            ["", " ", "NA", "n/a", "NaN", "null", "None", "-", "--", "diverged", "#N/A", "?", "OOM"]
        {
            assert_eq!(value(text), CellValue::Missing, "{text}");
        }
        for text in [
            "abc",
            "3.2.1",
            "1,00,0",
            "12 34",
            "0x10",
            "1e",
            "e5",
            "3 apples",
            "2026-11-03",
            "1/2",
            "1-2",
            "--5",
        ] {
            assert_eq!(value(text), CellValue::Word, "{text}");
        }
        assert_eq!(value("inf"), CellValue::Number(f64::INFINITY));
        assert_eq!(value("-Infinity"), CellValue::Number(f64::NEG_INFINITY));
        let strict = NumberFormat { suffixes: false, ..PLAIN };
        assert_eq!(read(b"350m", strict, &mut Notation::default()), CellValue::Word);
    }

    #[test]
    fn units_of_titles_shift_the_decimal_point_exactly() {
        let millions = NumberFormat { shift: 6, ..PLAIN };
        let mut seen = Notation::default();
        for (text, expected) in
            [("4.35", 4_350_000.0), ("0.4", 4e5), ("1e-3", 1e3), ("20M", 2e7), ("1,000", 1e9)]
        {
            assert_eq!(
                read(text.as_bytes(), millions, &mut seen),
                CellValue::Number(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn decimal_commas() {
        let comma = NumberFormat { mark: DecimalMark::Comma, ..PLAIN };
        for (text, expected) in [
            ("4,443549", 4.443549),
            ("1.234,5", 1234.5),
            ("20.000.000", 2e7),
            ("1.234", 1234.0),
            ("3,2e6", 3.2e6),
        ] {
            assert_eq!(
                read(text.as_bytes(), comma, &mut Notation::default()),
                CellValue::Number(expected),
                "{text}"
            );
        }
        let mut seen = Notation::default();
        assert_eq!(read(b"4,443549", PLAIN, &mut seen), CellValue::Word);
        assert!(seen.comma && !seen.point);
    }
}
