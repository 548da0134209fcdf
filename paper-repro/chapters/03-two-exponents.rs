//! # 03 Two exponents: sparsity sets the price of data, not of parameters
//!
//! The abstract says that the loss falls with two distinct exponents in model size and in data, and
//! that the degree of sparsity sets the gap between them. We expect $L \propto N^{-\alpha}$ where
//! data abound, at any sparsity, and $L \propto D^{-\alpha/\max(1, \beta)}$ where parameters
//! abound. Both exponents are fitted to simulated losses, for several spectra and degrees of
//! sparsity.

use crate::kit::{self, Case};
use crate::{
    Chapter, ChapterError, Defect, FigureWithData, Finding, Measured, Prediction, Preset, Report,
    Tolerance, Variant, draw,
};
use asymscale_fitting::{PowerLaw, Series, SlopeOptions, Window, power_law_slope};
use asymscale_model::SparseModel;
use asymscale_plots::{Figure, Inset, Line, Panel, Reference};
use asymscale_sampling::{Design, Key};
use asymscale_solvers::{DesignSpectrum, Regression, residual_mass};
use asymscale_sweep::{Cell, Table, Tolerance as Drift, row};
use asymscale_theory::{SampleTheory, infinite_data_loss, infinite_feature_loss};
use serde::{Deserialize, Serialize};

pub(super) const CHAPTER: Chapter = Chapter {
    id: "03-two-exponents",
    claims: &["C6"],
    assumes: "no ridge, labels without noise, and a teacher whose weights are independent and of one variance. Exponents are limits: a fit over a finite window is held against theory over the same window.",
    crates: &[
        "asymscale-fitting",
        "asymscale-model",
        "asymscale-sampling",
        "asymscale-solvers",
        "asymscale-sweep",
        "asymscale-theory",
    ],
    source: include_str!("03-two-exponents.rs"),
    defect: Defect {
        name: "a window through the threshold",
        description: "The exponent in model size is fitted to every size, those near the interpolation threshold and above it included.",
        turns_red: &[
            "features-a05-b05",
            "features-a05-b15",
            "features-a05-b20",
            "features-a10-b05",
            "features-a10-b15",
            "features-a10-b20",
            "features-a10-b30",
            "features-a20-b15",
            "features-a20-b20",
        ],
    },
    plan,
    run: crate::Run::Common(run),
    report,
};

// There are nine pairs $(\alpha, \beta)$. Two of them have $\beta < 1$, where both exponents should
// be $\alpha$.
#[derive(Serialize, Deserialize, Clone, Copy)]
struct Pair(f64, f64);

#[rustfmt::skip]
const PAIRS: [Pair; 9] = [
    Pair(0.5, 0.5), Pair(0.5, 1.5), Pair(0.5, 2.0), Pair(1.0, 0.5), Pair(1.0, 1.5), Pair(1.0, 2.0), Pair(1.0, 3.0), Pair(2.0, 1.5), Pair(2.0, 2.0),
];

impl Pair {
    fn name(self) -> String {
        format!("a{:02}-b{:02}", 10.0 * self.0, 10.0 * self.1)
    }

    fn text(self) -> String {
        format!("α = {}, β = {}", self.0, self.1)
    }
}

// For the exponent in data the model is infinitely large, coordinates are rare from the first one
// on, and the number of samples grows. For the exponent in model size the number of samples is
// fixed and as many coordinates are always on, so that data do not limit the loss. Where
// $\beta < 1$ the number of coordinates must be finite, and is large enough to leave the exponents
// as they are.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Along {
    Features,
    Samples,
}

#[derive(Serialize, Deserialize)]
struct Block {
    pair: Pair,
    along: Along,
    samples: usize,
    designs: u64,
}

fn model(Pair(alpha, beta): Pair, along: Along) -> Result<SparseModel, ChapterError> {
    let (onset, last) = if along == Along::Samples { (1.0, 1 << 16) } else { (64.0, 1 << 14) };
    let case = if beta < 1.0 {
        Case::finite("", beta, onset, last)
    } else {
        Case::sparse("", beta, onset)
    };
    Ok(case.model(alpha)?)
}

