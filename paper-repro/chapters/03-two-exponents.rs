//! # 03 Two exponents: sparsity sets the price of data, not of parameters
//!
//! The abstract says that the loss falls with two distinct exponents in model size and in data, and that the degree of sparsity
//! sets the gap between them. We expect $L \propto N^{-\alpha}$ where data abound, whatever the sparsity, and
//! $L \propto D^{-\alpha/\max(1, \beta)}$ where parameters abound. Both are fitted to simulated losses for several spectra and degrees of
//! sparsity.

use crate::kit::{self, Case};
use crate::{
    Chapter, ChapterError, Defect, Drawn, Finding, Prediction, Profile, Report, Tolerance, Variant, draw,
};
use asymscale_fitting::{PowerLaw, Series, SlopeOptions, Window, power_law_slope};
use asymscale_model::SparseModel;
use asymscale_plots::{Figure, Line, Panel};
use asymscale_sampling::{Design, Key};
use asymscale_solvers::{DesignSpectrum, Regression};
use asymscale_sweep::{Cell, Table, Tolerance as Drift, row};
use asymscale_theory::SampleTheory;
use serde::{Deserialize, Serialize};

pub(super) const CHAPTER: Chapter = Chapter {
    id: "03-two-exponents",
    claims: &["C6"],
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
    run,
    report,
};

// Nine pairs $(\alpha, \beta)$, two of them with $\beta < 1$, where both exponents should be $\alpha$.
struct Pair {
    name: &'static str,
    alpha: f64,
    beta: f64,
}

const fn pair(name: &'static str, alpha: f64, beta: f64) -> Pair {
    Pair { name, alpha, beta }
}

const PAIRS: [Pair; 9] = [
    pair("a05-b05", 0.5, 0.5),
    pair("a05-b15", 0.5, 1.5),
    pair("a05-b20", 0.5, 2.0),
    pair("a10-b05", 1.0, 0.5),
    pair("a10-b15", 1.0, 1.5),
    pair("a10-b20", 1.0, 2.0),
    pair("a10-b30", 1.0, 3.0),
    pair("a20-b15", 2.0, 1.5),
    pair("a20-b20", 2.0, 2.0),
];

// For the exponent in data the model is infinitely large, coordinates are rare from the first one on, and the number of samples
// grows. For the exponent in model size the number of samples is fixed and as many coordinates are always on, so that data are not what is
// missing. Where $\beta < 1$ there must be finitely many coordinates; the cut is far enough to leave the exponents alone.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Along {
    Features,
    Samples,
}

#[derive(Serialize, Deserialize)]
struct Block {
    pair: String,
    along: Along,
    samples: usize,
    designs: u64,
}

fn pair_named(name: &str) -> Result<&'static Pair, String> {
    PAIRS.iter().find(|pair| pair.name == name).ok_or_else(|| format!("pair {name} is not listed"))
}

fn model(pair: &Pair, along: Along) -> Result<SparseModel, ChapterError> {
    let (onset, last) = if along == Along::Samples { (1.0, 1 << 16) } else { (64.0, 1 << 14) };
    let case = if pair.beta < 1.0 {
        Case::finite("", pair.beta, onset, last)
    } else {
        Case::sparse("", pair.beta, onset)
    };
    Ok(case.model(pair.alpha)?)
}

fn plan(profile: Profile) -> Result<Vec<Cell>, ChapterError> {
    let (largest, many, fixed, few) =
        profile.pick((512, 16, 256, 8), (2048, 32, 1024, 8), (16_384, 96, 4096, 32));
    let mut cells = Vec::new();
    for pair in PAIRS {
        let mut blocks = vec![(Along::Features, fixed, few)];
        // Dense-like data cost a full decomposition at every size; a shorter ladder of sizes tells their exponent as well.
        let top = if pair.beta < 1.0 { largest / 4 } else { largest };
        blocks.extend(
            (4..)
                .map(|k| 1 << k)
                .filter(|d| 16 * d >= top)
                .take_while(|d| *d <= top)
                .map(|d| (Along::Samples, d, many)),
        );
        for (along, samples, designs) in blocks {
            let word = if along == Along::Features { "features" } else { "samples" };
            let parameters = Block { pair: pair.name.to_owned(), along, samples, designs };
            let cell = Cell::new(format!("{} {word} D = {samples}", pair.name), &parameters)?;
            cells.push(cell.with_cost((samples as f64).powi(3) * designs as f64));
        }
    }
    Ok(cells)
}

