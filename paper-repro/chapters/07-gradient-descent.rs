//! # 07 Gradient descent: a power of time, then the plateau that data set
//!
//! The abstract describes the dynamics of gradient descent. We take full-batch descent from zero
//! with a small step $\eta$ and follow the population loss over time $s = \eta t$, with $t$ the
//! number of steps. A direction of variance $\lambda$ is learned at $s \approx 1/\lambda$, so time
//! plays the part of model size: $L \propto s^{-\alpha/(1+\alpha)}$, whatever the sparsity. This
//! ends when all that the samples show has been learned: at
//! $s \approx c^{1+\alpha} D^{(1+\alpha)/\beta}$ the loss settles at that of infinitely many
//! features trained to the end. Sparsity decides where the loss settles, not how fast it falls
//! before. Steps on single samples are in chapter 14, and passes over the same ones in chapter 15.

use crate::kit::{self, Case, Trajectories};
use crate::{
    Chapter, ChapterError, Defect, FigureWithData, Finding, Measured, Prediction, Preset, Report,
    Statement, Tolerance, Variant, draw,
};
use asymscale_dynamics::step_loss;
use asymscale_model::Amplitude;
use asymscale_montecarlo::replicates;
use asymscale_plots::{Figure, Panel};
use asymscale_sampling::{Design, Key};
use asymscale_solvers::DesignSpectrum;
use asymscale_sweep::{Cell, Table, row};
use asymscale_theory::SampleTheory;
use serde::{Deserialize, Serialize};

pub(super) const CHAPTER: Chapter = Chapter {
    id: "07-gradient-descent",
    claims: &["C8"],
    assumes: "full-batch descent from zero with one small step, and labels without noise; time is the step times the number of steps.",
    #[rustfmt::skip]
    crates: &["asymscale-dynamics", "asymscale-model", "asymscale-montecarlo", "asymscale-sampling", "asymscale-solvers", "asymscale-sweep", "asymscale-theory"],
    source: include_str!("07-gradient-descent.rs"),
    defect: Defect {
        name: "the factor 2 of the loss forgotten",
        description: "The loss is the square of the error, so it decays twice as fast: time in theory is taken for half of what it is.",
        turns_red: &["agree-dense", "agree-sparse", "agree-rademacher", "designs"],
    },
    plan,
    run: crate::Run::Common(run),
    report,
};

// Three kinds of data with the same spectrum, $\alpha = 1$: dense, sparse, and sparse with
// Rademacher amplitudes, $\pm 1$, in place of Gaussian ones. A fourth kind, with few samples and
// many coordinates always on, is for learners with few features.
const ALPHA: f64 = 1.0;
const RATE: f64 = 0.5;
const CASES: [Case; 3] = [
    Case::finite("dense", 0.0, 1.0, 2000),
    Case::sparse("sparse", 1.5, 1.0),
    Case::sparse("coin", 1.5, 1.0).with_rademacher("rademacher"),
];
const LATE: Case = Case::sparse("late", 1.5, 20.0);
const ONSETS: [f64; 2] = [1.0, 2.0];

