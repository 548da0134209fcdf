//! # 09 Nonlinear features: what keeps the exponent of sparse data
//!
//! The abstract says that the effect persists under nonlinear activations. What no sample activated
//! no learner can know, so the unseen mass is a floor for any features; and the linear learner of
//! infinite size attains the Bayes risk for Gaussian teachers, so no activation can be below it.
//! The exponent stays if a coordinate that was seen is learned fast enough. The findings of this
//! chapter predict that it is, for every activation: that the loss over that of linear features
//! does not grow with the samples.
//!
//! A theory that came after these predictions (section 13 of the derivations of `asymscale-theory`)
//! says where they must fail. Activations with a linear odd part, such as ReLU and GELU, keep the
//! exponent on the data of this chapter. Saturating ones, erf and tanh, leave a share of a
//! coordinate that falls only as a power of how often it was seen. For Gaussian amplitudes and
//! weights of scale one that power is below $\alpha/\beta$ here, and the exponent is lost; for
//! Rademacher amplitudes or small weights it is above, and the exponent is kept.
//!
//! Dense data differ. The kernel of ReLU features is $\tfrac14 x \cdot x'$ plus an even part, whose
//! modes, products of coordinates, are of no use to a linear teacher but take samples. Let
//! $n(\kappa)$ be their number above a threshold $\kappa$. It grows nearly as $1/\kappa$, so that
//! the limit of the exponent is $-\alpha/(1+\alpha)$, as with label noise. No feasible window shows
//! the limit; what theory should predict is the exponent in the window, from $n(\kappa)$ as
//! measured without labels.

use crate::kit::{self, Case, Ladder, Learner, Logarithm, Rung, Series, Sizes};
use crate::{
    Chapter, ChapterError, Defect, FigureWithData, Finding, Measured, Prediction, Preset, Report,
    Statement, Tolerance, Variant,
};
use asymscale_model::Amplitude;
use asymscale_montecarlo::replicates;
use asymscale_plots::Figure;
use asymscale_sampling::Key;
use asymscale_solvers::Activation::{Erf, Gelu, LeakyRelu, Relu, Tanh};
use asymscale_sweep::{Cell, Table};
use serde::{Deserialize, Serialize};

pub(super) const CHAPTER: Chapter = Chapter {
    id: "09-nonlinear",
    claims: &["C10"],
    assumes: "features are activations of Gaussian projections of the whole input, the last layer alone is trained, to completion, and the teacher is linear.",
    #[rustfmt::skip]
    crates: &["asymscale-model", "asymscale-montecarlo", "asymscale-sampling", "asymscale-solvers", "asymscale-sweep", "asymscale-theory"],
    source: include_str!("09-nonlinear.rs"),
    defect: Defect {
        name: "blind to what the teacher does not use",
        description: "The loss at the most samples is measured on the coordinates that training activated, as a test on a finite vocabulary would do; and theory of dense data counts linear modes only, against samples.",
        #[rustfmt::skip]
        turns_red: &["floor-relu-rare", "floor-relu-rare-rademacher", "floor-relu-rademacher", "floor-relu-rademacher-slow", "floor-relu-rademacher-mild", "relu-dense", "level-relu-dense"],
    },
    plan,
    run: crate::Run::Common(run),
    report,
};

