//! Latency quantiles of single points, and the cost of curves, over the box the theory is meant
//! for.
//!
//! `cargo run --release -p asymscale-theory --example point_latency`

use asymscale_model::{Amplitude, SparseModel};
use asymscale_theory::{Regime, SampleTheory, loss, regime};
use std::{hint::black_box, time::Instant};

/// `SplitMix64` to (0, 1): enough to scatter points, and nothing to depend on.
struct Scatter(u64);

impl Scatter {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 * 0.5f64.powi(53)
    }

    fn log_uniform(&mut self, from: f64, to: f64) -> f64 {
        from * (to / from).powf(self.unit())
    }
}

struct Point {
    model: SparseModel,
    features: f64,
    samples: f64,
}

impl Point {
    fn scatter(scatter: &mut Scatter) -> Self {
        let (alpha, beta) = (0.05 + 4.95 * scatter.unit(), 8.0 * scatter.unit());
        let onset = scatter.log_uniform(1.0, 1e4);
        let amplitude =
            if scatter.unit() < 0.5 { Amplitude::Gaussian } else { Amplitude::Rademacher };
        let model = SparseModel::power_law(alpha, beta, onset).expect("inside the domain");
        let (features, samples) = (scatter.log_uniform(1.0, 1e12), scatter.log_uniform(1.0, 1e12));
        Self { model: model.with_amplitude(amplitude), features, samples }
    }

    fn theory(&self) -> SampleTheory {
        SampleTheory::new(&self.model, self.samples).expect("inside the domain")
    }
}

fn main() {
    let mut scatter = Scatter(1);
    let points: Vec<Point> = (0..20_000).map(|_| Point::scatter(&mut scatter)).collect();
    time_points(&points);
    time_curves(&points[..400]);
}

fn time_points(points: &[Point]) {
    let (mut solved, mut closed, mut prepared) = (vec![], vec![], vec![]);
    for point in points {
        let single = || loss(&point.model, point.features, point.samples);
        let micros = micros(|| single().expect("inside the domain"));
        let kind = regime(&point.model, point.features, point.samples).expect("inside the domain");
        let of_its_kind = if kind == Regime::CoverageLimited { &mut closed } else { &mut solved };
        of_its_kind.push(micros);
        prepared.push(self::micros(|| point.theory()));
    }
    report("point, root solved / us", solved);
    report("point, coverage-limited / us", closed);
    report("SampleTheory::new alone / us", prepared);
}

/// Ranges of `N` for curves of 100, in units of the threshold (`None`: from 1 to 1e12, whatever the
/// threshold).
const RANGES: [(&str, Option<(f64, f64)>); 4] = [
    ("two decades, to 2 r", Some((0.02, 2.0))),
    ("two decades, below r", Some((0.0099, 0.99))),
    ("three decades, below r", Some((0.001, 0.999))),
    ("twelve decades, 1 to 1e12", None),
];

/// Curves of 100 N in units of a single point: of the mean over those of their own points that need
/// the root, each by `loss`, which prepares its `SampleTheory` anew. The curve prepares its own
/// too.
fn time_curves(points: &[Point]) {
    for (name, range) in RANGES {
        let (mut ratios, mut disagreement) = (vec![], 0.0f64);
        for point in points {
            let threshold = point.theory().coverage().threshold;
            let (low, high) =
                range.map_or((1.0, 1e12), |(low, high)| (low * threshold, high * threshold));
            if low < 1.0 || threshold < 2.0 {
                continue;
            }
            let features: Vec<f64> =
                (0..100).map(|k| low * (high / low).powf(f64::from(k) / 99.0)).collect();
            let curve = || point.theory().curve(&features).expect("inside the domain");
            let under: Vec<usize> = (0..100).filter(|&k| features[k] < threshold).collect();
            let losses = curve();
            let mut alone = 0.0;
            for &k in &under {
                let single =
                    || loss(&point.model, features[k], point.samples).expect("inside the domain");
                alone += least_micros(single);
                disagreement = disagreement.max((losses[k] / single() - 1.0).abs());
            }
            let single = alone / under.len() as f64;
            ratios.push(least_micros(curve) / single);
        }
        report(name, ratios);
        println!("  curves and single points disagree by at most {disagreement:.1e}");
    }
}

/// The least of three: other processes only add.
fn least_micros<T>(run: impl Fn() -> T) -> f64 {
    (0..3).map(|_| micros(&run)).fold(f64::INFINITY, f64::min)
}

fn micros<T>(run: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    black_box(run());
    start.elapsed().as_secs_f64() * 1e6
}

fn report(name: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    let quantile = |q: f64| values[((values.len() - 1) as f64 * q) as usize];
    let [median, p90, p99] = [0.5, 0.9, 0.99].map(quantile);
    let n = values.len();
    println!("{name:<30} n {n:>6}  median {median:8.1}  p90 {p90:8.1}  p99 {p99:8.1}");
}
