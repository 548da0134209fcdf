//! # 05 Phase diagram: what limits the loss
//!
//! This chapter maps what limits the loss at every model size and number of samples. Below the
//! threshold it is parameters, above it data. With sparse features the region above is itself
//! divided. Up to a crossover $D_\times$, where as many coordinates have been seen as there are
//! samples, more data help as much as with dense features, with exponent $\alpha$. Beyond it the
//! loss is the unseen mass, and the exponent is $\alpha/\beta$. The gap between the exponents in
//! model size and in data, $\alpha(1 - 1/\max(1, \beta))$, is set by sparsity alone.

use crate::kit::{self, Case, Curve, Curves};
use crate::{
    Chapter, ChapterError, Defect, FigureWithData, Finding, Measured, Prediction, Preset, Report,
    Tolerance, Variant, draw,
};
use asymscale_model::SparseModel;
use asymscale_montecarlo::{Method, Settings, simulate};
use asymscale_plots::{
    Color, Contours, Dash, Figure, Grid, Heat, Line, Note, Panel, Points, Reference, Scale,
};
use asymscale_sweep::{Cell, Table, Tolerance as Drift, row};
use asymscale_theory::{SampleTheory, crossover, infinite_data_loss, infinite_feature_loss};
use serde::{Deserialize, Serialize};

pub(super) const CHAPTER: Chapter = Chapter {
    id: "05-phase-diagram",
    claims: &["C4", "C6"],
    assumes: "one kind of data, $\\alpha = 1$, $\\beta = 1.5$ and $c = 5$; no ridge, and labels without noise.",
    crates: &["asymscale-model", "asymscale-montecarlo", "asymscale-sweep", "asymscale-theory"],
    source: include_str!("05-phase-diagram.rs"),
    defect: Defect {
        name: "the onset forgotten",
        description: "Simulated losses are held against theory for features that are rare from the first one on.",
        turns_red: &["map-over", "map-under"],
    },
    plan,
    run: crate::Run::Common(run),
    report,
};

// Theory draws the map for one kind of data, chosen so that the crossover lies in its middle.
// Simulated curves at a few numbers of samples on both sides of the crossover confirm it.
const ALPHA: f64 = 1.0;
const CASE: Case = Case::sparse("map", 1.5, 5.0);

#[derive(Serialize, Deserialize)]
struct Block {
    samples: usize,
    designs: usize,
    first: u64,
}

fn plan(preset: Preset) -> Result<Vec<Cell>, ChapterError> {
    let sizes: &[usize] =
        preset.pick(&[64, 256], &[32, 128, 512, 1024], &[32, 128, 512, 2048, 8192]);
    let (blocks, designs) = preset.pick((2, 8), (2, 8), (16, 8));
    let mut cells = Vec::new();
    for samples in sizes {
        for block in 0..blocks {
            let parameters = Block { samples: *samples, designs, first: (block * designs) as u64 };
            let cell = Cell::new(format!("D = {samples} block {block}"), &parameters)?;
            cells.push(cell.with_cost((*samples as f64).powi(2)));
        }
    }
    Ok(cells)
}

fn run(cell: &Cell) -> Result<Table, ChapterError> {
    let block: Block = cell.read()?;
    let settings = Settings {
        samples: block.samples,
        features: kit::log_grid(4.0, 4.0 * block.samples as f64, 14)
            .into_iter()
            .map(Into::into)
            .collect(),
        repeats: block.designs,
        teachers: 32,
        method: Method::Conditional,
        first: block.first,
        seed: kit::seed_of(&format!("map {}", block.samples)),
        ..Settings::default()
    };
    let simulation = simulate(&CASE.model(ALPHA)?, &settings)?;
    Ok(kit::curve_rows(CASE.name, &simulation, block.first)?)
}

