//! # 15 Epochs: how often data can be used again
//!
//! Training data are often used in more than one pass. We ask how the loss falls with the number of
//! passes $K$ over the same $D$ samples, how many passes are enough, and whether that can be read
//! off the inputs before any training. With small steps $\eta$ only the time $s = \eta D K$ counts,
//! and the loss is that of gradient flow at this time. A coordinate that one sample in $D$ shows,
//! of mean square $a^2(1/D)$ where it is active, is learned after about $1/(\eta a^2(1/D))$ passes.
//! With $a^2 \propto p^g$, $g = (1+\alpha)/\beta - 1$, that number grows as $D^g$ for
//! $\beta < 1 + \alpha$, and for $\beta > 1 + \alpha$ it falls: soon a single pass is enough.

use crate::kit::{self, Case, Entry, EpochSeries, Spread};
use crate::{
    Chapter, ChapterError, Defect, FigureWithData, Finding, Prediction, Preset, Report, Tolerance,
    Variant, draw,
};
use asymscale_dynamics::Rule;
use asymscale_model::{Activity, Amplitude, Coordinates, SparseModel, Spectrum};
use asymscale_plots::{Figure, Legend, Panel};
use asymscale_sampling::Key;
use asymscale_sweep::{Cell, Table, Tolerance as Drift};
use asymscale_theory::{SampleTheory, one_hot_descent_loss};
use serde::{Deserialize, Serialize};

pub(super) const CHAPTER: Chapter = Chapter {
    id: "15-epochs",
    claims: &[],
    assumes: "infinitely many features, labels without noise, single samples and constant steps; each pass takes every sample once, in a new order.",
    #[rustfmt::skip]
    crates: &["asymscale-dynamics", "asymscale-fitting", "asymscale-model", "asymscale-montecarlo", "asymscale-sampling", "asymscale-solvers", "asymscale-sweep", "asymscale-theory"],
    source: include_str!("15-epochs.rs"),
    defect: Defect {
        name: "passes taken for steps",
        description: "Time in theory is the step times the number of passes, and not of samples used.",
        #[rustfmt::skip]
        turns_red: &["theory-below", "theory-steep", "theory-beyond", "enough-below", "enough-steep", "collapse-below", "collapse-steep", "inputs"],
    },
    plan,
    run: crate::Run::Common(run),
    report,
};

// Three kinds of data. For the first two $\beta$ is below $1 + \alpha$, and rare coordinates are
// small where they are active; for the third they are large. There a single sample may be so large
// that a step overshoots, so that the step of such an example is clipped.
const CASES: [(Case, f64, Option<f64>); 3] = [
    (Case::sparse("below", 1.5, 1.0), 1.0, None),
    (Case::sparse("steep", 2.0, 1.0), 2.0, None),
    (Case::sparse("beyond", 2.5, 1.0).with_rademacher("rademacher"), 1.0, Some(1.0)),
];

// One pass of several rules, and more, with the step of each fixed before: plain steps, Adagrad,
// a diagonal Gauss-Newton step, and clipped steps where $\beta > 1 + \alpha$.
const RULES: [(&str, Rule, f64, f64); 4] = [
    ("plain", Rule::Sgd, 0.3, 1.5),
    ("adagrad", Rule::Adagrad { epsilon: 0.0 }, 0.5, 1.5),
    ("newton", Rule::GaussNewton { damping: 0.3 }, 1.0, 1.5),
    ("clipped", Rule::Clipped { norm: 1.0 }, 0.3, 2.5),
];
const ALPHA: f64 = 1.0;
const PASSES: [usize; 4] = [1, 4, 16, 64];

// The inputs of these models, $(\alpha, \beta)$, are asked for how many passes are enough.
#[rustfmt::skip]
const MODELS: [(f64, f64); 7] = [(0.5, 1.2), (1.0, 1.2), (1.0, 1.5), (1.0, 1.8), (2.0, 1.5), (2.0, 1.8), (2.0, 2.4)];

// Orders of the samples are compared on one-hot data, where every sample has one active coordinate
// and theory is exact at any step.
const ORDER_RATE: f64 = 0.2;
const ORDER_PASSES: [usize; 6] = [1, 2, 4, 8, 16, 32];

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Task {
    Curves { case: String, samples: usize, repeats: usize },
    Orders { samples: usize, repeats: usize },
    Rule { rule: String, samples: usize, repeats: usize },
    Inputs { model: usize, signs: bool, samples: usize, designs: usize },
    Public { starts: usize, held_out: bool, data: u64 },
}

