//! How the cost of a curve grows with the number of samples, by decomposition and by random probes:
//! a table and, where a file is named, a figure.
//!
//! `cargo run --release -p asymscale --example scale [FIGURE.svg]`

use asymscale::fitting::{Interval, Series, SlopeOptions, power_law_slope};
use asymscale::model::SparseModel;
use asymscale::sampling::{Design, Key};
use asymscale::solvers::{DesignSpectrum, Regression, StochasticSpectrum};
use asymscale_plots::{Axis, Color, Dash, Figure, Legend, Line, Marker, Panel, Points};
use std::error::Error;
use std::time::Instant;

/// Random probes of the iterative route.
const PROBES: usize = 32;

/// Model sizes of a curve, in ranks; infinity besides.
const SHARES: [f64; 4] = [0.01, 0.1, 0.3, 0.5];

/// One ladder: a route, a model and sample counts.
struct Ladder {
    name: &'static str,
    dense: bool,
    beta: f64,
    samples: &'static [usize],
}

const LADDERS: [Ladder; 3] = [
    Ladder {
        name: "decomposed, $\\beta=2$",
        dense: true,
        beta: 2.0,
        samples: &[100_000, 200_000, 400_000, 800_000, 1_600_000],
    },
    Ladder {
        name: "probes, $\\beta=2$",
        dense: false,
        beta: 2.0,
        samples: &[100_000, 300_000, 1_000_000, 3_000_000, 10_000_000],
    },
    Ladder {
        name: "probes, $\\beta=1.5$",
        dense: false,
        beta: 1.5,
        samples: &[10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000],
    },
];

/// Designs of a size are drawn until they took so many seconds, or this many: each is measured, and
/// other work disturbs.
const LONG_ENOUGH: f64 = 0.5;
const MOST_DESIGNS: u64 = 50;

/// What a design took on average, in seconds on one thread, and what was counted.
#[derive(Default)]
struct Cost {
    samples: f64,
    seen: f64,
    /// Of `X`.
    entries: f64,
    /// Of `Σ̂`, all of them if it is dense.
    gram: f64,
    products: f64,
    draw: f64,
    /// Decomposition, or forming `Σ̂`.
    prepare: f64,
    curve: f64,
    /// Largest standard error of the curve, relative.
    error: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut panel = Panel::new(
        "",
        Axis::log("samples $D$", "dimensionless"),
        Axis::log("time of a curve on one thread", "s"),
    )
    .legend(Legend::Right);
    for (k, ladder) in LADDERS.iter().enumerate() {
        println!("{}", ladder.name.replace('$', "").replace("\\beta", "beta"));
        println!(
            "| D | S | nonzeros of X | of Σ̂ | products | draw s | prepare s | curve s | error |"
        );
        println!("|---|---|---|---|---|---|---|---|---|");
        let costs: Vec<Cost> = ladder
            .samples
            .iter()
            .map(|samples| measure(ladder, *samples))
            .collect::<Result<_, _>>()?;
        report(ladder, &costs)?;
        panel = drawn(panel, k, ladder, &costs);
    }
    if let Some(path) = std::env::args().nth(1) {
        let title = "Cost of a curve".to_owned();
        let figure =
            Figure { title, panels: vec![panel], width: 720.0, height: 420.0, ..Figure::default() };
        std::fs::write(path, figure.to_svg()?)?;
    }
    Ok(())
}

/// The mean over designs.
fn measure(ladder: &Ladder, samples: usize) -> Result<Cost, Box<dyn Error>> {
    let mut sum = Cost::default();
    let mut designs = 0;
    while designs < MOST_DESIGNS && total(&sum) < LONG_ENOUGH {
        one(ladder, samples, &Key::new(1).index(designs), &mut sum)?;
        designs += 1;
    }
    let mean = |part: f64| part / designs as f64;
    let cost = Cost {
        samples: samples as f64,
        seen: mean(sum.seen),
        entries: mean(sum.entries),
        gram: mean(sum.gram),
        products: mean(sum.products),
        draw: mean(sum.draw),
        prepare: mean(sum.prepare),
        curve: mean(sum.curve),
        error: sum.error,
    };
    let Cost { seen, entries, gram, products, draw, prepare, curve, error, .. } = cost;
    print!("| {samples} | {seen:.0} | {entries:.0} | {gram:.0} | {products:.0} ");
    println!("| {draw:.4} | {prepare:.4} | {curve:.4} | {error:.0e} |");
    Ok(cost)
}