// Losses are exact given the design: the average over features and teachers below the threshold, the variance outside the row space
// for infinitely many features. So designs are the only source of noise.
fn run(cell: &Cell, _variant: Variant) -> Result<Table, ChapterError> {
    let block: Block = cell.read()?;
    let pair = pair_named(&block.pair)?;
    let model = model(pair, block.along)?;
    let key = Key::new(kit::SEED).label(cell.name());
    let mut rows = Table::default();
    for number in 0..block.designs {
        let design = Design::sample(&model, block.samples, &mut key.index(number).stream())?;
        let spectrum = DesignSpectrum::new(&design)?;
        let mut push = |along: &str, size: f64, loss: f64| {
            rows.push(row! { pair: pair.name, along, design: number as i64, threshold: block.samples as i64, size, loss })
        };
        if block.along == Along::Samples {
            push("samples", block.samples as f64, spectrum.residual_mass())?;
        } else {
            let sizes: Vec<f64> =
                kit::log_grid(8.0, 2.1 * block.samples as f64, 24).iter().map(|n| *n as f64).collect();
            let losses = spectrum.averaged_curve(&sizes, Regression::default())?;
            for (size, loss) in sizes.iter().zip(losses) {
                push("features", *size, loss)?;
            }
        }
    }
    Ok(rows)
}

// One design gives the whole curve in $N$, so whole designs are resampled for the interval; every $D$ has designs of its own. The window in
// $N$ ends where the samples are this many times as many.
const WINDOW: f64 = 16.0;

struct Fit {
    law: PowerLaw,
    predicted: f64,
    theory: f64,
}

fn fit(rows: &Table, pair: &Pair, along: &str, variant: Variant) -> Result<Fit, ChapterError> {
    let rows = rows.matching("pair", pair.name)?.matching("along", along)?;
    let mut options = SlopeOptions::default();
    let (series, predicted) = if along == "features" {
        if variant == Variant::Sound {
            options.window = Window::Range { low: 8.0, high: rows.floats("threshold")?[0] / WINDOW };
        }
        let curves: Result<Vec<_>, _> =
            rows.group_by(&["design"])?.into_iter().map(|(_, rows)| rows.floats("loss")).collect();
        let sizes = rows.group_by(&["design"])?.swap_remove(0).1.floats("size")?;
        (Series::from_curves(&sizes, &curves?)?, -pair.alpha)
    } else {
        let groups = rows.group_by(&["size"])?;
        let sizes: Result<Vec<_>, _> =
            groups.iter().map(|(_, rows)| rows.floats("size").map(|size| size[0])).collect();
        let losses: Result<Vec<_>, _> = groups.iter().map(|(_, rows)| rows.floats("loss")).collect();
        (Series::from_replicates(&sizes?, &losses?)?, -pair.alpha / pair.beta.max(1.0))
    };
    let mut stream = Key::new(kit::SEED).label("fit").label(pair.name).label(along).stream();
    let law = power_law_slope(&series, &options, &mut stream)?;
    let theory = theory_slope(rows.floats("threshold")?[0], pair, along, &law, &mut stream)?;
    Ok(Fit { law, predicted, theory })
}

// The exponents are limits, and no window reaches them. How far from them theory itself is in a window of these sizes tells how far
// a fit may be; the sound window is taken also for the defect.
fn theory_slope(
    samples: f64,
    pair: &Pair,
    along: &str,
    law: &PowerLaw,
    rng: &mut impl rand::Rng,
) -> Result<f64, ChapterError> {
    let (sizes, losses): (Vec<f64>, Vec<f64>) = if along == "features" {
        let theory = SampleTheory::new(&model(pair, Along::Features)?, samples)?;
        let sizes: Vec<f64> = law.sizes.iter().copied().filter(|n| *n <= samples / WINDOW).collect();
        let losses = theory.curve(&sizes)?;
        (sizes, losses)
    } else {
        let model = model(pair, Along::Samples)?;
        let losses: Result<Vec<f64>, _> =
            law.sizes.iter().map(|d| SampleTheory::new(&model, *d)?.loss(f64::INFINITY)).collect();
        (law.sizes.clone(), losses?)
    };
    Ok(power_law_slope(&Series::from_values(&sizes, &losses)?, &SlopeOptions::default(), rng)?.exponent)
}