// Five kinds of sparse data in samples, and dense data for control. In features the loss is
// measured where as many coordinates are always on that data are not what is missing, and on the
// same dense data. With Rademacher amplitudes most samples repeat another, which is the same
// equation: so many more samples are within reach. The most samples of each preset:
#[rustfmt::skip]
const CASES: [(Case, f64, [usize; 3]); 8] = [
    (Case::sparse("rare", 1.5, 1.0), 1.0, [256, 2048, 4096]),
    (Case::sparse("rare-coins", 1.5, 1.0).with_rademacher("rare-rademacher"), 1.0, [256, 4096, 16384]),
    (Case::sparse("coins", 2.0, 1.0).with_rademacher("rademacher"), 1.0, [1024, 16384, 131_072]),
    (Case::sparse("coins-slow", 2.0, 1.0).with_rademacher("rademacher-slow"), 0.5, [1024, 16384, 131_072]),
    (Case::sparse("coins-mild", 2.0, 1.0).with_rademacher("rademacher-mild"), 0.75, [1024, 16384, 131_072]),
    (Case::finite("dense", 0.0, 1.0, 2000), 1.0, [128, 1024, 2048]),
    (Case::sparse("wide-rare", 1.5, 64.0), 1.0, [256, 1024, 4096]),
    (Case::finite("wide-dense", 0.0, 1.0, 2000), 1.0, [256, 1024, 4096]),
];

fn in_features(case: &Case) -> bool {
    case.name.starts_with("wide")
}

// The even modes matter where many coordinates are on at once.
fn has_products(case: &Case) -> bool {
    in_features(case) || case.beta < 1.0
}

// ReLU is tried on all data, the others on one kind. Saturating features depend on the scale
// $\sigma$ of their weights: erf is tried with two. For tanh and GELU the kernel has no closed form
// here, and four times as many features as samples stand for infinitely many.
const LEARNERS: [Learner; 6] = [
    Learner::plain("relu", Relu),
    Learner::plain("leaky-relu", LeakyRelu),
    Learner::plain("gelu", Gelu),
    Learner::plain("tanh", Tanh),
    Learner::plain("erf", Erf),
    Learner { name: "small-erf", activation: Erf, scale: 0.3 },
];

#[derive(Serialize, Deserialize)]
struct Block {
    case: usize,
    samples: usize,
    designs: usize,
    inputs: usize,
    // The number of designs on which all learners are tried.
    tried: usize,
}

fn plan(preset: Preset) -> Result<Vec<Cell>, ChapterError> {
    let most = preset.pick(128, 512, 1024);
    let (few, wide, inputs) = preset.pick((8, 8, 800), (16, 16, 3000), (64, 48, 4000));
    let mut cells = Vec::new();
    for (number, (case, _, [quick, default, full])) in CASES.iter().enumerate() {
        let top = *preset.pick(quick, default, full);
        // Designs of few samples are cheap and, where coordinates are rare, vary most, so there are
        // more of them.
        let ladder = || (5..20).map(|k| 1 << k).take_while(|d| *d <= top).collect();
        let sizes: Vec<usize> = if in_features(case) { vec![top] } else { ladder() };
        for samples in sizes {
            let more = (top / samples).min(if case.beta < 1.0 { preset.pick(4, 1, 1) } else { 4 });
            let designs = if in_features(case) { wide } else { few * more };
            // Without rare coordinates test inputs differ little, so half as many suffice.
            let inputs = if has_products(case) { inputs / 2 } else { inputs };
            let tried = if case.name == "rare" && samples <= most { few } else { 0 };
            let parameters = Block { case: number, samples, designs, inputs, tried };
            let cell = Cell::new(format!("{} D = {samples}", case.name), &parameters)?;
            // With Rademacher amplitudes about D^0.7 of D samples are distinct at β = 2.
            let power = if case.amplitude == Amplitude::Rademacher { 1.5 } else { 2.0 };
            cells.push(cell.with_cost((samples as f64).powf(power) * designs as f64));
        }
    }
    Ok(cells)
}

// A loss is an exact part, that of linear features, plus an excess measured on test inputs in which
// rare coordinates are boosted and weighed out. The average over teachers is closed. Against
// features the loss of linear ones is the exact average over features on the same design; in
// samples they cost so little that so many times more designs say what they lose on average, better
// than the ratio is known.
const CONTROLS: usize = 4;