fn order_samples(preset: Preset) -> usize {
    preset.pick(256, 512, 1024)
}

fn plan(preset: Preset) -> Result<Vec<Cell>, ChapterError> {
    let mut cells = Vec::new();
    for (case, _, _) in &CASES {
        let (first, last, repeats) = match case.name {
            "beyond" => preset.pick((64, 256, 12), (128, 2048, 64), (128, 8192, 256)),
            "steep" => preset.pick((32, 128, 12), (64, 512, 48), (64, 1024, 128)),
            _ => preset.pick((64, 256, 12), (128, 1024, 24), (128, 4096, 64)),
        };
        for samples in doublings(first, last) {
            let task = Task::Curves { case: case.name.into(), samples, repeats };
            cells.push(Cell::new(format!("{} {samples}", case.name), &task)?);
        }
    }
    let (samples, repeats) = (order_samples(preset), preset.pick(48, 256, 1024));
    cells.push(Cell::new("orders", &Task::Orders { samples, repeats })?);
    let (first, last, repeats) =
        preset.pick((512, 2048, 8), (1024, 16_384, 24), (1024, 65_536, 64));
    for (rule, _, _, _) in RULES {
        for samples in doublings(first, last).into_iter().step_by(2) {
            let task = Task::Rule { rule: rule.into(), samples, repeats };
            cells.push(Cell::new(format!("{rule} {samples}"), &task)?);
        }
    }
    let sizes: &[usize] = preset.pick(&[256], &[512, 2048], &[512, 2048, 8192]);
    let designs = preset.pick(1, 2, 8);
    for (model, signs, samples) in (0..MODELS.len())
        .flat_map(|model| [false, true].map(|signs| (model, signs)))
        .flat_map(|(model, signs)| sizes.iter().map(move |samples| (model, signs, *samples)))
    {
        let task = Task::Inputs { model, signs, samples, designs };
        cells.push(Cell::new(format!("inputs {model} {signs} {samples}"), &task)?);
    }
    let (starts, held_out) = preset.pick((4, false), (12, true), (48, true));
    let task = Task::Public { starts, held_out, data: kit::repeated_runs_version() };
    cells.push(Cell::new("public runs", &task)?);
    Ok(cells)
}

fn doublings(first: usize, last: usize) -> Vec<usize> {
    std::iter::successors(Some(first), |d| Some(2 * d)).take_while(|d| *d <= last).collect()
}

fn one_hot() -> Result<SparseModel, ChapterError> {
    let (spectrum, activity) = (Spectrum::power_law(ALPHA)?, Activity::one_hot(1.5)?);
    Ok(SparseModel::new(spectrum, activity, Amplitude::Rademacher, Coordinates::Infinite)?)
}

fn case_named(name: &str) -> Result<&'static (Case, f64, Option<f64>), ChapterError> {
    Ok(CASES.iter().find(|case| case.0.name == name).ok_or(format!("no case {name}"))?)
}

fn run(cell: &Cell) -> Result<Table, ChapterError> {
    let key = Key::new(kit::seed_of(cell.name()));
    let entries = match cell.read()? {
        Task::Curves { case, samples, repeats } => {
            let (case, alpha, norm) = case_named(&case)?;
            kit::epoch_entries(case.name, &case.model(*alpha)?, (samples, repeats), *norm, &key)
        }
        Task::Orders { samples, repeats } => {
            kit::order_entries(&one_hot()?, (samples, repeats, ORDER_RATE), &ORDER_PASSES, &key)
        }
        Task::Rule { rule, samples, repeats } => {
            let known = RULES.into_iter().find(|known| known.0 == rule);
            let (_, own, rate, beta) = known.ok_or(format!("no rule {rule}"))?;
            let model = SparseModel::power_law(ALPHA, beta, 1.0)?;
            let model = model.with_amplitude(Amplitude::Rademacher);
            kit::rule_entries(&rule, &model, (own, rate), (samples, repeats), &PASSES)
        }
        Task::Inputs { model, signs, samples, designs } => {
            let (alpha, beta) = MODELS[model];
            let law = if signs { Amplitude::Rademacher } else { Amplitude::Gaussian };
            let own = SparseModel::power_law(alpha, beta, 1.0)?.with_amplitude(law);
            kit::input_entries(&format!("{model} {law}"), &own, (samples, designs), &key)
        }
        Task::Public { starts, held_out, .. } => kit::resource_entries(starts, held_out, &key),
    };
    kit::entry_rows(&entries?)
}

