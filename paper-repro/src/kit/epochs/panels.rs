//! Panels and numbers of losses over epochs.

use super::series::{EpochSeries, common_excess};
use crate::kit::{Case, Entry, ResourceLaw, WORN, log_space};
use crate::{ChapterError, draw};
use asymscale_model::SparseModel;
use asymscale_plots::{Axis, Legend, Panel};
use asymscale_theory::{EpochCollapse, SampleTheory};

/// Losses over passes for every number of samples, beside theory.
///
/// # Errors
/// As [`asymscale_theory::Epochs`].
pub fn epochs_panel(mut panel: Panel, series: &[EpochSeries]) -> Result<Panel, ChapterError> {
    for (number, one) in series.iter().enumerate() {
        let theory = one.passes.iter().copied().zip(one.theory.iter().copied()).collect();
        let points = one.passes.iter().zip(&one.losses).map(|(k, e)| (*k, e.value)).collect();
        let ends = one.losses.iter().map(|e| e.interval).collect();
        let marks = draw::marks("", number, points, ends);
        let name = format!("{} samples", one.samples);
        panel = draw::both(name, number, theory, marks).into_iter().fold(panel, Panel::with);
    }
    Ok(panel)
}

/// Excesses over the floor on the common curve of one kind of data.
///
/// # Errors
/// As [`asymscale_theory::Epochs`].
pub fn collapse_panel(
    panel: Panel,
    (case, alpha): (&Case, f64),
    series: &[EpochSeries],
    number: usize,
) -> Result<Panel, ChapterError> {
    let model = case.model(alpha)?;
    let collapse = EpochCollapse::of(&model).ok_or("no common curve of this model")?;
    let (mut points, mut ends) = (Vec::new(), Vec::new());
    for one in series {
        for (at, excess) in one.collapsed(one.enough()) {
            points.push((at, excess.value));
            ends.push(excess.interval);
        }
    }
    let of = |by: fn(f64, f64) -> f64, from| points.iter().map(|p: &(f64, f64)| p.0).fold(from, by);
    let grid = log_space(of(f64::min, f64::INFINITY), of(f64::max, 0.0), 40);
    let curve = grid.into_iter().map(|at| Ok((at, common_excess(&collapse, at)?)));
    let curve = curve.collect::<Result<Vec<_>, ChapterError>>()?;
    let marks = draw::marks("", number, points, ends);
    let name = format!("$α$ = {alpha}, $β$ = {}", case.beta);
    Ok(draw::both(name, number, curve, marks).into_iter().fold(panel, Panel::with))
}

/// The passes that are enough over samples, beside theory.
///
/// # Errors
/// As [`asymscale_theory::Epochs`].
pub fn enough_panel(
    panel: Panel,
    (case, alpha): (&Case, f64),
    series: &[EpochSeries],
    number: usize,
) -> Result<Panel, ChapterError> {
    let theory = series.iter().map(|one| (one.samples, one.enough())).collect();
    let points = series.iter().map(|one| (one.samples, one.saturation.value)).collect();
    let ends = series.iter().map(|one| one.saturation.interval).collect();
    let marks = draw::marks("", number, points, ends);
    let name = format!("$α$ = {alpha}, $β$ = {}", case.beta);
    Ok(draw::both(name, number, theory, marks).into_iter().fold(panel, Panel::with))
}

/// Errors of the laws of repeated data: of the fit, and where model sizes are left out.
pub fn resource_panel(all: &[Entry]) -> Panel {
    let mut panel = Panel::new(
        "296 public runs with repeated data",
        Axis::names("law", ["tied", "sum", "joined", "published"]),
        Axis::linear("typical error of the loss", "%"),
    )
    .legend(Legend::Below);
    let order: Vec<&str> =
        ResourceLaw::ALL.map(ResourceLaw::name).into_iter().chain([WORN]).collect();
    let kinds = [
        ("all", "median", "all runs"),
        ("all", "held-out median", "all, sizes left out"),
        ("unharmed", "median", "runs not harmed"),
        ("unharmed", "held-out median", "not harmed, sizes left out"),
    ];
    for (number, (set, quantity, name)) in kinds.into_iter().enumerate() {
        let value = |(k, law): (usize, &&str)| {
            let of = format!("{set} {law}");
            let found =
                all.iter().find(|e| e.kind == "resources" && e.of == of && e.quantity == quantity);
            found.map(|e| (k as f64 + 1.0 + 0.12 * (number as f64 - 1.5), 100.0 * e.value))
        };
        let points: Vec<(f64, f64)> = order.iter().enumerate().filter_map(value).collect();
        if !points.is_empty() {
            panel = panel.with(draw::marks(name, number, points, vec![]));
        }
    }
    panel
}

