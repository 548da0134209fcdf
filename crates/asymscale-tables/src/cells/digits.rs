//! Digits with groups, a decimal mark and an exponent, and what they say of the mark.

use crate::cells::marks::DecimalMark;
use crate::cells::number::{Notation, NumberFormat};

/// Digits, groups, a fraction and an exponent, times a power of ten.
pub(super) fn read_scaled(
    text: &str,
    shift: i32,
    format: NumberFormat,
    seen: &mut Notation,
) -> Option<f64> {
    let (sign, text) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (if text.starts_with('-') { "-" } else { "" }, rest),
        None => ("", text),
    };
    let (body, exponent) = match text.find(['e', 'E', 'd', 'D']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
        None => (text, 0),
    };
    if !body.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',')) {
        return None;
    }
    let (whole, fraction) = split_decimal(body, format.mark, seen)?;
    let exponent = exponent.checked_add(shift)?;
    format!("{sign}{whole}.{fraction}e{exponent}").parse().ok()
}

/// The digits before and after the decimal mark, groups joined.
fn split_decimal(body: &str, mark: DecimalMark, seen: &mut Notation) -> Option<(String, String)> {
    note_decimal_mark(body, seen);
    let (decimal, other) = match mark {
        DecimalMark::Point => ('.', ','),
        DecimalMark::Comma => (',', '.'),
    };
    let (whole, fraction) = body.rsplit_once(decimal).unwrap_or((body, ""));
    if whole.is_empty() && fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if whole.bytes().all(|b| b.is_ascii_digit()) {
        return Some((format!("0{whole}"), format!("{fraction}0")));
    }
    let separator = whole.chars().find(|c| !c.is_ascii_digit())?;
    let groups: Vec<&str> = whole.split(separator).collect();
    let digits = |group: &&str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    let threes = groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3);
    let grouped = match separator {
        '_' => true,
        ' ' | '\'' => threes,
        c => c == other && threes,
    };
    if !grouped || !groups.iter().all(digits) {
        return None;
    }
    seen.groups = true;
    Some((groups.concat(), format!("{fraction}0")))
}

/// Notes what a cell shows of the decimal mark.
fn note_decimal_mark(body: &str, seen: &mut Notation) {
    let (commas, points) = (body.matches(',').count(), body.matches('.').count());
    let last_comma = body.rfind(',') > body.rfind('.');
    let after = |mark: char| body.rsplit(mark).next().unwrap_or_default();
    let threes = |mark: char| {
        let before = body.split(mark).next().unwrap_or_default();
        after(mark).len() == 3 && (1..=3).contains(&before.len()) && !before.starts_with('0')
    };
    match (commas, points) {
        (0, 0) => {}
        (0, 1) if threes('.') => seen.either_point = true,
        (1, 0) if threes(',') => seen.either_comma = true,
        (0, 1) => seen.point = true,
        (1, 0) | (0, _) => seen.comma = true,
        (_, 0) => seen.point = true,
        (_, _) if last_comma => seen.comma = true,
        (_, _) => seen.point = true,
    }
}