/// Adds one design and its curve.
fn one(ladder: &Ladder, samples: usize, key: &Key, sum: &mut Cost) -> Result<(), Box<dyn Error>> {
    let model = SparseModel::power_law(1.0, ladder.beta, 1.0)?;
    let mut clock = Clock::start();
    let design = Design::sample(&model, samples, &mut key.label("design").stream())?;
    sum.draw += clock.lap();
    let (rank, seen) = (design.rank() as f64, design.seen() as f64);
    let sizes: Vec<f64> =
        SHARES.iter().map(|share| (share * rank).round()).chain([f64::INFINITY]).collect();
    clock.lap();
    if ladder.dense {
        let spectrum = DesignSpectrum::new(&design)?;
        sum.prepare += clock.lap();
        spectrum.averaged_curve(&sizes, Regression::default())?;
        sum.gram += seen * seen;
    } else {
        let spectrum = StochasticSpectrum::new(&design, PROBES, &key.label("probes"))?;
        sum.prepare += clock.lap();
        for estimate in spectrum.averaged_curve(&sizes, Regression::default())? {
            sum.products += estimate.steps as f64;
            sum.error = sum.error.max(estimate.standard_error / estimate.loss);
        }
        sum.gram += spectrum.nonzeros() as f64;
    }
    sum.curve += clock.lap();
    sum.seen += seen;
    sum.entries += design.nonzeros() as f64;
    Ok(())
}

/// Exponents in `D` of each part, beside those of what was counted: seconds grow as the work does.
fn report(ladder: &Ladder, costs: &[Cost]) -> Result<(), Box<dyn Error>> {
    let size = 1.0 / ladder.beta;
    let seen = exponent(costs, |c| c.seen)?;
    println!("S: {seen}, expected {size:.3}");
    println!(
        "draw: {}, as nonzeros of X: {}",
        exponent(costs, |c| c.draw)?,
        exponent(costs, |c| c.entries)?
    );
    if ladder.dense {
        println!("decomposition: {}, as S³: {:.3}", exponent(costs, |c| c.prepare)?, 3.0 * size);
    } else {
        let log = costs.iter().map(|c| c.seen.ln()).sum::<f64>() / costs.len() as f64;
        let gram = exponent(costs, |c| c.gram)?;
        println!("nonzeros of Σ̂: {gram}, expected of S ln S: {:.3}", size * (1.0 + 1.0 / log));
        println!("products: {}", exponent(costs, |c| c.products)?);
        println!("forming Σ̂: {}", exponent(costs, |c| c.prepare)?);
        println!(
            "curve: {}, as nonzeros · products: {}",
            exponent(costs, |c| c.curve)?,
            exponent(costs, work)?
        );
    }
    println!("all: {}\n", exponent(costs, total)?);
    Ok(())
}

/// A fitted exponent with its 95 % interval from the scatter about the line.
fn exponent(costs: &[Cost], value: impl Fn(&Cost) -> f64) -> Result<String, Box<dyn Error>> {
    let sizes: Vec<f64> = costs.iter().map(|c| c.samples).collect();
    let values: Vec<f64> = costs.iter().map(value).collect();
    let options = SlopeOptions { interval: Interval::Delta, ..SlopeOptions::default() };
    let fit = power_law_slope(
        &Series::from_values(&sizes, &values)?,
        &options,
        &mut Key::new(1).stream(),
    )?;
    Ok(format!("{:.3} ({:.3}..{:.3})", fit.exponent, fit.lower, fit.upper))
}

fn work(cost: &Cost) -> f64 {
    cost.gram * cost.products
}

fn total(cost: &Cost) -> f64 {
    cost.draw + cost.prepare + cost.curve
}

/// Measured points and the expected law through the last: each part as what it is made of.
fn drawn(panel: Panel, k: usize, ladder: &Ladder, costs: &[Cost]) -> Panel {
    let Some(last) = costs.last() else { return panel };
    let law = |c: &Cost| {
        let entries = c.entries / last.entries;
        if ladder.dense {
            last.draw * entries + last.prepare * (c.seen / last.seen).powi(3) + last.curve
        } else {
            (last.draw + last.prepare) * entries + last.curve * work(c) / work(last)
        }
    };
    let points =
        |value: &dyn Fn(&Cost) -> f64| costs.iter().map(|c| (c.samples, value(c))).collect();
    let color = Color::Series(k);
    let line = Line {
        name: format!("{}, law", ladder.name),
        points: points(&law),
        color,
        dash: [Dash::Solid, Dash::Dashed, Dash::Dotted][k],
        ..Line::default()
    };
    let measured = Points {
        name: ladder.name.into(),
        points: points(&total),
        color,
        marker: Marker::series(k),
        ..Points::default()
    };
    panel.with(line).with(measured)
}

/// Seconds since it was last asked. There is one thread; on a machine with other work, repeat.
struct Clock(Instant);

impl Clock {
    fn start() -> Self {
        Self(Instant::now())
    }

    fn lap(&mut self) -> f64 {
        std::mem::replace(&mut self.0, Instant::now()).elapsed().as_secs_f64()
    }
}