// A simulated point confirms the map if its mean loss is that of the map. Points within a factor 2
// of the threshold are left to chapters 02 and 10. The finding is the geometric mean of simulated
// over theoretical loss, over all points on one side of the threshold and all numbers of samples.
fn backing(
    rows: &Table,
    over: bool,
    preset: Preset,
    variant: Variant,
) -> Result<Finding, ChapterError> {
    let model = CASE.model(ALPHA)?;
    let assumed = if variant.is_defect() {
        SparseModel::power_law(ALPHA, CASE.beta, 1.0)?
    } else {
        model.clone()
    };
    let (mut groups, mut errors) = (Vec::new(), Vec::new());
    for (_, rows) in rows.group_by(&["samples"])? {
        let (curves, samples) = (Curves::read(&rows)?, rows.floats("samples")?[0]);
        let exact = SampleTheory::new(&model, samples)?;
        let rank = exact.rank();
        let away = |n: f64| if over { n > 2.0 * rank } else { n < 0.5 * rank };
        let theory = SampleTheory::new(&assumed, samples)?.curve(&curves.features)?;
        let points: Vec<usize> = (0..theory.len()).filter(|n| away(curves.features[*n])).collect();
        for n in &points {
            errors.push(exact.pole_error(curves.features[*n])?);
        }
        groups
            .push((points.into_iter().map(|n| (n, theory[n])).collect::<Vec<_>>(), curves.designs));
    }
    // Designs of different sizes are independent: a resample takes the same positions at every
    // size.
    let ratio = |picked: &[&usize]| {
        let mean = |designs: &[Curve], n: usize| {
            picked.iter().map(|d| designs[**d].losses[n]).sum::<f64>() / picked.len() as f64
        };
        let logs: Vec<f64> = groups
            .iter()
            .flat_map(|(points, designs)| {
                points.iter().map(|(n, theory)| (mean(designs, *n) / theory).ln())
            })
            .collect();
        (logs.iter().sum::<f64>() / logs.len() as f64).exp()
    };
    let numbers: Vec<usize> = (0..groups[0].1.len()).collect();
    let (id, word) = if over { ("map-over", "above twice") } else { ("map-under", "below half") };
    let width = errors.iter().sum::<f64>() / errors.len() as f64 + kit::resolution(preset);
    let statement = format!(
        "simulated over theoretical loss {word} the threshold, geometric mean over the map"
    );
    let all = numbers.iter().collect::<Vec<_>>();
    Ok(Finding::of(id, statement)
        .claim("C4")
        .predicted(Prediction::Equals(1.0))
        .measured((ratio(&all), kit::bootstrap_interval(&numbers, kit::SEED, ratio)))
        .within(Tolerance::finite_size(width, kit::FINITE_SIZE)))
}

// The gap between the exponents is the difference of two local slopes of theory far out, where
// neither the threshold nor the crossover is near. For $\beta$ close to 1 the crossover is never
// far away, so the finding leaves out the range from 0.6 to 1.4; the figure shows it.
const FAR: f64 = 1e10;

fn gaps() -> Result<Vec<(f64, f64, f64)>, ChapterError> {
    let dense = SparseModel::power_law(ALPHA, 0.0, 1.0)?;
    let features = kit::local_exponent(FAR, |n| infinite_data_loss(&dense, n))?;
    let mut gaps = Vec::new();
    for k in 0..=20 {
        let beta = 0.2 * f64::from(k);
        let model = SparseModel::power_law(ALPHA, beta, 1.0)?;
        let samples = kit::local_exponent(FAR, |d| infinite_feature_loss(&model, d))?;
        gaps.push((beta, samples - features, ALPHA * (1.0 - 1.0 / beta.max(1.0))));
    }
    Ok(gaps)
}

fn gap_finding(gaps: &[(f64, f64, f64)]) -> Finding {
    let settled = gaps.iter().filter(|(beta, _, _)| (beta - 1.0).abs() > 0.41);
    let worst = settled.map(|(_, local, predicted)| (local - predicted).abs()).fold(0.0, f64::max);
    let statement = "largest distance of the gap between local exponents from its formula, over β";
    Finding::of("gap", statement)
        .claim("C6")
        .predicted(Prediction::AtMost(0.0))
        .measured(Measured::Exact(worst))
        .within(Tolerance::finite_size(0.01, "the exponents are limits"))
}