fn found<'a>(
    all: &'a [Entry],
    kind: &str,
    of: &str,
    quantity: &str,
) -> Result<&'a Entry, ChapterError> {
    let entry = all.iter().find(|e| e.kind == kind && e.of == of && e.quantity == quantity);
    Ok(entry.ok_or_else(|| format!("no {kind} {of} {quantity}"))?)
}

// The first question is whether plain steps on single samples follow the flow: on the same designs,
// where nothing but the steps and their order differs, and beside the theory of the flow, which
// knows no design. Both are asked at the largest $D$, over all passes.
//
// The second is how many passes are enough, those after which the loss is within
// {fact.excess} of its floor. Their number should grow as $D^g$. The tolerance is the distance of
// theory at these sizes from the limit, and what the resolution of losses leaves open: near the
// floor the number is about six times as uncertain as the loss.
//
// The third is whether all losses lie on one curve: the excess over the floor, in units of the
// floor, against passes in units of the enough ones. The curve is known in the limit of many
// samples. Theory at these sizes says how far from it the losses should still be.
// The fourth is whether beyond $1 + \alpha$ one pass comes nearer and nearer to the floor.
fn beyond_finding(series: &[EpochSeries]) -> Finding {
    let points = series.iter().map(|one| (one.samples, kit::measured(&one.excesses[0])));
    let statement = "α = 1, β = 2.5: power of D in the excess over the floor after one pass";
    Finding::of("one-pass", statement)
        .predicted(Prediction::AtMost(0.0))
        .measured(kit::power(&points.collect::<Vec<_>>()))
        .within(Tolerance::exact("a bound"))
}

// The fifth are about orders of the samples, at steps that are not small. On one-hot samples a
// pass in a fixed order is the same as in a new one. Draws with replacement miss some samples
// and repeat others, which costs most in the first pass.
fn order_findings(all: &[Entry], preset: Preset) -> Result<Vec<Finding>, ChapterError> {
    let (model, samples) = (one_hot()?, order_samples(preset) as f64);
    let ratio = |passes: usize| -> Result<f64, ChapterError> {
        let reshuffled = one_hot_descent_loss(&model, samples, passes as u32, ORDER_RATE)?;
        let replaced = kit::replacement_loss(&model, samples, passes as f64, ORDER_RATE);
        Ok(replaced / reshuffled)
    };
    let fixed = found(all, "over reshuffled", "cyclic", "1")?;
    let cyclic = Finding::of(
        "order-cyclic",
        "one-hot data: loss in a fixed order over that in new orders, after one pass",
    )
    .predicted(Prediction::Equals(1.0))
    .measured(kit::measured(fixed))
    .within(Tolerance::rounding(1e-9, "factors of a product in another order"));
    let mut findings = vec![cyclic];
    for passes in [1, ORDER_PASSES[5]] {
        let statement = format!(
            "one-hot data: loss of draws with replacement over that of passes, K = {passes}"
        );
        let entry = found(all, "over reshuffled", "replacement", &passes.to_string())?;
        findings.push(
            Finding::of(format!("order-{passes}"), statement)
                .predicted(Prediction::Equals(ratio(passes)?))
                .measured(kit::measured(entry))
                .within(Tolerance::resolution(kit::resolution(preset), "of the preset")),
        );
    }
    Ok(findings)
}

// The sixth are about what adaptive steps leave for epochs to do. One pass of plain steps is
// limited by time, with exponent $-\alpha/(1+\alpha)$ in $D$; if adaptive steps are limited by what
// the samples show, their exponent is $-\alpha/\beta$, that of the floor, and epochs gain a factor
// that does not grow. For $\beta > 1 + \alpha$ the same should hold of clipped steps. The tolerance
// is half of the distance between the two exponents: the nearer one is meant.
fn rule_findings(all: &[Entry]) -> Vec<Finding> {
    let limits = [-0.5, -2.0 / 3.0, -2.0 / 3.0, -0.4];
    let finding = |((name, _, _, beta), limit): ((&str, Rule, f64, f64), f64)| {
        let points: Vec<_> =
            one_pass(all, name).iter().map(|e| (e.0, kit::measured(e.1))).collect();
        let statement =
            format!("β = {beta}, {}: power of D in the loss after one pass", in_words(name));
        Finding::of(format!("rule-{name}"), statement)
            .predicted(Prediction::Equals(limit))
            .measured(kit::power(&points))
            .within(Tolerance::finite_size(1.0 / 12.0, "half of the distance of 1/2 and 2/3"))
    };
    RULES.into_iter().zip(limits).map(finding).collect()
}

