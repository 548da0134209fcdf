//! # 02 Double descent: the peak is at the rank of the design
//!
//! The abstract says that the test loss has a double-descent peak near the interpolation threshold,
//! and that the loss can be computed on both sides of it. With dense features the threshold is
//! $N = D$: as many parameters as equations. With sparse features we expect it at
//! $N = \operatorname{rank} X$. A sample that shows no new coordinate adds no equation, and rare
//! coordinates that share their only sample add a single equation together. So the rank is below
//! $D$, and even below the number $S$ of coordinates that were seen.

use crate::kit::{self, Case, Curve, Curves};
use crate::{
    Chapter, ChapterError, Defect, FigureWithData, Finding, Prediction, Preset, Report, Tolerance,
    Variant, draw,
};
use asymscale_montecarlo::{Estimate, Method, Settings, simulate};
use asymscale_plots::{
    Color, Dash, Figure, Inset, Layer, Legend, Line, Note, Panel, Points, Reference,
};
use asymscale_sweep::{Cell, Table, Tolerance as Drift, row};
use asymscale_theory::SampleTheory;
use serde::{Deserialize, Serialize};

pub(super) const CHAPTER: Chapter = Chapter {
    id: "02-double-descent",
    claims: &["C4", "C5"],
    assumes: "random linear features, least squares of minimum norm, no ridge, labels without noise, and a teacher whose weights are independent and of one variance.",
    crates: &["asymscale-montecarlo", "asymscale-theory", "asymscale-sweep"],
    source: include_str!("02-double-descent.rs"),
    defect: Defect {
        name: "the number of samples taken for the threshold",
        description: "The peak is looked for at $N = D$, as one would with dense features.",
        turns_red: &["peak-rare", "peak-rarer"],
    },
    plan,
    run: crate::Run::Common(run),
    report,
};

// There are four kinds of data with the same spectrum, $\alpha = 1$, and the same number of
// samples. One is dense. One is sparse, but has so many coordinates always on that every sample
// brings something new. In the other two coordinates are rare from the first one on. Dense data
// need a finite number of coordinates to be drawn; sparse data have infinitely many.
const ALPHA: f64 = 1.0;
const CASES: [Case; 4] = [
    Case::finite("dense", 0.0, 1.0, 2000),
    Case::sparse("late", 1.5, 20.0),
    Case::sparse("rare", 1.5, 1.0),
    Case::sparse("rarer", 2.0, 1.0),
];

// A cell is a block of designs of one kind. Every design gives the whole curve in $N$. Smaller
// models use a subset of the features of larger ones, so that neighbouring points share their
// noise.
#[derive(Serialize, Deserialize)]
struct Block {
    case: String,
    samples: usize,
    designs: usize,
    first: u64,
}

fn plan(preset: Preset) -> Result<Vec<Cell>, ChapterError> {
    let (samples, blocks, designs) = preset.pick((256, 4, 8), (512, 6, 8), (2048, 64, 8));
    let mut cells = Vec::new();
    for case in CASES {
        // Dense designs cost most and scatter least.
        let fewer = if case.name == "dense" { preset.pick(2, 4, 0) } else { 0 };
        for block in 0..blocks - fewer {
            let first = (block * designs) as u64;
            let parameters = Block { case: case.name.to_owned(), samples, designs, first };
            cells.push(Cell::new(format!("{} block {block}", case.name), &parameters)?);
        }
    }
    Ok(cells)
}

// The grid in $N$ is fine around the expected rank $\bar r$, where the peak should be, and fixed
// before anything is drawn.
const STEP: f64 = 0.025;

fn run(cell: &Cell) -> Result<Table, ChapterError> {
    let block: Block = cell.read()?;
    let model = Case::named(&CASES, &block.case)?.model(ALPHA)?;
    let rank = SampleTheory::new(&model, block.samples as f64)?.rank();
    let around = kit::features_around(rank, (4.0, 4.0 * block.samples as f64, 26), 0.2, STEP);
    let settings = Settings {
        samples: block.samples,
        features: around.into_iter().map(Into::into).collect(),
        repeats: block.designs,
        teachers: 32,
        method: Method::Conditional,
        first: block.first,
        seed: kit::seed_of(&block.case),
        ..Settings::default()
    };
    let simulation = simulate(&model, &settings)?;
    Ok(kit::curve_rows(&block.case, &simulation, block.first)?)
}