// Each phase is named on the map, and vertical lines show where it was simulated.
fn map(simulated: Vec<(f64, f64)>) -> Result<Panel, ChapterError> {
    let model = CASE.model(ALPHA)?;
    let (sizes, samples) = (kit::log_space(3.0, 1e6, 70), kit::log_space(10.0, 1e7, 70));
    let theories: Result<Vec<_>, _> =
        samples.iter().map(|d| SampleTheory::new(&model, *d)).collect();
    let theories = theories?;
    let curves: Result<Vec<_>, _> = theories.iter().map(|theory| theory.curve(&sizes)).collect();
    let curves = curves?;
    let at = |grid: &[f64], x: f64| grid.iter().position(|g| *g == x).unwrap_or(0);
    let grid = Grid::from_fn(samples.clone(), sizes.clone(), |d, n| {
        curves[at(&samples, d)][at(&sizes, n)]
    });
    // Contours stop short of the threshold, where the loss has a pole that no grid resolves.
    let near = |k: usize| {
        let (d, n) = (k % samples.len(), sizes[k / samples.len()]);
        let threshold = theories[d].coverage().threshold;
        (n / threshold).ln().abs() < 0.35
    };
    let smooth = grid
        .values
        .iter()
        .enumerate()
        .map(|(k, loss)| if near(k) { f64::NAN } else { *loss })
        .collect();
    let line = |name: &str, dash, value: &dyn Fn(&SampleTheory) -> f64| Line {
        name: name.into(),
        points: samples.iter().zip(&theories).map(|(d, theory)| (*d, value(theory))).collect(),
        color: Color::Rgb(255, 255, 255),
        dash,
        width: 2.0,
    };
    Ok(Panel::new(
        "what limits the loss",
        draw::log("samples $D$"),
        draw::log("features $N$").range(3.0, 1e6),
    )
    .with(Heat {
        grid: grid.clone(),
        colors: draw::log("population loss $L$").range(1e-5, 3.0),
        ..Heat::default()
    })
    .with(Contours {
        grid: Grid { values: smooth, ..grid },
        levels: vec![1e-4, 1e-3, 1e-2, 1e-1],
        scale: Scale::Log,
        ..Contours::default()
    })
    .with(line("threshold rank $X$", Dash::Solid, &|theory| theory.rank()))
    .with(line("$N = D$", Dash::Dotted, &|theory| theory.coverage().samples))
    .with(Reference {
        color: Color::Rgb(255, 255, 255),
        ..Reference::vertical(crossover(&model).unwrap_or(f64::NAN), "$D_×$")
    })
    .with(Line {
        name: "simulated".into(),
        points: simulated,
        color: Color::Rgb(255, 255, 255),
        dash: Dash::DashDot,
        width: 1.4,
    })
    .with(phase("parameters limit", (3e5, 60.0)))
    .with(phase("samples limit", (150.0, 4e5)))
    .with(phase("unseen coordinates limit", (5e4, 4e5))))
}

fn phase(name: &str, at: (f64, f64)) -> Note {
    Note { text: name.into(), at, color: Color::Ink }
}

fn curves_panel(measured: &[(f64, Curves)]) -> Result<Panel, ChapterError> {
    let model = CASE.model(ALPHA)?;
    let largest = measured.iter().map(|(samples, _)| 4.0 * samples).fold(0.0, f64::max);
    let mut panel = Panel::new(
        "loss along $N$",
        draw::log("features $N$"),
        draw::log("population loss $L$").range(1e-3, 10.0),
    );
    for (number, (samples, curves)) in measured.iter().enumerate() {
        let sizes = kit::log_space(4.0, largest, 300);
        let losses = SampleTheory::new(&model, *samples)?.curve(&sizes)?;
        let found = curves.summaries();
        let points = found.iter().map(|s| (s.features.as_f64(), s.median)).collect();
        let intervals = found.iter().map(|s| s.median_interval).collect();
        let marks = draw::marks("", number, points, intervals);
        let theory = sizes.into_iter().zip(losses).collect();
        let layers = draw::both(format!("$D$ = {samples}"), number, theory, marks);
        panel = layers.into_iter().fold(panel, Panel::with);
    }
    Ok(panel)
}