fn one_pass<'a>(all: &'a [Entry], rule: &str) -> Vec<(f64, &'a Entry)> {
    let of = format!("{rule} 1");
    let own = all.iter().filter(|e| e.kind == "rule" && e.of == of);
    own.filter_map(|e| Some((e.quantity.parse().ok()?, e))).collect()
}

fn in_words(rule: &str) -> &'static str {
    match rule {
        "plain" => "plain steps",
        "adagrad" => "Adagrad",
        "newton" => "diagonal Gauss–Newton",
        _ => "clipped steps",
    }
}

// The last is whether inputs alone say how many passes are enough: from how often each coordinate
// is active and its mean square, without labels or training, against what the flow takes on the
// same design. Half of all cases should be right within a factor of 1.3.
fn input_finding(all: &[Entry], variant: Variant) -> Finding {
    let factors = all.iter().filter(|e| e.kind == "inputs" && e.value.is_finite()).map(|e| {
        let samples = e.quantity.split(' ').next().and_then(|d| d.parse().ok()).unwrap_or(1.0);
        let ratio = if variant.is_defect() { e.value * samples } else { e.value };
        ratio.max(1.0 / ratio)
    });
    let Spread { median, interval } = Spread::of(factors.collect());
    let statement =
        "passes that are enough, foretold from inputs alone: median factor by which they are off";
    Finding::of("inputs", statement)
        .predicted(Prediction::AtMost(1.3))
        .measured((median, interval))
        .within(Tolerance::statistical(0.05, "a bound set before; a factor of 1.05"))
}

const EXACT: Drift = Drift { absolute: 1e-9, relative: 1e-6 };
const DRIFT: &[(&str, Drift)] = &[("value", EXACT), ("low", EXACT), ("high", EXACT)];

fn report(rows: &Table, preset: Preset, variant: Variant) -> Result<Report, ChapterError> {
    let all = kit::entries(rows)?;
    let mut findings = Vec::new();
    let mut panels = vec![
        Panel::new("$α$ = 1, $β$ = 1.5", draw::log("passes $K$"), draw::log("population loss $L$")),
        Panel::new(
            "one curve for all sizes",
            draw::log("passes over the enough ones"),
            draw::log("excess over the floor"),
        ),
        Panel::new("passes that are enough", draw::log("samples $D$"), draw::log("passes $K$")),
    ];
    let mut number = 0;
    for (case, alpha, _) in &CASES {
        let (series, model) = (kit::epoch_series(&all, case.name)?, case.model(*alpha)?);
        let of = (case, *alpha);
        findings.extend(kit::flow_findings(of, &series, preset, variant)?);
        if case.name == "beyond" {
            findings.push(beyond_finding(&series));
            continue;
        }
        findings.push(kit::enough_finding(of, &series, preset, variant)?);
        findings.push(kit::collapse_finding(of, &series, preset, variant)?);
        if case.name == "below" {
            panels[0] = kit::epochs_panel(std::mem::take(&mut panels[0]), &series, &model)?;
        }
        panels[1] = kit::collapse_panel(std::mem::take(&mut panels[1]), of, &series, number)?;
        panels[2] = kit::enough_panel(std::mem::take(&mut panels[2]), of, &series, number)?;
        number += 1;
    }
    findings.extend(order_findings(&all, preset)?);
    findings.extend(rule_findings(&all));
    findings.push(input_finding(&all, variant));
    panels.extend([orders_panel(&all, preset)?, rules_panel(&all)?, kit::resource_panel(&all)]);
    let figure = FigureWithData {
        name: CHAPTER.id.into(),
        caption: "Loss against passes over the same samples (points with 95 % intervals: plain steps; lines: theory of the flow); its excess over the floor on one curve; passes until the loss is within a half of its floor; draws with replacement; one pass of several rules over the floor; and laws fitted to public runs".into(),
        figure: Figure { title: "How often data can be used again".into(), panels, columns: 2, width: 900.0, height: 1080.0, ..Figure::default() },
        data: kit::entry_rows(&all)?,
        keys: &["kind", "of", "quantity"],
        drift: DRIFT,
    };
    Ok(Report { figures: vec![figure], findings, facts: facts(&all)? })
}

