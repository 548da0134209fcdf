//! Which activations keep the exponent of sparse features: the loss of kernel regression over that
//! of linear features, from 256 to 4096 samples, against predictions written down before.
//!
//! `cargo run --release -p asymscale-montecarlo --example activations -- [MOST] [NAME…]`: at most
//! MOST (4096) samples; cases whose name begins with one of the names, or all.
//!
//! The ratio cannot fall below 1. Where it does not grow, the exponent is that of linear features;
//! where it grows as `D^g`, the exponent is `g` lower. Predictions are those of equations (70) to
//! (76) of the derivations of asymscale-theory, `δ` from `lost_share` at 64 to 1024 sightings.

use asymscale_model::Amplitude::{self, Gaussian, Rademacher};
use asymscale_model::{ModelSize, SparseModel};
use asymscale_montecarlo::replicates;
use asymscale_numerics::mean;
use asymscale_sampling::{Design, Key, TestInputs};
use asymscale_solvers::{Activation, Nonlinear, nonlinear_curve};
use std::error::Error;

/// Data, learner, and what is predicted of `g` over the whole ladder.
struct Case {
    name: &'static str,
    data: (f64, f64, f64, Amplitude),
    activation: Activation,
    scale: f64,
    path: f64,
    window: (f64, f64),
}

/// No growth, up to this much.
const KEPT: (f64, f64) = (f64::NEG_INFINITY, 0.05);

const fn case(
    name: &'static str,
    (alpha, beta, onset): (f64, f64, f64),
    amplitude: Amplitude,
    activation: Activation,
    window: (f64, f64),
) -> Case {
    let data = (alpha, beta, onset, amplitude);
    Case { name, data, activation, scale: 1.0, path: 0.0, window }
}

const RARE: (f64, f64, f64) = (1.0, 1.5, 1.0);
const STEEP: (f64, f64, f64) = (3.0, 2.0, 8.0);

const CASES: [Case; 27] = [
    // Without a linear path: min(α/β, δ), with δ some 0.45 for erf on Gaussian amplitudes.
    case("erf-gauss", RARE, Gaussian, Activation::Erf, (0.14, 0.30)),
    case("tanh-gauss", RARE, Gaussian, Activation::Tanh, (0.10, 0.30)),
    case("sin-gauss", RARE, Gaussian, Activation::Sin, (-0.10, 0.12)),
    Case { scale: 0.3, ..case("erf-small", RARE, Gaussian, Activation::Erf, KEPT) },
    case("erf-signs", RARE, Rademacher, Activation::Erf, KEPT),
    case("tanh-signs", RARE, Rademacher, Activation::Tanh, KEPT),
    case("sin-signs", RARE, Rademacher, Activation::Sin, (-0.10, 0.12)),
    // α/β beyond δ, and below it. Here β > 1 + α twice.
    case("erf-alpha-2", (2.0, 1.5, 1.0), Gaussian, Activation::Erf, (0.25, 0.60)),
    case("erf-alpha-half", (0.5, 1.5, 1.0), Gaussian, Activation::Erf, (0.03, 0.20)),
    case("erf-beta-3", (1.0, 3.0, 1.0), Gaussian, Activation::Erf, KEPT),
    case("erf-beta-2.5", (0.5, 2.5, 1.0), Gaussian, Activation::Erf, KEPT),
    // A linear path beside the units, and in them.
    Case { path: 1.0, ..case("erf-beside", RARE, Gaussian, Activation::Erf, KEPT) },
    Case { path: 1.0, ..case("sin-beside", RARE, Gaussian, Activation::Sin, KEPT) },
    case("identity+erf", RARE, Gaussian, Activation::IdentityErf(1.0), (0.06, 0.22)),
    case("identity+sin", RARE, Gaussian, Activation::IdentitySin(1.0), (-0.10, 0.12)),
    // An odd part that is linear: kept with one coordinate always on, and for β ≥ 1 + α.
    case("relu", RARE, Gaussian, Activation::Relu, KEPT),
    case("silu", RARE, Gaussian, Activation::Silu, KEPT),
    case("softplus", RARE, Gaussian, Activation::Softplus, KEPT),
    case("relu-steep-1", (3.0, 2.0, 1.0), Gaussian, Activation::Relu, KEPT),
    case("silu-steep-1", (3.0, 2.0, 1.0), Gaussian, Activation::Silu, KEPT),
    // Not kept with eight or sixteen: ν = 3/(c − 1), the limits of g are 0.43 and 0.6.
    case("relu-steep-8", STEEP, Gaussian, Activation::Relu, (0.15, 0.45)),
    case("relu-steep-16", (3.0, 2.0, 16.0), Gaussian, Activation::Relu, (0.10, 0.60)),
    case("silu-steep-8", STEEP, Gaussian, Activation::Silu, (0.0, 0.45)),
    case("relu-steep-8-signs", STEEP, Rademacher, Activation::Relu, KEPT),
    case("relu-edge-8", (1.0, 2.0, 8.0), Gaussian, Activation::Relu, KEPT),
    case("relu-beyond-16", (1.0, 3.0, 16.0), Gaussian, Activation::Relu, KEPT),
    case("silu-edge-8", (1.0, 2.0, 8.0), Gaussian, Activation::Silu, KEPT),
];