// Three questions are put to each kind of data. The first is where the peak of the median loss is,
// as a multiple of $\bar r$. The mean cannot be used, because it does not exist near the threshold.
fn peak(case: &Case, curves: &Curves, theory: &SampleTheory, variant: Variant) -> Finding {
    let (rank, samples, spread) = (theory.rank(), theory.coverage().samples, theory.rank_spread());
    let threshold = if variant.is_defect() { samples } else { rank };
    let ratio = |designs: &[&Curve]| curves.peak(designs) / threshold;
    let all: Vec<&Curve> = curves.designs.iter().collect();
    let name = if variant.is_defect() { "the number of samples" } else { "the expected rank" };
    let statement = format!(
        "{}: model size at the peak of the median loss, over {name}",
        kit::data_in_words(case)
    );
    Finding::of(format!("peak-{}", case.name), statement)
        .claim("C5")
        .predicted(Prediction::Equals(1.0))
        .measured((ratio(&all), kit::bootstrap_interval(&curves.designs, kit::SEED, ratio)))
        .within(Tolerance::grid_step(
            STEP + (1.0 + spread) / rank,
            "one step of the sizes, one feature, and the spread of the rank over designs",
        ))
}

// The second is what the mean rank is, as a multiple of $\bar r$. (For dense data $\bar r = D$.)
fn rank_finding(case: &Case, curves: &Curves, expected: f64, preset: Preset) -> Finding {
    let ranks: Vec<f64> = curves.designs.iter().map(|design| design.rank / expected).collect();
    let statement =
        format!("{}: mean rank of the design over the expected rank", kit::data_in_words(case));
    Finding::of(format!("rank-{}", case.name), statement)
        .claim("C5")
        .predicted(Prediction::Equals(1.0))
        .measured(Estimate::of(&ranks))
        .within(Tolerance::finite_size(
            kit::resolution(preset) + 1.0 / expected,
            "resolution of the preset, and one in the rank: collisions are taken as tree-like",
        ))
}

// The third is how far simulated losses are from theory, below and above the threshold. Within a
// factor $1.5$ of it the asymptotic theory is not meant to hold at this size; chapter 10 is about
// that. The tolerance is the sum of the error that theory estimates for itself at this size, which
// is larger where features are rare, and the resolution of the preset.
fn agreement(
    case: &Case,
    curves: &Curves,
    theory: &SampleTheory,
    (preset, over): (Preset, bool),
) -> Result<Finding, ChapterError> {
    let rank = theory.rank();
    let away = |n: f64| if over { n > 1.5 * rank } else { n < rank / 1.5 };
    let far: Vec<usize> =
        (0..curves.features.len()).filter(|n| away(curves.features[*n])).collect();
    let sizes: Vec<f64> = far.iter().map(|n| curves.features[*n]).collect();
    let losses = theory.curve(&sizes)?;
    let ratio = |designs: &[&Curve]| {
        let mean = |n: usize| {
            designs.iter().map(|design| design.losses[n]).sum::<f64>() / designs.len() as f64
        };
        let logs = far.iter().zip(&losses).map(|(n, theory)| (mean(*n) / theory).ln());
        (logs.sum::<f64>() / far.len() as f64).exp()
    };
    let all: Vec<&Curve> = curves.designs.iter().collect();
    let (side, word) = if over { ("over", "above") } else { ("under", "below") };
    let width = kit::resolution(preset) + kit::finite_size(theory, &sizes)?;
    let statement = format!(
        "{}: simulated over theoretical loss {word} the threshold, geometric mean",
        kit::data_in_words(case)
    );
    Ok(Finding::of(format!("{side}-{}", case.name), statement)
        .claim("C4")
        .predicted(Prediction::Equals(1.0))
        .measured((ratio(&all), kit::bootstrap_interval(&curves.designs, kit::SEED, ratio)))
        .within(Tolerance::finite_size(width, kit::FINITE_SIZE)))
}

