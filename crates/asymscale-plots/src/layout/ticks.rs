//! The ticks of an axis and their labels.

use crate::model::axis::Scale;

/// A marked value; one without a label is a minor mark.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    pub(crate) value: f64,
    pub(crate) label: String,
}

/// The marks of an axis from `low` to `high` that has room for `max_labels` labels (at least 2 are
/// tried).
pub(crate) fn ticks(scale: Scale, low: f64, high: f64, max_labels: usize) -> Vec<Tick> {
    let max_labels = max_labels.max(2);
    match scale {
        Scale::Linear => linear(low, high, max_labels),
        Scale::Log if high / low < 32.0 => within_decades(low, high, max_labels),
        Scale::Log => {
            let decades = decades(low, high, max_labels);
            let labelled = decades.iter().filter(|tick| !tick.label.is_empty()).count();
            // A single power of ten is no scale.
            let multiples = || multiples(low, high, max_labels).filter(|_| labelled < 2);
            multiples().unwrap_or(decades)
        }
    }
}

/// Powers of ten, thinned to the room there is. The decades left out become minor marks, and where
/// none is left out the multiples 2 to 9 do.
fn decades(low: f64, high: f64, max_labels: usize) -> Vec<Tick> {
    let (first, last) = (ceil(low.log10()), floor(high.log10()));
    let count = last - first + 1;
    let limit = i32::try_from(max_labels).unwrap_or(i32::MAX);
    let stride = [1, 2, 3, 4, 5, 6, 10, 15, 20, 30, 50, 100]
        .into_iter()
        .find(|&s| (count + s - 1) / s <= limit)
        .unwrap_or(count);
    let mut ticks = Vec::new();
    for exponent in first - 1..=last {
        let labelled = exponent.rem_euclid(stride) == 0;
        let label = if labelled { format!("10{}", superscript(exponent)) } else { String::new() };
        ticks.push(Tick { value: power(exponent), label });
        if stride == 1 && count <= 12 {
            ticks.extend((2..10).map(|m| minor(f64::from(m) * power(exponent))));
        }
    }
    keep_in_range(ticks, low, high)
}

/// Under a decade and a half: multiples where at least three of them fit, else evenly spaced
/// values.
fn within_decades(low: f64, high: f64, max_labels: usize) -> Vec<Tick> {
    multiples(low, high, max_labels).unwrap_or_else(|| linear(low, high, max_labels.min(6)))
}

/// Multiples such as 1, 2 and 5 of powers of ten, as many as there is room for, the others as minor
/// marks; `None` if fewer than three would be labelled.
fn multiples(low: f64, high: f64, max_labels: usize) -> Option<Vec<Tick>> {
    let exponents = floor(low.log10())..=ceil(high.log10());
    let values = |multiples: &'static [i32]| {
        let all = exponents
            .clone()
            .flat_map(move |e| multiples.iter().map(move |&m| f64::from(m) * power(e)));
        all.filter(|&v| in_range(v, low, high)).collect::<Vec<f64>>()
    };
    let choices: [&'static [i32]; 4] =
        [&[1, 2, 3, 4, 5, 6, 7, 8, 9], &[1, 2, 3, 5, 7], &[1, 2, 5], &[1, 3]];
    let labelled =
        choices.into_iter().map(values).find(|v| (3..=max_labels.min(7)).contains(&v.len()))?;
    let minors = values(&[1, 2, 3, 4, 5, 6, 7, 8, 9])
        .into_iter()
        .filter(|v| !labelled.contains(v))
        .map(minor);
    let plain_numbers = labelled.iter().all(|v| (1e-3..1e5).contains(v));
    let label = |value: f64| if plain_numbers { short(value) } else { scientific(value) };
    let majors = labelled.iter().map(|&value| Tick { value, label: label(value) });
    Some(majors.chain(minors).collect())
}

/// Multiples of 1, 2, 2.5 or 5 times a power of ten, the finest for which there is room.
fn linear(low: f64, high: f64, max_labels: usize) -> Vec<Tick> {
    let rough = (high - low) / max_labels as f64;
    let unit = power(floor(rough.log10()));
    let step = [1.0, 2.0, 2.5, 5.0, 10.0, 20.0].into_iter().map(|m| m * unit).find(|&s| {
        let count = ((high / s + 1e-9).floor() - (low / s - 1e-9).ceil()) as usize + 1;
        count <= max_labels
    });
    let step = step.unwrap_or(20.0 * unit);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    let values: Vec<f64> = (first..=last).map(|k| k as f64 * step).collect();
    let labels = labels(&values);
    let majors: Vec<Tick> =
        values.iter().zip(labels).map(|(&value, label)| Tick { value, label }).collect();
    let halves = (first - 1..=last).map(|k| minor((k as f64 + 0.5) * step));
    majors.into_iter().chain(keep_in_range(halves.collect(), low, high)).collect()
}

/// Labels of values that stand on one axis: plain numbers with as many places as all of them need,
/// or, where these would be long, mantissa × power of ten.
fn labels(values: &[f64]) -> Vec<String> {
    let largest = values.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    let places =
        (0..=7).find(|&p| values.iter().all(|&v| (round_to(v, p) - v).abs() <= 1e-9 * largest));
    match places {
        Some(places) if largest < 1e5 && (places < 5) => {
            values.iter().map(|&v| plain(v, places as usize)).collect()
        }
        _ => values.iter().map(|&v| scientific(v)).collect(),
    }
}

fn round_to(value: f64, places: i32) -> f64 {
    let unit = power(places);
    (value * unit).round() / unit
}

/// A number with a true minus sign, and no sign on zero.
fn plain(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    let zero = !text.bytes().any(|b| (b'1'..=b'9').contains(&b));
    if zero { "0".into() } else { text.replace('-', "−") }
}