/// Test inputs on each design, and designs at 256 samples; at four times as many samples half as
/// many.
const INPUTS: usize = 2000;
const DESIGNS: f64 = 16.0;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let most = words.first().map_or(Ok(4096), |word| word.parse())?;
    let names = words.get(1..).unwrap_or_default();
    let is_asked =
        |case: &&Case| names.is_empty() || names.iter().any(|name| case.name.starts_with(name));
    for case in CASES.iter().filter(is_asked) {
        measure(case, most)?;
    }
    Ok(())
}

fn measure(case: &Case, most: usize) -> Result<(), Box<dyn Error>> {
    let mut points = Vec::new();
    print!("{:<20}", case.name);
    for samples in (8..).map(|power| 1 << power).take_while(|d| *d <= most) {
        let (ratio, error) = ratio(case, samples)?;
        print!("  {samples}: {ratio:.3} ± {error:.3}");
        points.push(((samples as f64).ln(), ratio.ln(), error / ratio));
    }
    let (growth, error) = slope(&points);
    let (low, high) = case.window;
    let word = if (low..=high).contains(&growth) { "as predicted" } else { "NOT as predicted" };
    println!("  g = {growth:.3} ± {error:.3} in {low:.2}..{high:.2}: {word}");
    Ok(())
}

/// The mean loss over that of linear features on the same designs, and its standard error.
fn ratio(case: &Case, samples: usize) -> Result<(f64, f64), Box<dyn Error>> {
    let (alpha, beta, onset, amplitude) = case.data;
    let model = SparseModel::power_law(alpha, beta, onset)?.with_amplitude(amplitude);
    let Case { activation, scale, path, .. } = *case;
    let learner = Nonlinear { scale, path, ..Nonlinear::new(activation) };
    let designs = (DESIGNS * (256.0 / samples as f64).sqrt()).round() as usize;
    let key = Key::new(23).label(case.name).index(samples as u64);
    let losses = replicates(&key, 0, designs, |_, key| {
        let text = |error: &dyn Error| error.to_string();
        let mut stream = key.label("design").stream();
        let design = Design::sample(&model, samples, &mut stream).map_err(|e| text(&e))?;
        let mut stream = key.label("inputs").stream();
        let inputs =
            TestInputs::draw(&model, samples, INPUTS, &mut stream).map_err(|e| text(&e))?;
        let infinite = [ModelSize::Infinite];
        let losses = nonlinear_curve(&design, &inputs, learner, &infinite, &key);
        losses.map(|losses| (losses[0].mean, losses[0].linear)).map_err(|e| text(&e))
    })?;
    let (whole, linear): (Vec<f64>, Vec<f64>) = losses.into_iter().unzip();
    let ratio = mean(&whole) / mean(&linear);
    let square = |(l, own): (&f64, &f64)| (l - ratio * own).powi(2);
    let squares: f64 = whole.iter().zip(&linear).map(square).sum();
    let count = whole.len() as f64;
    Ok((ratio, (squares / (count * (count - 1.0))).sqrt() / mean(&linear)))
}

/// The straight line through `(x, y, error of y)`, each point as good as its error: the slope and
/// its standard error.
fn slope(points: &[(f64, f64, f64)]) -> (f64, f64) {
    let sum = |f: &dyn Fn(&(f64, f64, f64)) -> f64| -> f64 {
        points.iter().map(|point| f(point) / point.2.powi(2)).sum()
    };
    let (weight, x, y) = (sum(&|_| 1.0), sum(&|p| p.0), sum(&|p| p.1));
    let centre = x / weight;
    let spread = sum(&|p| (p.0 - centre).powi(2));
    (sum(&|p| (p.0 - centre) * (p.1 - y / weight)) / spread, spread.sqrt().recip())
}
