//! Findings about losses over epochs.

use super::series::{Collapsed, EpochSeries, WithInterval};
use crate::kit::{Case, Entry, data_in_words, resolution};
use crate::{ChapterError, Finding, Prediction, Preset, Tolerance, Variant};
use asymscale_theory::SampleTheory;

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
    let theory = if variant.is_defect() { &last.theory_of_steps } else { &last.theory };
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

/// Excesses at the largest number of samples against the common curve, from which theory knows how
/// far they should still be.
///
/// # Errors
/// Those of theory.
pub fn collapse_finding(
    (case, alpha): (&Case, f64),
    series: &[EpochSeries],
    preset: Preset,
    variant: Variant,
) -> Result<Finding, ChapterError> {
    let last = &series[series.len() - 1];
    let factor = if variant.is_defect() { last.samples } else { 1.0 };
    let found = Collapsed::of(last, &case.model(alpha)?, factor)?;
    let statement = format!(
        "α = {alpha}, {}: excess over that of the common curve, geometric mean over passes at the largest D",
        data_in_words(case)
    );
    Ok(Finding::of(format!("collapse-{}", case.name), statement)
        .predicted(Prediction::Equals(found.theory))
        .measured(found.measured)
        .within(Tolerance::finite_size(
            (found.by_rank - found.theory).abs() + 3.0 * resolution(preset),
            "what the rank-corrected theory changes; three times the resolution, since an excess of a half is a third of its loss",
        )))
}

/// The value of an entry with its interval.
pub fn measured(entry: &Entry) -> (f64, (f64, f64)) {
    (entry.value, entry.interval)
}
