//! What chapter 06 reads off its simulated budgets, and the panels it draws.

use crate::chapters::compute_optimal::{ALPHA, CASES, KINDS, Kind, budgets, exponent};
use crate::kit::{self, Case, Rungs};
use crate::{ChapterError, Finding, Prediction, Profile, Tolerance, Variant, draw};
use asymscale_model::{Amplitude, SparseModel};
use asymscale_plots::{ColorMap, Contours, Grid, Heat, Legend, Panel, Reference, Scale};
use asymscale_sweep::{SweepError, Table, Tolerance as Drift, row};
use asymscale_theory::{Budget, Ridge, SampleTheory, frontier};

/// Best splits of one kind of data, simulated and by theory.
pub(crate) struct Simulated {
    budgets: Vec<f64>,
    /// Best model size and loss, of the simulation and of theory.
    best: Vec<[(f64, f64); 2]>,
    /// Of the simulated two.
    intervals: Vec<[(f64, f64); 2]>,
}

const LAST_DIGITS: Drift = Drift { absolute: 1e-9, relative: 1e-3 };

/// How far the columns of [`Simulated::write`] may drift.
pub(crate) const DRIFT: &[(&str, Drift)] = &[
    ("features", LAST_DIGITS),
    ("features_low", LAST_DIGITS),
    ("features_high", LAST_DIGITS),
    ("features_theory", LAST_DIGITS),
    ("loss", LAST_DIGITS),
    ("loss_low", LAST_DIGITS),
    ("loss_high", LAST_DIGITS),
    ("loss_theory", LAST_DIGITS),
];

impl Simulated {
    /// A row per budget: what was read off the designs, and what theory expects there.
    pub(crate) fn write(&self, case: &str, data: &mut Table) -> Result<(), SweepError> {
        for ((compute, [found, theory]), [size, loss]) in
            self.budgets.iter().zip(&self.best).zip(&self.intervals)
        {
            data.push(row! {
                case, compute: *compute, features: found.0, features_low: size.0, features_high: size.1,
                features_theory: theory.0, loss: found.1, loss_low: loss.0, loss_high: loss.1, loss_theory: theory.1
            })?;
        }
        Ok(())
    }
}

/// Theory at each rung, for as many samples as the rung is worth.
fn theories(
    model: &SparseModel,
    rungs: &Rungs,
    worth: impl Fn(&SampleTheory) -> f64,
) -> Result<Vec<SampleTheory>, ChapterError> {
    let at = |d: &f64| SampleTheory::new(model, worth(&SampleTheory::new(model, *d)?));
    Ok(rungs.samples.iter().map(at).collect::<Result<_, _>>()?)
}

/// Best model size and loss by theory, through the same rungs as the simulation.
fn expected(rungs: &Rungs, theories: &[SampleTheory], compute: f64) -> (f64, f64) {
    let loss = |rung: usize| {
        let features = compute / rungs.samples[rung];
        let over = features > theories[rung].coverage().threshold;
        if over { theories[rung].loss(features).unwrap_or(f64::NAN) } else { f64::INFINITY }
    };
    rungs.vertex(compute, loss, loss)
}

pub(crate) fn simulated(
    case: &Case,
    rungs: &Rungs,
    profile: Profile,
    variant: Variant,
) -> Result<(Simulated, Vec<Finding>), ChapterError> {
    let budgets = budgets(case.name, profile);
    let (model, numbers) =
        (case.model(ALPHA)?, (0..rungs.designs[0].len() / 2).collect::<Vec<_>>());
    let assumed = if variant.is_defect() { CASES[1].model(ALPHA)? } else { model.clone() };
    let nominal = |theory: &SampleTheory| theory.coverage().samples;
    let assumed = theories(&assumed, rungs, nominal)?;
    let (plain, corrected) = (
        theories(&model, rungs, nominal)?,
        theories(&model, rungs, SampleTheory::effective_samples)?,
    );
    let expected = |compute: f64| expected(rungs, &assumed, compute);
    let all: Vec<&usize> = numbers.iter().collect();
    let mut out = Simulated { best: Vec::new(), intervals: Vec::new(), budgets };
    for compute in out.budgets.clone() {
        let interval = |pick: fn((f64, f64)) -> f64| {
            kit::bootstrap_interval(&numbers, kit::SEED, |picked| pick(rungs.best(compute, picked)))
        };
        out.best.push([rungs.best(compute, &all), expected(compute)]);
        out.intervals.push([interval(|best| best.0), interval(|best| best.1)]);
    }
    let range = (out.budgets[out.budgets.len() - 1] / out.budgets[0]).ln();
    let mut findings = Vec::new();
    for (word, pick) in
        [("features", (|best| best.0) as fn((f64, f64)) -> f64), ("loss", |best| best.1)]
    {
        let of = |best: &dyn Fn(f64) -> (f64, f64)| {
            exponent(&out.budgets, &out.budgets.iter().map(|c| pick(best(*c))).collect::<Vec<_>>())
                .unwrap_or(f64::NAN)
        };
        let measured = |picked: &[&usize]| of(&|compute| rungs.best(compute, picked));
        let by =
            |theories: &[SampleTheory]| of(&|compute| self::expected(rungs, theories, compute));
        let width = (by(&corrected) - by(&plain)).abs() + 2.0 * kit::resolution(profile) / range;
        findings.push(Finding::new(
            format!("simulated-{word}-{}", case.name),
            Some("C7"),
            format!(
                "{}: simulated exponent of best {word} in compute against theory's at the same budgets",
                case.name
            ),
            Prediction::Equals(of(&expected)),
            measured(&all),
            kit::bootstrap_interval(&numbers, kit::SEED, measured),
            Tolerance::new(width, kit::FINITE_SIZE),
        ));
    }
    Ok((out, findings))
}