/// Losses of other orders over those of reshuffled passes, `theory` of draws with replacement.
///
/// # Errors
/// Entries that are missing.
pub fn orders_panel(all: &[Entry], theory: &[(f64, f64)]) -> Result<Panel, ChapterError> {
    let y = draw::linear("loss over that of reshuffled passes");
    let mut panel = Panel::new("one-hot data, $η$ = 0.2", draw::log("passes $K$"), y);
    let orders = [("cyclic", "fixed order"), ("replacement", "with replacement")];
    for (number, (name, words)) in orders.into_iter().enumerate() {
        let (mut points, mut ends) = (Vec::new(), Vec::new());
        for (passes, _) in theory {
            let entry = epoch_entry(all, "over reshuffled", name, &passes.to_string())?;
            points.push((*passes, entry.value));
            ends.push(entry.interval);
        }
        let one = |p: &(f64, f64)| (p.0, if name == "cyclic" { 1.0 } else { p.1 });
        let marks = draw::marks("", number, points, ends);
        let line = theory.iter().map(one).collect();
        panel = draw::both(words, number, line, marks).into_iter().fold(panel, Panel::with);
    }
    Ok(panel)
}

/// Losses after one pass over the floor, of the rules and their data.
///
/// # Errors
/// Those of theory.
pub fn rules_panel(all: &[Entry], rules: &[(&str, SparseModel)]) -> Result<Panel, ChapterError> {
    let y = draw::log("loss after one pass over the floor");
    let mut panel =
        Panel::new("one pass of each rule", draw::log("samples $D$"), y).legend(Legend::Below);
    for (number, (name, model)) in rules.iter().enumerate() {
        let (mut points, mut ends) = (Vec::new(), Vec::new());
        for (samples, entry) in one_pass(all, name) {
            let floor = SampleTheory::new(model, samples)?.loss(f64::INFINITY)?;
            points.push((samples, entry.value / floor));
            ends.push((entry.interval.0 / floor, entry.interval.1 / floor));
        }
        let words = rule_in_words(name);
        panel = panel.with(draw::named(words, number, points.clone()));
        panel = panel.with(draw::marks(words, number, points, ends));
    }
    Ok(panel)
}

/// The entry of this name.
///
/// # Errors
/// Says which is missing.
pub fn epoch_entry<'a>(
    all: &'a [Entry],
    kind: &str,
    of: &str,
    quantity: &str,
) -> Result<&'a Entry, ChapterError> {
    let entry = all.iter().find(|e| e.kind == kind && e.of == of && e.quantity == quantity);
    Ok(entry.ok_or_else(|| format!("no {kind} {of} {quantity}"))?)
}

/// Losses of a rule after one pass, with the samples of each.
pub fn one_pass<'a>(all: &'a [Entry], rule: &str) -> Vec<(f64, &'a Entry)> {
    let of = format!("{rule} 1");
    let own = all.iter().filter(|e| e.kind == "rule" && e.of == of);
    own.filter_map(|e| Some((e.quantity.parse().ok()?, e))).collect()
}

/// A rule of chapter 15.
pub fn rule_in_words(rule: &str) -> &'static str {
    match rule {
        "plain" => "plain steps, $β$ = 1.5",
        "adagrad" => "Adagrad, $β$ = 1.5",
        "newton" => "diagonal Gauss–Newton, $β$ = 1.5",
        _ => "clipped steps, $β$ = 2.5",
    }
}

/// What fits of public runs came to, by name: errors in per cent, criteria, exponents. A dash
/// stands for what the preset leaves out.
pub fn resource_facts(all: &[Entry]) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let laws = ResourceLaw::ALL.map(ResourceLaw::name).into_iter().chain([WORN]);
    for of in laws.flat_map(|law| ["all", "unharmed"].map(|set| format!("{set} {law}"))) {
        let mut put = |kind: &str, quantity: &str, text: &dyn Fn(&Entry) -> String| {
            let found = epoch_entry(all, kind, &of, quantity);
            let name = format!("{of} {quantity}").replace(' ', "-");
            facts.push((name, found.map_or("–".into(), text)));
        };
        for quantity in ["rms", "median", "held-out rms", "held-out median"] {
            put("resources", quantity, &|e| format!("{:.1} %", 100.0 * e.value));
        }
        put("resources", "aicc", &|e| format!("{:.0}", e.value).replace('-', "−"));
        for quantity in ["n", "unique", "tokens", "q"] {
            put("exponents", quantity, &|e| format!("{:.2}", e.value));
        }
    }
    for set in ["all", "unharmed"] {
        let count = all.iter().find(|e| e.kind == "resources" && e.of == format!("{set} sum"));
        facts.push((format!("{set}-runs"), count.map_or("–".into(), |e| e.count.to_string())));
    }
    facts
}