#[derive(Serialize, Deserialize)]
struct Block {
    case: String,
    samples: usize,
    repeats: usize,
    last: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Task {
    Designs(Block),
    Settling { onset: f64, samples: f64 },
}

fn plan(preset: Preset) -> Result<Vec<Cell>, ChapterError> {
    let samples = preset.pick(256, 1024, 4096);
    let (few, many) = preset.pick((6, 12), (8, 48), (64, 256));
    let repeats = |case: &Case| if case.name == "dense" { few } else { many };
    let last = preset.pick(1e6, 1e8, 1e9);
    let block = |case: &Case, repeats| Block { case: case.name.into(), samples, repeats, last };
    let mut cells = Vec::new();
    for case in &CASES {
        cells.push(Cell::new(case.name, &Task::Designs(block(case, repeats(case))))?);
    }
    let late = Block { samples: 60, ..block(&LATE, preset.pick(24, 400, 10_000)) };
    cells.push(Cell::new(LATE.name, &Task::Designs(late))?);
    let decades = preset.pick(6..8, 4..9, 4..9);
    let sizes = |onset| decades.clone().map(move |decade| (onset, 10_f64.powi(decade)));
    for (onset, samples) in ONSETS.into_iter().flat_map(sizes) {
        let task = Task::Settling { onset, samples };
        cells.push(Cell::new(format!("settling {onset} {samples}"), &task)?);
    }
    Ok(cells)
}

fn run(cell: &Cell) -> Result<Table, ChapterError> {
    match cell.read()? {
        Task::Designs(block) if block.case == LATE.name => iterated(&block),
        Task::Designs(block) => averaged(&block),
        Task::Settling { onset, samples } => {
            kit::settling_rows(&Case::sparse("", 1.5, onset), ALPHA, samples)
        }
    }
}

// On each design of the first three kinds the loss after $t$ steps has a closed form, averaged over
// teachers, for infinitely many features. For half as many features as the expected rank it is
// given by the formula in $(N, D, t)$. Theory at these times is computed here, once for the report
// and for that of the planted defect.
fn averaged(block: &Block) -> Result<Table, ChapterError> {
    let case = Case::named(&CASES, &block.case)?;
    let (model, key) = (case.model(ALPHA)?, Key::new(kit::seed_of(&block.case)));
    let theory = SampleTheory::new(&model, block.samples as f64)?;
    let features = (0.5 * theory.rank()).round();
    let steps = kit::log_grid(1.0, block.last, 31);
    let times: Vec<f64> = steps.iter().map(|t| RATE * *t as f64).collect();
    let curves = replicates(&key, 0, block.repeats, |_, key| -> Result<_, ChapterError> {
        let design = Design::sample(&model, block.samples, &mut key.stream())?;
        let spectrum = DesignSpectrum::new(&design)?;
        let losses: Result<_, _> =
            steps.iter().map(|t| step_loss(&spectrum, RATE, *t as u64)).collect();
        Ok((losses?, spectrum.flow_curve(features, &times)?))
    })?;
    let of = (&*block.case, block.samples, features);
    let mut rows = kit::trajectory_rows(of, &steps, &curves)?;
    rows.append(kit::flow_rows(of, &theory, (&steps, RATE))?)?;
    if case.beta > 0.0 {
        rows.append(kit::approach_rows(case, ALPHA, block.samples as f64)?)?;
    }
    Ok(rows)
}

// For the fourth kind there is one design, with many draws of features and teachers. The first
// hundred steps are taken one by one, later ones in closed form. The loss of the same teachers with
// infinitely many features has a known mean, and serves as a control variate that removes most of
// the noise.
fn iterated(block: &Block) -> Result<Table, ChapterError> {
    let key = Key::new(kit::seed_of(LATE.name));
    let design = Design::sample(&LATE.model(ALPHA)?, block.samples, &mut key.stream())?;
    let spectrum = DesignSpectrum::new(&design)?;
    let (early, late) = ([1, 3, 10, 30, 100], [300, 1000, 3000, 10_000]);
    let of = (LATE.name, block.repeats, &[40, 90][..]);
    kit::iterated_rows(of, (&design, &spectrum), (&early, &late, RATE), &key)
}

// The following type holds what was measured on one kind of data, with infinitely many features and
// with half as many as the rank, and what theory gives at the same times. The loss is expected to
// settle at $D^{(1+\alpha)/\beta}$ (here $c = 1$), and the error of theory is proportional to the
// number of coordinates seen per sample, $S/D$.
struct Curves {
    all: Trajectories,
    half: Trajectories,
    theory: [Vec<f64>; 2],
    features: f64,
    plateau: f64,
    settling: f64,
    finite_size: f64,
}

fn read(rows: &Table, case: &Case, variant: Variant) -> Result<Curves, ChapterError> {
    let known = rows.matching("case", format!("{} theory", case.name))?;
    let rows = rows.matching("case", case.name)?;
    let at = usize::from(variant.is_defect());
    let known = |column: &str| -> Result<_, ChapterError> {
        Ok(Trajectories::read(&known, column, RATE)?.replicates.swap_remove(at))
    };
    let (samples, features) = (rows.floats("samples")?[0], rows.floats("features")?[0]);
    let (all, half) =
        (Trajectories::read(&rows, "loss", RATE)?, Trajectories::read(&rows, "formula", RATE)?);
    let theory = SampleTheory::new(&case.model(ALPHA)?, samples)?;
    let crowding = if case.beta > 0.0 { theory.coverage().seen / samples } else { 0.0 };
    Ok(Curves {
        theory: [known("loss")?, known("formula")?],
        plateau: theory.loss(f64::INFINITY)?,
        settling: samples.powf((1.0 + ALPHA) / 1.5),
        finite_size: 0.03 + 0.15 * crowding,
        all,
        half,
        features,
    })
}

fn finding(id: impl Into<String>, of: &str, statement: &str) -> Statement {
    Finding::of(id, format!("{of}: {statement}")).claim("C8")
}

// The first question is the exponent of the early loss, between $s = 5$ and a thirtieth of the time
// at which the sparse data settle. The tolerance is its distance from the limit according to
// theory, plus the difference between steps and gradient flow, which is known for infinite data,
// where every coordinate decays alone.
fn early_finding(case: &Case, curves: &Curves) -> Finding {
    let window = curves.all.within(5.0, curves.settling / 30.0);
    let limit = -ALPHA / (1.0 + ALPHA);
    let alone = |k: usize| kit::steps_alone(ALPHA, RATE, curves.all.times[k]);
    let (power, interval) = curves.all.measure(|loss| curves.all.power(&window, loss));
    let [theory, steps] =
        [curves.all.power(&window, |k| curves.theory[0][k]), curves.all.power(&window, alone)];
    let width = (theory - limit).abs() + (steps - limit).abs() + (interval.1 - interval.0);
    let source =
        "distance of the theory, and of steps at infinite data, from the limit; Monte-Carlo error";
    let of = kit::data_in_words(case);
    finding(format!("early-{}", case.label), &of, "exponent of the loss in time before the plateau")
        .predicted(Prediction::Equals(limit))
        .measured((power, interval))
        .within(Tolerance::finite_size(width, source))
}

// The second question is whether simulation and theory agree, from $s = 5$ to the plateau. It is
// also asked for half as many features as the rank, where theory is the average over designs of the
// formula in $(N, D, t)$.
fn agree((id, of): (&str, &str), curves: &Curves, pair: (&Trajectories, &[f64])) -> Finding {
    let (losses, theory) = pair;
    let window = losses.within(5.0, curves.settling);
    let ratio = losses.measure(|loss| {
        let logs = window.iter().map(|k| (loss(*k) / theory[*k]).ln());
        (logs.sum::<f64>() / window.len() as f64).exp()
    });
    let source = "Monte-Carlo error and step size, 3 %; finite size, 0.15 S/D";
    finding(id, of, "simulated over theoretical loss before the plateau, geometric mean")
        .predicted(Prediction::Equals(1.0))
        .measured(ratio)
        .within(Tolerance::finite_size(curves.finite_size, source))
}

// The third is whether the plateau is the loss of infinitely many features trained to the end, up
// to what theory says is not yet learned at the last time.
fn plateau_finding(case: &Case, curves: &Curves) -> Finding {
    let last = curves.all.times.len() - 1;
    let ratio = curves.all.measure(|loss| loss(last) / curves.plateau);
    let width = (curves.theory[0][last] / curves.plateau - 1.0).abs() + curves.finite_size;
    let source = "excess still there in theory; Monte-Carlo error, 3 %; finite size, 0.15 S/D";
    let statement = "simulated loss at the end over that of infinitely many features in theory";
    finding(format!("plateau-{}", case.label), &kit::data_in_words(case), statement)
        .predicted(Prediction::Equals(1.0))
        .measured(ratio)
        .within(Tolerance::finite_size(width, source))
}

const HALF: &str = "β = 1.5, c = 1, half as many features as the rank";

// With fewer features than the rank the loss is not monotone in time. The fourth question is how
// much is gained by stopping at the best time.
fn stopping(curves: &Curves) -> Finding {
    let count = curves.half.times.len();
    let gain = curves
        .half
        .measure(|loss| (0..count).map(loss).fold(f64::INFINITY, f64::min) / loss(count - 1));
    finding("stopping", HALF, "least loss over time, over the last loss")
        .predicted(Prediction::AtMost(1.0))
        .measured(gain)
        .within(Tolerance::rounding(1e-6, "accuracy of the transforms"))
}

// The fifth is answered by theory alone: the time at which the loss is twice the plateau should be
// proportional to $D^{(1+\alpha)/\beta}$ and $c^{1+\alpha}$.
fn times_to_settle(rows: &Table) -> Result<[Finding; 2], ChapterError> {
    let settle = |onset, samples: f64| -> Result<f64, ChapterError> {
        let found = kit::settled(rows, onset)?.into_iter().find(|point| point.0 == samples);
        Ok(found.ok_or("a size that was not asked")?.1)
    };
    let (near, far, late) = (settle(1.0, 1e6)?, settle(1.0, 1e7)?, settle(2.0, 1e7)?);
    let power = |id, statement, predicted, power| {
        finding(id, "theory", statement)
            .predicted(Prediction::Equals(predicted))
            .measured(Measured::Exact(power))
            .within(Tolerance::finite_size(0.03, "S/D is 1 to 3 % here; interpolation on a grid"))
    };
    let (by_samples, by_onset) =
        ("power of D in the time to settle", "power of c in the time to settle");
    Ok([
        power("settling-samples", by_samples, (1.0 + ALPHA) / 1.5, (far / near).log10()),
        power("settling-onset", by_onset, 1.0 + ALPHA, (late / far).log2()),
    ])
}

// The sixth, also for theory alone, is how the plateau is approached. A Gaussian amplitude may be
// arbitrarily small, and then its coordinate is learned arbitrarily slowly: the excess over the
// plateau falls as $s^{-1/2}$. A Rademacher amplitude is never small, and the excess soon vanishes.
fn approach(rows: &Table, samples: f64) -> Result<[Finding; 2], ChapterError> {
    let (gaussian, rademacher) =
        (kit::approached(rows, CASES[1].name)?, kit::approached(rows, CASES[2].name)?);
    let plateau = SampleTheory::new(&CASES[2].model(ALPHA)?, samples)?.loss(f64::INFINITY)?;
    let (early, power) = (gaussian[0], (gaussian[1] / gaussian[0]).log10());
    let late = "excess at 100 times the time to settle, over the plateau";
    let next = Tolerance::truncation(0.5 * early, "as large as the excess");
    let accuracy =
        Tolerance::rounding(2e-6 / plateau, "accuracy of the transform, 1e-6 of the first loss");
    Ok([
        finding("approach-sparse", "theory", "power of time in the excess over the plateau")
            .predicted(Prediction::Equals(-0.5))
            .measured(Measured::Exact(power))
            .within(next),
        finding("approach-rademacher", "theory, Rademacher amplitudes", late)
            .predicted(Prediction::AtMost(0.0))
            .measured(Measured::Exact(rademacher[0]))
            .within(accuracy),
    ])
}

// The last is whether the formula in $(N, D, t)$ on one design agrees with iterates on it, at the
// worst of nine times.
fn formula_finding(rows: &Table, features: i64) -> Result<(Finding, Vec<[f64; 4]>), ChapterError> {
    let rows = rows.matching("case", LATE.name)?.matching("features", features)?;
    let iterated = Trajectories::read(&rows, "loss", RATE)?;
    let formula = Trajectories::read(&rows, "formula", RATE)?.replicates.swap_remove(0);
    let (points, worst) = (iterated.against(&formula), iterated.worst(&formula));
    let id = if features < 60 { "formula-under" } else { "formula-over" };
    let width = 0.01 + kit::z_bound(points.len()) * worst.standard_error;
    let source = "1 %, far above the next order 1/N²; Monte-Carlo error, the worst of nine";
    let of = format!("one design of 60 samples, {features} features");
    let statement = "iterated loss over that of the formula, at the worst time";
    let finding = finding(id, &of, statement)
        .predicted(Prediction::Equals(1.0))
        .measured(worst)
        .within(Tolerance::truncation(width, source));
    Ok((finding, points))
}

// The figure shows simulated means with their intervals as points and theory as lines, for
// infinitely many features, for half as many as the rank, and for one design. The name of a kind of
// data in a legend.
fn legend(case: &Case) -> String {
    let amplitude = if case.amplitude == Amplitude::Rademacher { ", Rademacher" } else { "" };
    format!("$β$ = {}{amplitude}", case.beta)
}

fn report(rows: &Table, preset: Preset, variant: Variant) -> Result<Report, ChapterError> {
    let axes =
        |title: &str| Panel::new(title, draw::log("time $ηt$"), draw::log("population loss $L$"));
    let titles = [
        "infinitely many features",
        "half as many features as the rank",
        "one design of 60 samples, $c$ = 20",
    ];
    let mut panels = titles.map(axes);
    let (mut report, mut data) = (Report::default(), Table::default());
    let mut point = |case: &str, kind: &str, at: [f64; 4]| {
        data.push(
            row! { case, kind, time: at[0], mean: at[1], standard_error: at[2], theory: at[3] },
        )
    };
    for (number, case) in CASES.iter().enumerate() {
        let curves = read(rows, case, variant)?;
        let (id, of) = (format!("agree-{}", case.label), kit::data_in_words(case));
        let agreement = agree((&id, &of), &curves, (&curves.all, &curves.theory[0]));
        let plateau = plateau_finding(case, &curves);
        report.findings.extend([early_finding(case, &curves), agreement, plateau]);
        if case.name == "sparse" {
            let halves = (&curves.half, &*curves.theory[1]);
            report.findings.push(agree(("designs", HALF), &curves, halves));
            report.findings.push(stopping(&curves));
            report.facts.push(("features".into(), format!("{:.0}", curves.features)));
        }
        let both = [("all", &curves.all), ("half", &curves.half)];
        for (k, (kind, losses)) in both.into_iter().enumerate() {
            let points = losses.against(&curves.theory[k]);
            points.iter().try_for_each(|at| point(case.name, kind, *at))?;
            panels[k] =
                draw::against(std::mem::take(&mut panels[k]), &legend(case), number, &points);
        }
    }
    for (number, features) in [40, 90].into_iter().enumerate() {
        let (finding, points) = formula_finding(rows, features)?;
        points.iter().try_for_each(|at| point(LATE.name, &format!("{features} features"), *at))?;
        let name = format!("$N$ = {features}");
        panels[2] = draw::against(std::mem::take(&mut panels[2]), &name, number, &points);
        report.findings.push(finding);
    }
    report.findings.extend(times_to_settle(rows)?);
    report.findings.extend(approach(rows, preset.pick(256.0, 1024.0, 4096.0))?);
    let settled = |onset: f64| Ok((onset, kit::settled(rows, onset)?));
    let settled = ONSETS.into_iter().map(settled).collect::<Result<Vec<_>, ChapterError>>()?;
    let panels = panels.into_iter().chain([kit::settling_panel(ALPHA, settled)]).collect();
    report.figures.push(FigureWithData {
        name: CHAPTER.id.into(),
        caption: "Population loss against time for $α = 1$: simulation (points, with intervals of two standard errors) and theory (lines; in the third panel the formula given the design); and the time at which the loss is twice its plateau".into(),
        figure: Figure { title: "Descent is a power of time until the data are used up".into(), panels, columns: 2, width: 900.0, height: 700.0, ..Figure::default() },
        data,
        keys: &["case", "kind", "time"],
        drift: kit::TRAJECTORY_DRIFT,
    });
    Ok(report)
}

// Sparsity does not change how fast descent learns. Before the plateau the loss falls as a power of
// time with exponent {early-sparse.estimate} for sparse data and {early-dense.estimate} for dense
// data (the limit is {early-sparse.predicted}). It changes where the loss settles. The time to
// settle grows as the power {settling-samples.measured} of the number of samples (predicted
// {settling-samples.predicted}), and the plateau is {plateau-sparse.estimate} times the loss that
// theory gives for infinitely many features. With {fact.features} features, half as many as the
// rank, the loss falls and rises again: at the best time it is {stopping.estimate} times the last
// loss. If theory let the loss decay as the error does, and not as its square, simulated losses of
// dense data would be {defect.agree-dense.measured} times theory.