fn run(cell: &Cell) -> Result<Table, ChapterError> {
    let Block { case, samples, designs, inputs, tried } = cell.read()?;
    let (case, alpha, _) = CASES[case];
    let model = case.model(alpha)?;
    let features =
        if in_features(&case) { kit::log_grid(8.0, samples as f64 / 4.0, 6) } else { vec![] };
    let sizes = Sizes { samples, inputs, features: &features, modes: has_products(&case) };
    let key = Key::new(kit::SEED).label(cell.name());
    let designs = replicates(&key, 0, designs, |number, key| {
        let learners = if number < tried as u64 { &LEARNERS[..] } else { &LEARNERS[..1] };
        kit::paired_losses(&model, sizes, learners, &key)
    })?;
    let mut rows = kit::paired_rows(case.name, &designs)?;
    if !has_products(&case) {
        let key = key.label("control");
        let more = replicates(&key, 0, CONTROLS * designs.len(), |_, key| {
            kit::control_loss(&model, samples, &key)
        })?;
        rows.append(kit::paired_rows(case.name, &more)?)?;
    }
    Ok(rows)
}

const FACTOR: fn(&Rung) -> Logarithm = |rung| Logarithm::ratio(&rung.whole, &rung.linear);

fn exponent(series: &Series, id: String, what: &str) -> Statement {
    let Series { case, alpha, learner, .. } = series;
    let statement = format!(
        "{}, {}, α = {alpha}, β = {}: exponent of {what}",
        learner.name, case.label, case.beta
    );
    Finding::of(id, statement).claim("C10")
}

// A loss off by the resolution of the preset at either end of a window, in opposite directions,
// moves an exponent by this much.
fn resolved(ladder: &Ladder, preset: Preset) -> f64 {
    2.0 * kit::resolution(preset) / ladder.window()
}

// On sparse data we ask for the limit at the end of the ladder: the factor over linear features
// falls so slowly that a longer window shows that first. There the exponent may be as far away as
// it is for linear features.
const END: f64 = 8.0;
const LONGER: f64 = 64.0;

fn limit(series: &Series, preset: Preset) -> Finding {
    let (end, limit) = (series.last(END), series.limit());
    let width = (end.slope(&end.linear) - limit).abs() + resolved(&end.ladder, preset);
    let source = "of the preset, and how far linear features are from the limit in this window";
    exponent(series, series.name(), "the loss in samples")
        .predicted(Prediction::Equals(limit))
        .measured(end.ladder.exponent(Rung::loss))
        .within(Tolerance::resolution(width, source))
}

// On dense data, and in features, it is theory's exponent over the whole ladder. An equivalent is
// off by $1/n$ at a size $n$.
fn window(series: &Series, preset: Preset) -> Finding {
    let ladder = &series.ladder;
    let ends = (ladder.rungs[0].size.recip() + last(series).size.recip()) / ladder.window();
    let width = ends + resolved(ladder, preset);
    exponent(series, series.name(), &format!("the loss in {}", series.size()))
        .predicted(Prediction::Equals(series.slope(&series.theory)))
        .measured(ladder.exponent(Rung::loss))
        .within(Tolerance::finite_size(
            width,
            "resolution of the preset, and 1/n of theory at both ends",
        ))
}

// The sharper question, on the same designs: does the loss over that of linear features grow with
// the samples? It cannot fall below 1. If it does not grow it has no exponent, and the limit is
// that of linear features.
fn factor(series: &Series, preset: Preset) -> Finding {
    let width = resolved(&series.ladder, preset);
    exponent(series, format!("factor-{}", series.name()), "the loss over that of linear features")
        .predicted(Prediction::AtMost(0.0))
        .measured(series.ladder.exponent(FACTOR))
        .within(Tolerance::resolution(width, "of the preset"))
}

// No learner can know what no sample activated, and none is better than the linear one of infinite
// size.
fn floor(series: &Series) -> Finding {
    let statement =
        format!("{}: loss over that of linear features, at the most samples", series.name());
    Finding::of(format!("floor-{}", series.name()), statement)
        .claim("C10")
        .predicted(Prediction::AtLeast(1.0))
        .measured(Logarithm::ratio(&last(series).losses, &last(series).linear).interval())
        .within(Tolerance::exact("a bound"))
}

