//! Numbers in words: three significant digits, percentages, intervals.

use crate::fitting::ParameterInterval;

/// A relative change, with its sign.
pub(in crate::cli::fit) fn change(share: f64) -> String {
    let sign = if share < 0.0 { "-" } else { "+" };
    format!("{sign}{} %", short(100.0 * share.abs()))
}

/// A share in per cent with three significant digits, also of small ones.
pub(in crate::cli::fit) fn small_percent(share: f64) -> String {
    format!("{} %", digits(100.0 * share))
}

/// The ends of an interval, in brackets; nothing where they are not known.
pub(in crate::cli::fit) fn between(ends: &ParameterInterval, text: fn(f64) -> String) -> String {
    match (ends.lower, ends.upper) {
        (lower, upper) if lower.is_nan() || upper.is_nan() => String::new(),
        (lower, upper) if upper.is_infinite() => format!(" ({} to unbounded)", text(lower)),
        (lower, upper) => format!(" ({} to {})", text(lower), text(upper)),
    }
}

pub(in crate::cli::fit) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    match percent.abs() {
        0.0 => "0 %".to_owned(),
        size if size < 1e-3 => "< 0.001 %".to_owned(),
        size if size < 0.0995 => format!("{} %", short(percent)),
        size if size < 9.95 => format!("{percent:.1} %"),
        _ => format!("{percent:.0} %"),
    }
}

/// Two significant digits.
pub(in crate::cli::fit) fn p_value(p: f64) -> String {
    if p < 1e-12 { "p < 1e-12".to_owned() } else { format!("p = {}", short(p)) }
}

/// Two significant digits.
fn short(value: f64) -> String {
    significant(value, 2)
}

/// Three significant digits.
pub(in crate::cli::fit) fn digits(value: f64) -> String {
    significant(value, 3)
}

fn significant(value: f64, count: i32) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    // Rounded first: 9.999 has one digit before the point, what is printed of it two.
    let rounded = format!("{value:.*e}", count as usize - 1);
    let exponent: Option<i32> =
        rounded.split_once('e').and_then(|(_, exponent)| exponent.parse().ok());
    match exponent {
        None => value.to_string(),
        Some(exponent) if !(-3..4).contains(&exponent) => rounded,
        Some(exponent) => format!("{value:.*}", (count - 1 - exponent).max(0) as usize),
    }
}