fn plan(preset: Preset) -> Result<Vec<Cell>, ChapterError> {
    let (largest, many, fixed, few) =
        preset.pick((512, 12, 256, 4), (2048, 32, 1024, 4), (16_384, 96, 4096, 32));
    let mut cells = Vec::new();
    for pair in PAIRS {
        let mut blocks = vec![(Along::Features, fixed, few)];
        // Samples of dense data have very many entries, so they get a shorter ladder; sparse data
        // vary more, so they get more designs.
        let top = if pair.1 < 1.0 { largest / 4 } else { largest };
        let sizes = (4..).map(|k| 1 << k).filter(|d| 16 * d >= top).take_while(|d| *d <= top);
        let many = if pair.1 < 1.0 { preset.pick(many, 24, many) } else { 4 * many };
        blocks.extend(sizes.map(|d| (Along::Samples, d, many)));
        for (along, samples, designs) in blocks {
            let word = if along == Along::Features { "features" } else { "samples" };
            let parameters = Block { pair, along, samples, designs };
            let cell = Cell::new(format!("{} {word} D = {samples}", pair.name()), &parameters)?;
            cells.push(cell.with_cost((samples as f64).powi(3) * designs as f64));
        }
    }
    Ok(cells)
}

// Losses are exact given the design: below the threshold they are averages over features and
// teachers, and for infinitely many features they are the variance outside the row space. So
// designs are the only source of noise.
fn run(cell: &Cell) -> Result<Table, ChapterError> {
    let block: Block = cell.read()?;
    let pair = block.pair.name();
    let model = model(block.pair, block.along)?;
    let key = Key::new(kit::SEED).label(cell.name());
    let mut rows = Table::default();
    for number in 0..block.designs {
        let design = Design::sample(&model, block.samples, &mut key.index(number).stream())?;
        let mut push = |along: &str, size: f64, loss: f64| {
            rows.push(row! { pair: pair.as_str(), along, design: number as i64, threshold: block.samples as i64, size, loss })
        };
        if block.along == Along::Samples {
            push("samples", block.samples as f64, residual_mass(&design)?)?;
        } else {
            let sizes: Vec<f64> = kit::log_grid(8.0, 2.1 * block.samples as f64, 24)
                .iter()
                .map(|n| *n as f64)
                .collect();
            let losses =
                DesignSpectrum::new(&design)?.averaged_curve(&sizes, Regression::default())?;
            for (size, loss) in sizes.iter().zip(losses) {
                push("features", *size, loss)?;
            }
        }
    }
    Ok(rows)
}

// One design gives the whole curve in $N$, so the interval comes from resampling whole designs;
// every $D$ has designs of its own. The window in $N$ ends where there are this many samples for
// each feature.
const WINDOW: f64 = 16.0;

struct Fit {
    law: PowerLaw,
    limit: f64,
    theory: f64,
    corrected: f64,
}

fn fit(rows: &Table, pair: Pair, along: &str, variant: Variant) -> Result<Fit, ChapterError> {
    let rows = rows.matching("pair", pair.name())?.matching("along", along)?;
    let samples = rows.floats("threshold")?[0];
    let mut options = SlopeOptions::default();
    let (series, limit) = if along == "features" {
        if variant == Variant::Sound {
            options.window = Window::Range { low: 8.0, high: samples / WINDOW };
        }
        // The loss has no mean at sizes within one of the rank of a design, so these are left out.
        let infinite = rows.matching("loss", f64::INFINITY)?.floats("size")?;
        let finite =
            rows.filter(|row| row.float("size").is_some_and(|size| !infinite.contains(&size)));
        let groups = finite.group_by(&["design"])?;
        let curves =
            groups.iter().map(|(_, rows)| rows.floats("loss")).collect::<Result<Vec<_>, _>>()?;
        (Series::from_curves(&groups[0].1.floats("size")?, &curves)?, -pair.0)
    } else {
        let groups = rows.group_by(&["size"])?;
        let sizes: Vec<f64> = groups.iter().filter_map(|(size, _)| size[0].as_float()).collect();
        let losses =
            groups.iter().map(|(_, rows)| rows.floats("loss")).collect::<Result<Vec<_>, _>>()?;
        (Series::from_replicates(&sizes, &losses)?, -pair.0 / pair.1.max(1.0))
    };
    let mut stream = Key::new(kit::SEED).label("fit").label(&pair.name()).label(along).stream();
    let law = power_law_slope(&series, &options, &mut stream)?;
    let theory = theory_slope(samples, pair, along, &law, |theory| theory.coverage().samples)?;
    let corrected = theory_slope(samples, pair, along, &law, SampleTheory::effective_samples)?;
    Ok(Fit { law, limit, theory, corrected })
}

