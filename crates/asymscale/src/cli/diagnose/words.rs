//! A diagnosis in plain words.

use asymscale::fitting::diagnosis::{
    ActivationCounts, ActivityFit, AlphaSource, Diagnosis, Estimate, Regime, Scaling, WindowEnd,
};

/// What of the question the summary repeats.
pub(super) struct Asked {
    pub(super) level: f64,
    pub(super) seed: u64,
}

/// A line per thought: what was read, what limits and by how much, the law, what it makes of the loss, caveats, how sure.
pub(super) fn summary(counts: &ActivationCounts, diagnosis: &Diagnosis, asked: &Asked) -> String {
    let mut lines = vec![format!(
        "Read {} features seen in {} samples, {} of them once{}.",
        diagnosis.seen,
        diagnosis.samples,
        diagnosis.unseen.singletons,
        never(counts.never_active()),
    )];
    lines.push(diagnosis.verdict().to_string());
    lines.push(limit(diagnosis));
    lines.extend(diagnosis.activity.as_ref().map(law));
    lines.extend(diagnosis.scaling.as_ref().map(|scaling| loss(scaling, diagnosis.regime)));
    lines.extend(diagnosis.caveats.iter().map(|caveat| format!("Careful: {caveat}.")));
    lines.push(format!("Intervals are at {} % (seed {}).", 100.0 * asked.level, asked.seed));
    lines.join("\n") + "\n"
}

fn never(rows: usize) -> String {
    if rows == 0 { String::new() } else { format!("; {rows} more were never active and tell nothing") }
}

fn limit(diagnosis: &Diagnosis) -> String {
    let what = if diagnosis.unseen.energy.is_some() { "energy" } else { "activations" };
    let threshold = diagnosis.threshold;
    format!(
        "A larger model cannot win back the unseen {what}; it interpolates these samples from about {threshold:.0} parameters on."
    )
}

fn law(fit: &ActivityFit) -> String {
    let window = match fit.reason {
        WindowEnd::AllCounts => "over all counts".to_owned(),
        _ => format!("for features active {} times or less", fit.max_count),
    };
    format!("Activity falls with rank i as i^-β, β = {}, {window} ({} features).", of(fit.beta), fit.features)
}

fn loss(scaling: &Scaling, regime: Regime) -> String {
    let source = match scaling.source {
        AlphaSource::Given => "α as given",
        AlphaSource::SecondMoments => "α from second moments",
        AlphaSource::BinaryActivations => "every activation taken to have energy 1",
    };
    let (features, samples) = (of(scaling.features_exponent), of(scaling.samples_exponent));
    let but = if regime == Regime::RareFeatures { "" } else { ", if rare features came to limit" };
    format!(
        "Were that the law of all features, the loss would fall as N^-a in model size, a = {features}, and as D^-b in samples, b = {samples}{but} ({source})."
    )
}

/// Value and interval to three significant digits or so.
fn of(estimate: Estimate) -> String {
    let Estimate { value, lower, upper } = estimate;
    format!("{value:.3} ({lower:.3} to {upper:.3})")
}