fn orders_panel(all: &[Entry], preset: Preset) -> Result<Panel, ChapterError> {
    let (model, samples) = (one_hot()?, order_samples(preset) as f64);
    let y = draw::linear("loss over that of reshuffled passes");
    let mut panel = Panel::new("one-hot data, $η$ = 0.2", draw::log("passes $K$"), y);
    for (number, (name, words)) in
        [("cyclic", "fixed order"), ("replacement", "with replacement")].into_iter().enumerate()
    {
        let (mut theory, mut points, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        for passes in ORDER_PASSES {
            let entry = found(all, "over reshuffled", name, &passes.to_string())?;
            let known = one_hot_descent_loss(&model, samples, passes as u32, ORDER_RATE)?;
            let replaced = kit::replacement_loss(&model, samples, passes as f64, ORDER_RATE);
            theory.push((passes as f64, if name == "cyclic" { 1.0 } else { replaced / known }));
            points.push((passes as f64, entry.value));
            ends.push(entry.interval);
        }
        let marks = draw::marks("", number, points, ends);
        panel = draw::both(words, number, theory, marks).into_iter().fold(panel, Panel::with);
    }
    Ok(panel)
}

fn rules_panel(all: &[Entry]) -> Result<Panel, ChapterError> {
    let y = draw::log("loss after one pass over the floor");
    let mut panel =
        Panel::new("one pass of each rule", draw::log("samples $D$"), y).legend(Legend::Below);
    for (number, (name, _, _, beta)) in RULES.into_iter().enumerate() {
        let (mut points, mut ends) = (Vec::new(), Vec::new());
        for (samples, entry) in one_pass(all, name) {
            let floor = rule_floor(beta, samples)?;
            points.push((samples, entry.value / floor));
            ends.push((entry.interval.0 / floor, entry.interval.1 / floor));
        }
        let words = format!("{}, $β$ = {beta}", in_words(name));
        panel = panel.with(draw::named(words.clone(), number, points.clone()));
        panel = panel.with(draw::marks(words, number, points, ends));
    }
    Ok(panel)
}

fn rule_floor(beta: f64, samples: f64) -> Result<f64, ChapterError> {
    let model = SparseModel::power_law(ALPHA, beta, 1.0)?.with_amplitude(Amplitude::Rademacher);
    Ok(SampleTheory::new(&model, samples)?.loss(f64::INFINITY)?)
}

// Numbers that are reported without a prediction; those of the public runs had been seen before.
fn facts(all: &[Entry]) -> Result<Vec<(String, String)>, ChapterError> {
    let mut facts = vec![("excess".to_owned(), format!("{:.0} %", 100.0 * kit::EPOCH_EXCESS))];
    let largest = one_pass(all, "plain").last().map_or(0.0, |e| e.0);
    facts.push(("largest".into(), format!("{largest:.0}")));
    for (name, _, _, beta) in RULES {
        let at =
            |passes: usize| found(all, "rule", &format!("{name} {passes}"), &largest.to_string());
        let (once, often) = (at(1)?.value, at(PASSES[3])?.value);
        facts.push((format!("gain-{name}"), format!("{:.2}", once / often)));
        facts.push((format!("once-{name}"), format!("{:.2}", once / rule_floor(beta, largest)?)));
    }
    let inputs = || all.iter().filter(|e| e.kind == "inputs");
    facts.push(("designs".into(), inputs().count().to_string()));
    facts.push(("silent".into(), inputs().filter(|e| e.value.is_nan()).count().to_string()));
    for entry in all.iter().filter(|e| e.kind == "resources") {
        let name = format!("{} {}", entry.of, entry.quantity).replace(' ', "-");
        let percent = format!("{:.1} %", 100.0 * entry.value);
        facts.push((
            name,
            if entry.quantity == "aicc" { format!("{:.0}", entry.value) } else { percent },
        ));
        facts.push((format!("{}-runs", entry.of.replace(' ', "-")), entry.count.to_string()));
    }
    for entry in all.iter().filter(|e| e.kind == "exponents") {
        let name = format!("{} {}", entry.of, entry.quantity).replace(' ', "-");
        facts.push((name, format!("{:.2}", entry.value)));
    }
    facts.sort();
    facts.dedup();
    Ok(facts)
}

// **Epochs are worth their number until the samples have told what they know, and how many that
// takes can be read off the inputs.** The flow at time $\eta D K$ gives the loss of plain steps:
// their ratio is {theory-below.estimate} for $\beta$ = 1.5.