const SPARSE: usize = 0;
const DENSE: usize = 4;

pub(crate) fn isocompute(rungs: &Rungs) -> Result<Panel, ChapterError> {
    let model = CASES[0].model(ALPHA)?;
    let mut panel = Panel::new(
        "one budget a line",
        draw::log("features $N$"),
        draw::log("population loss $L$").range(3e-3, 10.0),
    );
    for (number, compute) in [1e4, 1e5, 1e6].into_iter().enumerate() {
        let loss = |n: f64| -> Result<_, ChapterError> {
            Ok((n, SampleTheory::new(&model, compute / n)?.loss(n)?))
        };
        let points: Result<Vec<_>, _> =
            kit::log_space(4.0, compute / 8.0, 160).into_iter().map(loss).collect();
        panel = panel.with(draw::named(format!("$C = 10^{}$", 4 + number), number, points?));
        let best = frontier(
            &model,
            Budget { compute, factor: 1.0, ridge: Ridge::Fixed(0.0), noise: 0.0 },
        )?
        .best();
        panel = panel.with(draw::marks(
            format!("best of $10^{}$", 4 + number),
            number,
            vec![(best.features, best.loss)],
            vec![],
        ));
    }
    let all: Vec<usize> = (0..rungs.designs[0].len()).collect();
    let shown = (0..rungs.samples.len())
        .filter(|rung| 1e4 / rungs.samples[*rung] > 1.5 * rungs.largest_rank(*rung))
        .collect::<Vec<_>>();
    let points = shown
        .iter()
        .map(|rung| (1e4 / rungs.samples[*rung], rungs.mean(*rung, 1e4, all.iter().copied())))
        .collect();
    let interval = |rung: &usize| {
        kit::bootstrap_interval(&all, kit::SEED, |picked| {
            rungs.mean(*rung, 1e4, picked.iter().map(|k| **k))
        })
    };
    let simulated =
        draw::marks("simulation, $10^4$", 3, points, shown.iter().map(interval).collect());
    Ok(panel.with(simulated))
}

pub(crate) fn growth(
    theory: &[Table],
    simulated: &[Simulated],
    loss: bool,
) -> Result<Panel, ChapterError> {
    let (id, label) =
        if loss { ("loss", "best loss $L^*$") } else { ("features", "best model size $N^*$") };
    let mut panel = Panel::new(label, draw::log("compute $C = ND$"), draw::log(label));
    for (number, (kind, out)) in [SPARSE, DENSE].into_iter().zip(simulated).enumerate() {
        let line =
            theory[kind].floats("compute")?.into_iter().zip(theory[kind].floats(id)?).collect();
        panel = panel.with(draw::named(format!("theory, {}", CASES[number].name), number, line));
        let pick = |best: (f64, f64)| if loss { best.1 } else { best.0 };
        let points =
            out.budgets.iter().zip(&out.best).map(|(c, best)| (*c, pick(best[0]))).collect();
        let intervals = out.intervals.iter().map(|both| both[usize::from(loss)]).collect();
        panel = panel.with(draw::marks(
            format!("simulation, {}", CASES[number].name),
            number,
            points,
            intervals,
        ));
    }
    Ok(panel)
}

pub(crate) fn prefactors(theory: &[Table]) -> Result<Panel, ChapterError> {
    let mut panel =
        Panel::new("over the threshold", draw::log("compute $C = ND$"), draw::log("$N^*/r$"))
            .legend(Legend::Below);
    for (number, (kind, rows)) in KINDS.iter().zip(theory).enumerate() {
        let (compute, features, threshold) =
            (rows.floats("compute")?, rows.floats("features")?, rows.floats("threshold")?);
        let points = compute
            .into_iter()
            .zip(features.into_iter().zip(threshold).map(|(n, r)| n / r))
            .collect();
        panel = panel.with(draw::marks(label(kind), number, points, vec![]));
    }
    let levels = KINDS
        .iter()
        .filter(|kind| kind.amplitude == Amplitude::Gaussian)
        .map(|kind| 1.0 + (1.0 + kind.beta.max(1.0)) / kind.alpha);
    Ok(levels.fold(panel, |panel, level| panel.with(Reference::horizontal(level, ""))))
}

pub(crate) fn map(rows: &Table, amplitude: Amplitude) -> Result<Panel, ChapterError> {
    let (name, mut values) = (amplitude.to_string(), Vec::new());
    let (mut alphas, mut betas) = (Vec::new(), Vec::new());
    for (_, row) in
        rows.matching("task", "map")?.matching("name", name.as_str())?.group_by(&["samples"])?
    {
        alphas = row.floats("features")?;
        betas.push(row.floats("samples")?[0]);
        values.extend(row.floats("ratio")?);
    }
    let grid = Grid { x: alphas, y: betas, values };
    Ok(Panel::new(
        name,
        draw::linear("spectral exponent $α$"),
        draw::linear("activity exponent $β$"),
    )
    .with(Heat {
        grid: grid.clone(),
        colors: draw::log("$L_{under}/L_{over}$").range(0.3, 3.0),
        map: ColorMap::Diverging(1.0),
    })
    .with(Contours { grid, levels: vec![1.0], scale: Scale::Log, ..Contours::default() }))
}

/// What a legend calls a kind of data.
fn label(kind: &Kind) -> String {
    let more = match (kind.amplitude, kind.name.ends_with("-ridge")) {
        (_, true) => ", best ridge",
        (Amplitude::Rademacher, _) => ", signs",
        _ => "",
    };
    format!("α = {}, β = {}{more}", kind.alpha, kind.beta)
}