// Not only the exponent: theory of dense data has no free factor either. In features its finite
// size is less well known.
fn level(series: &Series, preset: Preset) -> Finding {
    let (last, theory) = (last(series), series.theory[series.theory.len() - 1]);
    let statement = format!("{}: loss over theory's, at the largest size", series.name());
    let width = kit::resolution(preset) + last.size.recip();
    Finding::of(format!("level-{}", series.name()), statement)
        .claim("C10")
        .predicted(Prediction::Equals(1.0))
        .measured(Measured::from(last.loss().interval()).over(theory))
        .within(Tolerance::finite_size(width, "resolution of the preset, and 1/n of theory"))
}

// Sparsity sets the price of data, not of parameters: in features sparse and dense data have the
// same exponent, whatever it is.
fn same(sparse: &Series, dense: &Series, preset: Preset) -> Finding {
    let (a, b) = (sparse.ladder.exponent(Rung::loss), dense.ladder.exponent(Rung::loss));
    let (gap, error) = (a.0 - b.0, (a.1.1 - a.0).hypot(b.1.1 - b.0));
    Finding::of(
        "same-in-features",
        "relu: exponent in features of sparse data less that of dense data",
    )
    .claim("C10")
    .predicted(Prediction::Equals(0.0))
    .measured((gap, (gap - error, gap + error)))
    .within(Tolerance::resolution(2.0 * resolved(&sparse.ladder, preset), "of the preset, twice"))
}

fn last(series: &Series) -> &Rung {
    &series.ladder.rungs[series.ladder.rungs.len() - 1]
}

fn facts(series: &Series) -> Vec<(String, String)> {
    let (ratio, (low, high)) = FACTOR(last(series)).interval();
    let fact = |kind: &str, text: String| (format!("{kind}-{}", series.name()), text);
    let linear = format!("{:.2}", series.slope(&series.linear));
    let (slope, (steep, flat)) = series.last(LONGER).ladder.exponent(Rung::loss);
    let longer = format!("{slope:.3} ({steep:.3} to {flat:.3})");
    let ratio = format!("{ratio:.2} ({low:.2} to {high:.2})");
    vec![fact("ratio", ratio), fact("linear", linear), fact("longer", longer)]
}

fn report(rows: &Table, preset: Preset, variant: Variant) -> Result<Report, ChapterError> {
    let read = |(case, alpha, _): (Case, f64, [usize; 3]), learner| {
        let blind = variant.is_defect() && !in_features(&case);
        Series::read(rows, (case, alpha), learner, in_features(&case), blind)
    };
    let (mut all, mut findings) = (Vec::new(), Vec::new());
    for case in CASES {
        let relu = read(case, LEARNERS[0])?;
        if has_products(&case.0) {
            findings.push(window(&relu, preset));
        } else {
            findings.extend([limit(&relu, preset), factor(&relu, preset), floor(&relu)]);
        }
        all.push(relu);
    }
    let of = |name: &str| {
        all.iter()
            .find(|series| series.case.name == name)
            .ok_or(format!("no data of the case {name}"))
    };
    findings.push(level(of("dense")?, preset));
    findings.push(same(of("wide-rare")?, of("wide-dense")?, preset));
    for learner in &LEARNERS[1..] {
        let series = read(CASES[0], *learner)?;
        findings.push(factor(&series, preset));
        all.push(series);
    }
    findings.push(kit::input_precision(rows, kit::resolution(preset))?);
    let figure = FigureWithData {
        name: CHAPTER.id.into(),
        caption: "Loss of nonlinear features against samples and against features, over that of linear ones and the unseen mass".into(),
        figure: Figure { title: "Nonlinear features".into(), panels: CASES.iter().map(|(case, ..)| kit::series_panel(&all, case)).collect(), columns: 4, width: 1500.0, height: 680.0, ..Figure::default() },
        data: kit::series_table(&all)?,
        keys: &["case", "learner", "size"],
        drift: &kit::SERIES_DRIFT,
    };
    let windows = [("end".into(), END.to_string()), ("longer".into(), LONGER.to_string())];
    let facts = all.iter().flat_map(facts).chain(windows).collect();
    Ok(Report { figures: vec![figure], findings, facts })
}

