//! Findings about losses over epochs.

use super::series::{EpochSeries, WithInterval, falling_ratio};
use crate::kit::{Case, EPOCH_RATE, Entry, data_in_words, resolution};
use crate::{ChapterError, Finding, Prediction, Preset, Tolerance, Variant};
use asymscale_theory::{Epochs, SampleTheory};

/// Plain steps against the flow on the same designs, and against theory, at the largest number of
/// samples.
///
/// # Errors
/// Those of theory.
pub fn flow_findings(
    (case, alpha): (&Case, f64),
    series: &[EpochSeries],
    preset: Preset,
    variant: Variant,
) -> Result<[Finding; 2], ChapterError> {
    let (last, model) = (&series[series.len() - 1], case.model(alpha)?);
    let share = if variant.is_defect() { 1.0 / last.samples } else { 1.0 };
    let passes: Vec<f64> = last.passes.iter().map(|pass| share * pass).collect();
    let epochs = Epochs::new(&model, last.samples, f64::INFINITY, EPOCH_RATE)?;
    let theory = epochs.losses(&passes)?;
    let level = theory.iter().map(|loss| loss.ln()).sum::<f64>() / theory.len() as f64;
    let (value, ends) = measured(&last.level);
    let over = |log: f64| (log - level).exp();
    let resolved = resolution(preset);
    let crowding = SampleTheory::new(&model, last.samples)?.coverage().seen / last.samples;
    let of = format!("α = {alpha}, {}", data_in_words(case));
    let flow = format!(
        "{of}: loss of plain steps over that of the flow on the same designs, geometric mean over passes"
    );
    let beside =
        format!("{of}: loss of plain steps over theory of the flow, geometric mean over passes");
    Ok([
        Finding::of(format!("flow-{}", case.name), flow)
            .predicted(Prediction::Equals(1.0))
            .measured(measured(&last.over_flow))
            .within(Tolerance::resolution(resolved, "of the preset; steps of at most a twentieth")),
        Finding::of(format!("theory-{}", case.name), beside)
            .predicted(Prediction::Equals(1.0))
            .measured((over(value), (over(ends.0), over(ends.1))))
            .within(Tolerance::finite_size(
                resolved + 0.15 * crowding,
                "0.15 S/D; resolution of the preset",
            )),
    ])
}

/// The power of `D` in the passes that are enough.
pub fn enough_finding(
    (case, alpha): (&Case, f64),
    series: &[EpochSeries],
    preset: Preset,
    variant: Variant,
) -> Finding {
    let limit = (1.0 + alpha) / case.beta - 1.0;
    let wrong = if variant.is_defect() { 1.0 } else { 0.0 };
    let points = series.iter().map(|one| {
        let enough = one.enough();
        (one.samples, (enough, (enough, enough)))
    });
    let known = power(&points.collect::<Vec<_>>()).0;
    let points = series.iter().map(|one| (one.samples, measured(&one.saturation)));
    let range = (series[series.len() - 1].samples / series[0].samples).ln();
    let width = (known - limit).abs() + 6.0 * resolution(preset) / range;
    let statement =
        format!("α = {alpha}, {}: power of D in the passes that are enough", data_in_words(case));
    Finding::of(format!("enough-{}", case.name), statement)
        .predicted(Prediction::Equals(limit + wrong))
        .measured(power(&points.collect::<Vec<_>>()))
        .within(Tolerance::finite_size(
            width,
            "distance of theory at these sizes from the limit; six times the resolution of losses",
        ))
}

/// The power of independent values, with its interval: the slope of a straight line in double
/// logarithm.
pub fn power(points: &[(f64, WithInterval)]) -> WithInterval {
    let middle = points.iter().map(|p| p.0.ln()).sum::<f64>() / points.len() as f64;
    let square: f64 = points.iter().map(|p| (p.0.ln() - middle).powi(2)).sum();
    let (mut slope, mut error) = (0.0, 0.0);
    for (size, (value, ends)) in points {
        let lever = (size.ln() - middle) / square;
        slope += lever * value.ln();
        error += (0.5 * lever * (ends.1 - ends.0) / value).powi(2);
    }
    (slope, (slope - error.sqrt(), slope + error.sqrt()))
}

/// Excesses of all sizes against the common curve.
///
/// # Errors
/// Those of theory.
pub fn collapse_finding(
    (case, alpha): (&Case, f64),
    series: &[EpochSeries],
    preset: Preset,
    variant: Variant,
) -> Result<Finding, ChapterError> {
    let factor = |samples: f64| if variant.is_defect() { samples } else { 1.0 };
    let (ratio, known) = falling_ratio(series, &case.model(alpha)?, factor)?;
    let smallest = SampleTheory::new(&case.model(alpha)?, series[0].samples)?;
    let crowding = 0.15 * smallest.coverage().seen / series[0].samples;
    let statement = format!(
        "α = {alpha}, {}: excess over that of the common curve, geometric mean over all sizes",
        data_in_words(case)
    );
    Ok(Finding::of(format!("collapse-{}", case.name), statement)
        .predicted(Prediction::Equals(1.0))
        .measured(ratio)
        .within(Tolerance::finite_size(
            (known - 1.0).abs() + 3.0 * (resolution(preset) + crowding),
            "distance of theory from the limit; three times 0.15 S/D and resolution, since an excess of a half is a third of its loss",
        )))
}

/// The value of an entry with its interval.
pub fn measured(entry: &Entry) -> (f64, (f64, f64)) {
    (entry.value, entry.interval)
}