// The figure shows medians with their 95 % intervals as points, theory as lines, $\bar r$ and $D$
// as vertical lines, and the peak enlarged in an inset. Where coordinates collide there is a second
// line: theory at the number of samples whose threshold is $\bar r$. Its peak is where the design
// has it (chapter 10).
fn panel(
    case: &Case,
    number: usize,
    curves: &Curves,
    theory: &SampleTheory,
    samples: f64,
) -> Result<Panel, ChapterError> {
    let (summaries, rank) = (curves.summaries(), theory.rank());
    let mut sizes = kit::log_space(4.0, 4.0 * samples, 200);
    sizes.extend(kit::log_space(rank / DETAIL, rank * DETAIL, 120));
    sizes.sort_by(f64::total_cmp);
    let losses = theory.curve(&sizes)?;
    let simulated = Points {
        name: "simulation, median".into(),
        points: summaries.iter().map(|s| (s.features.as_f64(), s.median)).collect(),
        intervals: summaries.iter().map(|s| s.median_interval).collect(),
        color: Color::Series(number),
        ..Points::default()
    };
    let line = |name: &str, dash, losses: Vec<f64>| Line {
        name: name.into(),
        points: sizes.iter().copied().zip(losses).collect(),
        dash,
        ..Line::default()
    };
    let mut layers: Vec<Layer> = vec![line("theory", Dash::Solid, losses).into()];
    if theory.effective_samples() < samples {
        let corrected =
            SampleTheory::new(&case.model(ALPHA)?, theory.effective_samples())?.curve(&sizes)?;
        layers.push(line("theory, rank-corrected", Dash::Dotted, corrected).into());
    }
    layers.push(simulated.into());
    let medians: Vec<f64> = summaries
        .iter()
        .filter(|s| (s.features.as_f64() / rank).ln().abs() < DETAIL.ln())
        .map(|s| s.median)
        .collect();
    let place = if rank < 0.9 * samples { [0.64, 0.5, 1.0, 1.0] } else { [0.02, 0.52, 0.62, 1.0] };
    let inset = Inset { panel: detail(rank, &medians, &layers), place };
    layers.push(Reference::vertical(rank, "rank $X$").into());
    if rank < 0.9 * samples {
        layers.push(Reference::vertical(samples, "").into());
        let note = Note { text: "$N = D$".into(), at: (samples, 5e-3), color: Color::Muted };
        layers.push(note.into());
    }
    Ok(Panel {
        title: format!("{}: $β$ = {}, $c$ = {}", case.name, case.beta, case.onset),
        x: draw::log("features $N$"),
        y: draw::log("population loss $L$").range(3e-3, 1e2),
        layers,
        ..Panel::default()
    }
    .legend(Legend::Inside)
    .inset(inset))
}

const DETAIL: f64 = 1.25;

fn detail(rank: f64, medians: &[f64], layers: &[Layer]) -> Panel {
    let (low, high) = medians
        .iter()
        .fold((f64::INFINITY, 0.0_f64), |(low, high), loss| (low.min(*loss), high.max(*loss)));
    let layers = layers.iter().cloned().chain([Reference::vertical(rank, "").into()]).collect();
    Panel {
        x: draw::log("").range(rank / DETAIL, rank * DETAIL),
        y: draw::log("").range(0.7 * low, 2.0 * high),
        layers,
        ..Panel::default()
    }
}

fn report(rows: &Table, preset: Preset, variant: Variant) -> Result<Report, ChapterError> {
    let (mut report, mut panels, mut data) = (Report::default(), Vec::new(), Table::default());
    for (number, case) in CASES.iter().enumerate() {
        let rows = rows.matching("case", case.name)?;
        let (curves, samples) = (Curves::read(&rows)?, rows.floats("samples")?[0]);
        let theory = SampleTheory::new(&case.model(ALPHA)?, samples)?;
        let expected = theory.rank();
        let losses = theory.curve(&curves.features)?;
        report.findings.push(peak(case, &curves, &theory, variant));
        report.findings.push(rank_finding(case, &curves, expected, preset));
        for over in [false, true] {
            report.findings.push(agreement(case, &curves, &theory, (preset, over))?);
        }
        report.facts.push((format!("rank-{}", case.name), format!("{expected:.0}")));
        panels.push(panel(case, number, &curves, &theory, samples)?);
        for (summary, theory) in curves.summaries().iter().zip(losses) {
            data.push(row! {
                case: case.name, features: summary.features.finite(), median: summary.median,
                low: summary.median_interval.0, high: summary.median_interval.1,
                mean: summary.mean, standard_error: summary.standard_error, theory
            })?;
        }
        report.facts.push(("samples".into(), format!("{samples}")));
    }
    report.figures.push(FigureWithData {
        name: CHAPTER.id.into(),
        caption:
            "Population loss against model size at a fixed number of samples, for data with the same spectrum"
                .into(),
        figure: Figure {
            title: "The double-descent peak is at the rank of the design".into(),
            panels,
            columns: 2,
            width: 860.0,
            height: 640.0,
            ..Figure::default()
        },
        data,
        keys: &["case", "features"],
        drift: &[
            ("median", SIMULATED),
            ("low", SIMULATED),
            ("high", SIMULATED),
            ("mean", SIMULATED),
            ("standard_error", SIMULATED),
            ("theory", Drift { absolute: 0.0, relative: 1e-6 }),
        ],
    });
    Ok(report)
}

// Across machines the last bits of a factorisation differ, and near the threshold they are
// amplified.
const SIMULATED: Drift = Drift { absolute: 0.0, relative: 1e-3 };

// For rare features the median loss peaks at {peak-rare.estimate} times the expected rank, which is
// {fact.rank-rare} for {fact.samples} samples. Dense features would have it at $N = D$, but it is
// at {defect.peak-rare.measured} times the number of samples (in the smaller run of the control).
// Away from the peak, theory gives the loss on both sides: simulated losses are
// {under-rare.estimate} times theory below the threshold and {over-rare.estimate} times above it.
