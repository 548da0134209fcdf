//! Findings about fits of training runs whose law is known or published.

use crate::kit::measures::{PUBLISHED, TARGETS};
use crate::kit::{Entry, HALF_WIDTHS, ISOFLOP_LAWS, isoflop_bias};
use crate::{Finding, Measured, Prediction, Tolerance};

/// The five-point fit against the published one.
pub fn published_findings(all: &[Entry]) -> Vec<Finding> {
    let value = |name: &str| all.iter().find(|e| e.quantity == name).map_or(f64::NAN, |e| e.value);
    let worst =
        PUBLISHED.iter().map(|(name, known)| (value(name) / known - 1.0).abs()).fold(0.0, f64::max);
    let statement =
        "five-point fit: largest relative distance of a parameter from the published one";
    let parameters = Finding::of("five-parameters", statement)
        .predicted(Prediction::AtMost(0.0))
        .measured(Measured::Exact(worst))
        .within(Tolerance::rounding(5e-6, "five digits"));
    let error = |(id, name, known): (&str, &str, f64)| {
        let statement = format!("five-point fit: error at the model {name} in per cent");
        Finding::of(format!("five-{id}"), statement)
            .predicted(Prediction::Equals(known))
            .measured(Measured::Exact(value(id)))
            .within(Tolerance::rounding(5e-5, "four decimals of a per cent"))
    };
    [parameters].into_iter().chain(TARGETS.map(error)).collect()
}

/// The shift of the minimum on the second narrowest grid against the closed form, and the exponent
/// on grids that follow the best N.
pub fn parabola_findings(all: &[Entry]) -> [Finding; 2] {
    let width = HALF_WIDTHS[1];
    let shift = "shift of the minimum of a parabola on a grid from half to twice the best N: relative distance from the closed form";
    let shift = Finding::of("parabola-shift", shift)
        .predicted(Prediction::AtMost(0.0))
        .measured(Measured::Exact(off_closed_form(all)))
        .within(Tolerance::truncation(width.ln().powi(2), "the square of the half-width"));
    let errors = all.iter().filter(|e| e.kind == "isoflop exponent" && e.quantity != "fixed");
    let worst = errors.map(|e| e.value.abs()).fold(0.0, f64::max);
    let exponent = "exponent of the best N by parabolas, on grids that follow it: largest distance from that of the law";
    let exponent = Finding::of("parabola-exponent", exponent)
        .predicted(Prediction::AtMost(0.0))
        .measured(Measured::Exact(worst))
        .within(Tolerance::rounding(1e-6, "minima of parabolas"));
    [shift, exponent]
}

/// The largest relative distance of a shift on the second narrowest grid from the closed form.
fn off_closed_form(all: &[Entry]) -> f64 {
    let width = HALF_WIDTHS[1];
    let value = |kind: &str, of: &str, grid: &str| {
        let found = all.iter().find(|e| e.kind == kind && e.of == of && e.quantity == grid);
        found.map_or(f64::NAN, |e| e.value)
    };
    let off = |(name, law): (&str, _)| {
        (value("isoflop minimum", name, &width.to_string()) / isoflop_bias(&law, width) - 1.0).abs()
    };
    ISOFLOP_LAWS.into_iter().map(off).fold(0.0, f64::max)
}

/// The same in per cent.
pub fn parabola_error(all: &[Entry]) -> String {
    format!("{:.1} %", 100.0 * off_closed_form(all))
}

/// The law of the runs of few epochs with one exponent, to three or four digits.
const KNOWN: [(&str, f64); 4] = [("e", 1.896), ("a", 634.0), ("b", 3050.0), ("alpha", 0.3595)];

/// The law of the runs of few epochs against that known fit.
pub fn fresh_finding(all: &[Entry]) -> Finding {
    let value = |name: &str| {
        let found =
            all.iter().find(|e| e.kind == "repeats" && e.of == "few epochs" && e.quantity == name);
        found.map_or(f64::NAN, |e| e.value)
    };
    let worst =
        KNOWN.iter().map(|(name, known)| (value(name) / known - 1.0).abs()).fold(0.0, f64::max);
    let statement = "62 runs of at most 2.5 epochs: largest relative distance of four parameters from the known fit";
    Finding::of("repeats-fresh", statement)
        .predicted(Prediction::AtMost(0.0))
        .measured(Measured::Exact(worst))
        .within(Tolerance::rounding(5e-3, "three digits of the amplitudes"))
}