// Sparse data keep their exponent for ReLU, leaky ReLU, GELU, and for erf with small weights. They
// lose it for erf and tanh with weights of scale one, on these data with Gaussian amplitudes. So
// the prediction that no activation loses it fails for these two, and claim C10 with it as it was
// read here; the theory that has come since says that it should.
//
// **Activations with a linear odd part.** Over the last factor of {fact.end} in samples the loss of
// ReLU falls with the exponent {relu-rare.estimate} for $\alpha = 1$, $\beta = 1.5$ (the limit is
// {relu-rare.predicted}), with Rademacher amplitudes and more samples
// {relu-rare-rademacher.estimate}. For $\beta = 2$ it is {relu-rademacher.estimate} (limit
// {relu-rademacher.predicted}), {relu-rademacher-slow.estimate} for $\alpha = 0.5$ (limit
// {relu-rademacher-slow.predicted}) and {relu-rademacher-mild.estimate} for $\alpha = 0.75$ (limit
// {relu-rademacher-mild.predicted}). Over linear features ReLU loses {fact.ratio-relu-rare},
// {fact.ratio-relu-rare-rademacher}, {fact.ratio-relu-rademacher},
// {fact.ratio-relu-rademacher-slow} and {fact.ratio-relu-rademacher-mild} times as much on these
// data, and this factor does not grow: its exponents are {factor-relu-rare.estimate},
// {factor-relu-rare-rademacher.estimate}, {factor-relu-rademacher.estimate},
// {factor-relu-rademacher-slow.estimate} and {factor-relu-rademacher-mild.estimate}. Leaky ReLU and
// GELU are alike ({factor-leaky-relu-rare.verdict}, {factor-gelu-rare.verdict}). The window was
// chosen after a look at one of a factor of {fact.longer}, over which the exponents are
// {fact.longer-relu-rare}, {fact.longer-relu-rare-rademacher}, {fact.longer-relu-rademacher},
// {fact.longer-relu-rademacher-slow} and {fact.longer-relu-rademacher-mild}; the designs with
// Rademacher amplitudes were drawn after that.
//
// **Saturating activations.** With weights of scale one erf loses {fact.ratio-erf-rare} times as
// much as linear features and tanh {fact.ratio-tanh-rare} times, and these factors grow with
// exponents {factor-erf-rare.estimate} and {factor-tanh-rare.estimate}. A coordinate that was seen
// is learned too slowly: the share that is left falls more slowly than as the power $\alpha/\beta$
// of how often it was seen. With weights of less than a third of that scale it falls fast enough,
// and erf loses {fact.ratio-small-erf-rare} times as much as linear features, a factor that does
// not grow ({factor-small-erf-rare.verdict}).
//
// **Dense data.** ReLU has the exponent {relu-dense.estimate} where theory with the even modes says
// {relu-dense.predicted}, and {level-relu-dense.estimate} times the loss of theory; linear features
// have {fact.linear-relu-dense}, steeper than $-\alpha$ because coordinates run out. In features
// the exponent is {relu-wide-dense.estimate} on dense data (theory {relu-wide-dense.predicted}) and
// {relu-wide-rare.estimate} on sparse data (theory {relu-wide-rare.predicted}), which is no
// difference: sparsity prices data and not parameters. Without the even modes theory would be off
// by a factor {defect.level-relu-dense.measured}.