// The exponents are limits, and no window reaches them. So a fit is compared with what theory gives
// over a window of the same sizes. The defect is compared with theory over the sound window.
// Collisions of rare coordinates make a design worth fewer samples than it has. How much that
// changes theory's own slope is the finite-size part of the tolerance.
fn theory_slope(
    samples: f64,
    pair: Pair,
    along: &str,
    law: &PowerLaw,
    worth: impl Fn(&SampleTheory) -> f64,
) -> Result<f64, ChapterError> {
    let fixed = along == "features";
    let model = model(pair, if fixed { Along::Features } else { Along::Samples })?;
    let at = |samples| SampleTheory::new(&model, worth(&SampleTheory::new(&model, samples)?));
    let sizes: Vec<f64> =
        law.sizes.iter().copied().filter(|n| !fixed || *n <= samples / WINDOW).collect();
    let loss =
        |size: &f64| if fixed { at(samples)?.loss(*size) } else { at(*size)?.loss(f64::INFINITY) };
    let losses = sizes.iter().map(loss).collect::<Result<Vec<f64>, _>>()?;
    let mut stream = Key::new(kit::SEED).label("theory").stream();
    let law = power_law_slope(
        &Series::from_values(&sizes, &losses)?,
        &SlopeOptions::default(),
        &mut stream,
    )?;
    Ok(law.exponent)
}

// A loss off by the resolution of the preset at either end of the window, in opposite directions,
// moves the slope by this much.
fn finding(pair: Pair, along: &str, fit: &Fit, preset: Preset) -> Finding {
    let (low, high) = (fit.law.window.low, fit.law.window.high);
    let width =
        (fit.corrected - fit.theory).abs() + 2.0 * kit::resolution(preset) / (high / low).ln();
    let statement = format!(
        "{}: exponent in {along} in a window; its limit is −{:.3}",
        pair.text(),
        -fit.limit
    );
    Finding::of(format!("{along}-{}", pair.name()), statement)
        .claim("C6")
        .predicted(Prediction::Equals(fit.theory))
        .measured((fit.law.exponent, (fit.law.lower, fit.law.upper)))
        .within(Tolerance::finite_size(width, kit::FINITE_SIZE))
}

// The step from the window to the limit is made by theory alone: these are its local exponents far
// out, for all pairs.
const FAR: f64 = 1e9;

fn limits() -> Result<Finding, ChapterError> {
    let mut worst: f64 = 0.0;
    for Pair(alpha, beta) in PAIRS {
        let model = SparseModel::power_law(alpha, beta, 1.0)?;
        let features = kit::local_exponent(FAR, |n| infinite_data_loss(&model, n))?;
        let samples = kit::local_exponent(FAR, |d| infinite_feature_loss(&model, d))?;
        worst = worst.max((features + alpha).abs()).max((samples + alpha / beta.max(1.0)).abs());
    }
    let statement = "largest distance of theory's exponents at sizes of $10^9$ from their limits, over all pairs";
    Ok(Finding::of("limits", statement)
        .claim("C6")
        .predicted(Prediction::AtMost(0.0))
        .measured(Measured::Exact(worst))
        .within(Tolerance::finite_size(0.01, "limits are approached as powers of the size")))
}

// The figure has a panel for each degree of sparsity, with the loss against features and the loss
// against samples. The lines through the middle of each window have the exponents of the limit.
const SHOWN: [usize; 3] = [3, 4, 6];

fn panel(pair: Pair, fits: &(Fit, Fit)) -> Panel {
    let mut panel = Panel::new(
        format!("$α$ = {}, $β$ = {}", pair.0, pair.1),
        draw::log("size: features $N$ or samples $D$"),
        draw::log("population loss $L$"),
    );
    for (number, (name, fit)) in
        [("along $N$: $α$", &fits.0), ("along $D$: $α/\\max(1, β)$", &fits.1)]
            .into_iter()
            .enumerate()
    {
        let (law, low, high) = (&fit.law, fit.law.window.low, fit.law.window.high);
        let middle = (low * high).sqrt();
        let predicted = [low, high].map(|x| (x, law.at(middle) * (x / middle).powf(fit.limit)));
        let points = law.sizes.iter().copied().zip(law.losses.iter().copied()).collect();
        let measured = draw::marks("", number, points, vec![]);
        let layers = draw::both(name, number, predicted.to_vec(), measured);
        panel = layers.into_iter().fold(panel, Panel::with);
    }
    panel
}