/// A value as mantissa × power of ten, such as 2.5×10⁻⁷.
fn scientific(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let text = format!("{value:.3e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.').replace('-', "−");
    let exponent = superscript(exponent.parse().unwrap_or(0));
    if mantissa == "1" { format!("10{exponent}") } else { format!("{mantissa}×10{exponent}") }
}

/// A value as a reader of a legend or a contour wants it: at most three digits, no trailing zeros.
pub(crate) fn short(value: f64) -> String {
    let size = value.abs();
    if value != 0.0 && !(1e-3..1e5).contains(&size) {
        return scientific(format!("{value:.2e}").parse().unwrap_or(value));
    }
    let digits =
        if size < 1.0 { 3 - floor(size.max(1e-3).log10()) } else { 3 - ceil(size.log10()) };
    let text = plain(value, digits.max(0) as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

/// A whole number in Unicode superscripts.
fn superscript(exponent: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digits = exponent.unsigned_abs().to_string();
    let sign = if exponent < 0 { "⁻" } else { "" };
    digits
        .bytes()
        .fold(String::from(sign), |text, b| text + &DIGITS[usize::from(b - b'0')].to_string())
}

fn minor(value: f64) -> Tick {
    Tick { value, label: String::new() }
}

fn keep_in_range(ticks: Vec<Tick>, low: f64, high: f64) -> Vec<Tick> {
    ticks.into_iter().filter(|tick| in_range(tick.value, low, high)).collect()
}

/// Whether a value is in a range up to rounding, so that a range that ends on a power of ten shows
/// it.
fn in_range(value: f64, low: f64, high: f64) -> bool {
    let slack = 1e-9 * (high - low);
    value >= low - slack.min(1e-9 * low.abs()) && value <= high + slack
}

/// The power of ten nearest to the true one: parsed, since `powi` drifts in the last digits.
fn power(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().unwrap_or(0.0)
}

fn floor(value: f64) -> i32 {
    (value + 1e-9).floor() as i32
}

fn ceil(value: f64) -> i32 {
    (value - 1e-9).ceil() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(scale: Scale, low: f64, high: f64, max_labels: usize) -> Vec<String> {
        let all = ticks(scale, low, high, max_labels);
        all.into_iter().map(|t| t.label).filter(|l| !l.is_empty()).collect()
    }

    #[test]
    fn log_axis_marks_powers_of_ten() {
        assert_eq!(marked(Scale::Log, 0.01, 100.0, 8), ["10⁻²", "10⁻¹", "10⁰", "10¹", "10²"]);
        assert_eq!(ticks(Scale::Log, 0.01, 100.0, 8).len(), 5 + 4 * 8);
    }

    #[test]
    fn many_decades_are_thinned() {
        assert_eq!(marked(Scale::Log, 1.0, 1e12, 5), ["10⁰", "10³", "10⁶", "10⁹", "10¹²"]);
        // The thinned decades remain as minor marks, without the multiples between them.
        assert_eq!(ticks(Scale::Log, 1.0, 1e12, 5).len(), 13);
        assert!(marked(Scale::Log, 1e-300, 1e300, 7).len() >= 3);
    }

    #[test]
    fn short_log_ranges_use_small_multiples() {
        assert_eq!(marked(Scale::Log, 1.0, 20.0, 6), ["1", "2", "5", "10", "20"]);
        assert_eq!(marked(Scale::Log, 0.2, 0.6, 8), ["0.2", "0.3", "0.4", "0.5", "0.6"]);
        assert_eq!(marked(Scale::Log, 2e5, 9e5, 4), ["2×10⁵", "3×10⁵", "5×10⁵", "7×10⁵"]);
    }

    #[test]
    fn a_single_power_of_ten_is_no_scale() {
        assert_eq!(marked(Scale::Log, 1.2, 70.0, 8), ["2", "5", "10", "20", "50"]);
        assert_eq!(marked(Scale::Log, 0.012, 0.8, 5), ["0.02", "0.05", "0.1", "0.2", "0.5"]);
        assert_eq!(marked(Scale::Log, 0.012, 0.8, 4), ["0.03", "0.1", "0.3"]);
        // Where there is no room for more, it is one label all the same.
        assert_eq!(marked(Scale::Log, 0.012, 0.8, 2), ["10⁻¹"]);
    }

    #[test]
    fn very_short_log_ranges_fall_back_to_even_steps() {
        assert_eq!(marked(Scale::Log, 1.02, 1.11, 6), ["1.02", "1.04", "1.06", "1.08", "1.10"]);
    }

    #[test]
    fn linear_axis_takes_round_steps() {
        assert_eq!(marked(Scale::Linear, 0.0, 1.0, 6), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(marked(Scale::Linear, -3.0, 3.0, 7), ["−3", "−2", "−1", "0", "1", "2", "3"]);
        assert_eq!(marked(Scale::Linear, 0.0, 4e7, 5), ["0", "10⁷", "2×10⁷", "3×10⁷", "4×10⁷"]);
    }

    #[test]
    fn labels_never_exceed_the_room() {
        for max_labels in 3..12 {
            for decades in 1..40 {
                let high = 10f64.powf(0.37 * f64::from(decades));
                for scale in [Scale::Log, Scale::Linear] {
                    let labels = marked(scale, 1.3, 1.3 * high, max_labels);
                    assert!(
                        (1..=max_labels).contains(&labels.len()),
                        "{scale:?} {high} {max_labels}: {labels:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn short_numbers_for_legends() {
        assert_eq!(short(0.1), "0.1");
        assert_eq!(short(1500.0), "1500");
        assert_eq!(short(-0.25), "−0.25");
        assert_eq!(short(1e-7), "10⁻⁷");
        assert_eq!(short(0.0), "0");
    }
}