// The exponent in samples changes at the crossover. The local exponent between $D$ and $4D$ is
// drawn at $2D$.
fn local_panel() -> Result<Panel, ChapterError> {
    let model = CASE.model(ALPHA)?;
    let local = |d: f64| -> Result<_, ChapterError> {
        Ok((2.0 * d, -kit::local_exponent(d, |d| infinite_feature_loss(&model, d))?))
    };
    let points: Result<Vec<_>, _> = kit::log_space(10.0, 1e8, 80).into_iter().map(local).collect();
    Ok(Panel::new(
        "infinitely many features",
        draw::log("samples $D$"),
        draw::linear("local exponent along $D$").range(0.0, 1.2 * ALPHA),
    )
    .with(Line { name: "theory".into(), points: points?, ..Line::default() })
    .with(Reference::horizontal(ALPHA, "$α$"))
    .with(Reference::horizontal(ALPHA / CASE.beta, "$α/β$"))
    .with(Reference::vertical(crossover(&model).unwrap_or(f64::NAN), "$D_×$")))
}

fn gap_panel(gaps: &[(f64, f64, f64)]) -> Panel {
    Panel::new(
        "the gap between the exponents",
        draw::linear("activity exponent $β$"),
        draw::linear("gap between exponents"),
    )
    .with(Line {
        name: "$α(1 - 1/\\max(1, β))$".into(),
        points: gaps.iter().map(|(beta, _, predicted)| (*beta, *predicted)).collect(),
        ..Line::default()
    })
    .with(Points {
        name: "local slopes of theory".into(),
        points: gaps.iter().map(|(beta, local, _)| (*beta, *local)).collect(),
        ..Points::default()
    })
}

fn report(rows: &Table, preset: Preset, variant: Variant) -> Result<Report, ChapterError> {
    let gaps = gaps()?;
    let model = CASE.model(ALPHA)?;
    let findings = vec![
        backing(rows, false, preset, variant)?,
        backing(rows, true, preset, variant)?,
        gap_finding(&gaps),
    ];
    let (mut data, mut measured) = (Table::default(), Vec::new());
    for (_, rows) in rows.group_by(&["samples"])? {
        let (curves, samples) = (Curves::read(&rows)?, rows.floats("samples")?[0]);
        let theory = SampleTheory::new(&model, samples)?.curve(&curves.features)?;
        for (summary, theory) in curves.summaries().iter().zip(theory) {
            data.push(row! { samples: samples as i64, features: summary.features.finite(), mean: summary.mean, median: summary.median, theory })?;
        }
        measured.push((samples, curves));
    }
    let simulated = measured
        .iter()
        .flat_map(|(samples, curves)| {
            let ends = [curves.features[0], curves.features[curves.features.len() - 1], f64::NAN];
            ends.map(|n| (*samples, n))
        })
        .collect();
    let figure = FigureWithData {
        name: CHAPTER.id.into(),
        caption: "What limits the loss over samples and features, by theory; the loss along features in simulation (points) and theory (lines); the local exponent along samples; the gap between the two exponents against sparsity"
            .into(),
        figure: Figure {
            title: "What limits the loss".into(),
            panels: vec![map(simulated)?, curves_panel(&measured)?, local_panel()?, gap_panel(&gaps)],
            columns: 2,
            width: 980.0,
            height: 820.0,
            ..Figure::default()
        },
        data,
        keys: &["samples", "features"],
        drift: &[
            ("mean", Drift { absolute: 0.0, relative: 1e-3 }),
            ("median", Drift { absolute: 0.0, relative: 1e-3 }),
            ("theory", Drift { absolute: 0.0, relative: 1e-6 }),
        ],
    };
    let facts = vec![("crossover".into(), format!("{:.0}", crossover(&model).unwrap_or(f64::NAN)))];
    Ok(Report { figures: vec![figure], findings, facts })
}

// Simulations confirm the map on both sides of the threshold: simulated losses are
// {map-under.estimate} times theory below it and {map-over.estimate} times above it. On this map
// the crossover is at $D_\times$ = {fact.crossover} samples. At large sizes the gap between the
// exponents is within {gap.tolerance} of its formula for all $\beta$ that are not close to one. If
// theory ignored the onset and took features as rare from the first coordinate on, simulated losses
// would be {defect.map-under.measured} and {defect.map-over.measured} times those that it predicts.