// The last panel shows all fitted exponents against their limits. Its inset shows how far each is
// from what theory gives for its window, with the 95 % interval of the fit.
fn scatter(fits: &[(Fit, Fit)]) -> Panel {
    let series = |number: usize, pick: fn(&(Fit, Fit)) -> &Fit, name: &str, shift: Option<f64>| {
        let theory = |fit: &Fit| if shift.is_some() { fit.theory } else { 0.0 };
        let of = |fit: &Fit| (shift.unwrap_or(0.0) - fit.limit, theory(fit) - fit.law.exponent);
        let ends = |fit: &Fit| (theory(fit) - fit.law.upper, theory(fit) - fit.law.lower);
        draw::marks(
            name,
            number,
            fits.iter().map(|both| of(pick(both))).collect(),
            fits.iter().map(|both| ends(pick(both))).collect(),
        )
    };
    let equal =
        Line { name: "equal".into(), points: vec![(0.1, 0.1), (2.1, 2.1)], ..Line::default() };
    let off = Panel::new("", draw::linear(""), draw::linear("fitted − theory"))
        .with(Reference::horizontal(0.0, ""))
        .with(series(0, |both| &both.0, "", Some(-0.02)))
        .with(series(1, |both| &both.1, "", Some(0.02)));
    Panel::new("all pairs", draw::linear("exponent of the limit"), draw::linear("fitted exponent"))
        .with(equal)
        .with(series(0, |both| &both.0, "along $N$: $α$", None))
        .with(series(1, |both| &both.1, "along $D$: $α/\\max(1, β)$", None))
        .inset(Inset { panel: off, place: [0.5, 0.02, 1.0, 0.46] })
}

fn report(rows: &Table, preset: Preset, variant: Variant) -> Result<Report, ChapterError> {
    let (mut fits, mut findings, mut data) = (Vec::new(), Vec::new(), Table::default());
    for pair in PAIRS {
        let both = (fit(rows, pair, "features", variant)?, fit(rows, pair, "samples", variant)?);
        for (along, fit) in [("features", &both.0), ("samples", &both.1)] {
            findings.push(finding(pair, along, fit, preset));
            data.push(row! {
                along, alpha: pair.0, beta: pair.1, limit: fit.limit, exponent: fit.law.exponent, theory: fit.theory, corrected: fit.corrected, low: fit.law.lower,
                high: fit.law.upper, window_low: fit.law.window.low, window_high: fit.law.window.high, sizes: fit.law.window.points as i64
            })?;
        }
        fits.push(both);
    }
    findings.push(limits()?);
    let mut panels: Vec<Panel> = SHOWN.iter().map(|k| panel(PAIRS[*k], &fits[*k])).collect();
    panels.push(scatter(&fits));
    let figure = FigureWithData {
        name: CHAPTER.id.into(),
        caption: "Loss against features and against samples with lines of the exponents of the limit, and all fitted exponents".into(),
        figure: Figure { title: "Two exponents".into(), panels, columns: 2, width: 900.0, height: 760.0, ..Figure::default() },
        data,
        keys: &["along", "alpha", "beta"],
        drift: DRIFT,
    };
    Ok(Report { figures: vec![figure], findings, facts: Vec::new() })
}

const LAST_DIGITS: Drift = Drift { absolute: 1e-6, relative: 1e-6 };
#[rustfmt::skip]
const DRIFT: &[(&str, Drift)] = &[("exponent", LAST_DIGITS), ("low", LAST_DIGITS), ("high", LAST_DIGITS), ("theory", LAST_DIGITS), ("corrected", LAST_DIGITS)];

// Sparser data need more samples for the same loss, but no more parameters. With $\alpha = 1$ the
// fitted exponent in data is {samples-a10-b05.estimate} at $\beta = 0.5$,
// {samples-a10-b15.estimate} at $\beta = 1.5$ and {samples-a10-b30.estimate} at $\beta = 3$, while
// the exponent in model size stays at {features-a10-b05.measured}, {features-a10-b15.measured} and
// {features-a10-b30.measured}. These are exponents of finite windows. Over the same windows theory
// gives {samples-a10-b05.predicted}, {samples-a10-b15.predicted} and {samples-a10-b30.predicted} in
// data and {features-a10-b05.predicted}, {features-a10-b15.predicted} and
// {features-a10-b30.predicted} in model size, which agrees within the tolerances for finite size.
// Far out, at sizes of $10^9$, theory is within {limits.tolerance} of the limits $-\alpha$ and
// $-\alpha/\max(1, \beta)$. A window through the interpolation threshold would have given
// {defect.features-a10-b15.measured} for the exponent in model size.