fn finding(pair: &Pair, along: &str, fit: &Fit, profile: Profile) -> Finding {
    let source = "finite size: distance of theory's own slope in the window from its limit, and collisions of rare coordinates";
    let width = (fit.theory - fit.predicted).abs() + profile.pick(0.06, 0.03, 0.02) * pair.alpha.max(1.0);
    Finding::new(
        format!("{along}-{}", pair.name),
        Some("C6"),
        format!("α = {}, β = {}: exponent in {along}", pair.alpha, pair.beta),
        Prediction::Equals(fit.predicted),
        fit.law.exponent,
        (fit.law.lower, fit.law.upper),
        Tolerance { width, source },
    )
}

fn panel(title: &str, x: &str, fits: &[(usize, &Fit)]) -> Panel {
    let mut panel = Panel::new(title, draw::log(x), draw::log("population loss $L$"));
    for (number, (index, fit)) in fits.iter().enumerate() {
        let (pair, law) = (&PAIRS[*index], &fit.law);
        let (low, high) = (law.sizes[0], law.sizes[law.sizes.len() - 1]);
        let middle = (low * high).sqrt();
        // The line has the predicted exponent and passes through the fit in the middle of the window.
        let predicted = [low, high].map(|x| (x, law.at(middle) * (x / middle).powf(fit.predicted)));
        let points = law.sizes.iter().copied().zip(law.losses.iter().copied()).collect();
        let name = format!("α = {}, β = {}", pair.alpha, pair.beta);
        panel = panel.with(draw::line(number, predicted.to_vec())).with(draw::marks(
            name,
            number,
            points,
            vec![],
        ));
    }
    panel
}

fn scatter(fits: &[(Fit, Fit)]) -> Panel {
    let of = |name: &str, number: usize, pick: fn(&(Fit, Fit)) -> &Fit| {
        let points = fits.iter().map(|both| (-pick(both).predicted, -pick(both).law.exponent)).collect();
        let intervals = fits.iter().map(|both| (-pick(both).law.upper, -pick(both).law.lower)).collect();
        draw::marks(name, number, points, intervals)
    };
    let equal = Line { name: "equal".into(), points: vec![(0.1, 0.1), (2.1, 2.1)], ..Line::default() };
    Panel::new("all pairs", draw::linear("predicted exponent"), draw::linear("fitted exponent"))
        .with(equal)
        .with(of("in features $N$: $α$", 0, |both| &both.0))
        .with(of("in samples $D$: $α/\\max(1, β)$", 1, |both| &both.1))
}

fn report(rows: &Table, profile: Profile, variant: Variant) -> Result<Report, ChapterError> {
    let (mut fits, mut findings, mut data) = (Vec::new(), Vec::new(), Table::default());
    for pair in &PAIRS {
        let both = (fit(rows, pair, "features", variant)?, fit(rows, pair, "samples", variant)?);
        for (along, fit) in [("features", &both.0), ("samples", &both.1)] {
            findings.push(finding(pair, along, fit, profile));
            data.push(row! {
                along, alpha: pair.alpha, beta: pair.beta, predicted: fit.predicted, exponent: fit.law.exponent, theory: fit.theory, low: fit.law.lower,
                high: fit.law.upper, window_low: fit.law.window.low, window_high: fit.law.window.high, sizes: fit.law.window.points as i64
            })?;
        }
        fits.push(both);
    }
    let alpha_one = [3_usize, 4, 5, 6];
    let panels = vec![
        panel("data abound", "features $N$", &alpha_one.map(|k| (k, &fits[k].0))),
        panel("parameters abound", "samples $D$", &alpha_one.map(|k| (k, &fits[k].1))),
        scatter(&fits),
    ];
    let figure = Drawn {
        name: CHAPTER.id.into(),
        caption: "Loss against features and against samples with lines of the predicted exponents, and all fitted exponents".into(),
        figure: Figure { title: "Two exponents".into(), panels, columns: 3, width: 1200.0, height: 400.0, ..Figure::default() },
        data,
        keys: &["along", "alpha", "beta"],
        drift: &[("exponent", LAST_DIGITS), ("low", LAST_DIGITS), ("high", LAST_DIGITS), ("theory", LAST_DIGITS)],
    };
    Ok(Report { figures: vec![figure], findings, facts: Vec::new() })
}

const LAST_DIGITS: Drift = Drift { absolute: 1e-6, relative: 1e-6 };

// With $\alpha = 1$ the exponent in data goes from {samples-a10-b05.measured} at $\beta = 0.5$ over {samples-a10-b15.measured} at $\beta = 1.5$ to
// {samples-a10-b30.measured} at $\beta = 3$, while the one in model size stays at {features-a10-b05.measured}, {features-a10-b15.measured} and
// {features-a10-b30.measured}. A window through the threshold would have given {defect.features-a10-b15.measured} for the latter.
