//! A law of activity that bends: on a log-log plot a parabola instead of a line.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF};
use statrs::function::gamma::gamma_lr;

use super::cells::Cells;
use super::counts::ActivationCounts;
use super::estimate::{Estimate, normal_quantile};

/// Counts of the first window, and the most a window may hold.
const FIRST_WINDOW: u64 = 16;
const LAST_WINDOW: u64 = 1024;

/// Expected counts `e^x` from far below one activation on, in steps that resolve a Poisson law.
const LOWEST: f64 = -40.0;
const STEP: f64 = 0.15;

/// Level of the tests on the way to the largest window.
const SIGNIFICANCE: f64 = 0.05;

/// Features with expected count `e^x` number `scale · exp(−a x − b x²/2) dx`, `b > 0`: locally a power law with
/// `1/β = a + b x`, steeper the rarer the features. (It is the Poisson-lognormal law of ecology.)
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BentLaw {
    /// `a`: `1/β` of features that are active once in all samples together.
    pub inverse_exponent: f64,
    /// `b`: how much `1/β` falls when features are `e` times rarer.
    pub bend: f64,
    /// Features per unit of `x` at `x = 0`.
    pub scale: f64,
    /// Counts `1 ≤ k ≤ max_count` were fitted.
    pub max_count: u64,
    /// Goodness of fit (Pearson's X², χ² with what the three parameters leave).
    pub p_value: f64,
    /// Inverse of Fisher's information on `(a, b)`.
    covariance: [[f64; 2]; 2],
    /// Features in the window.
    features: f64,
}

impl BentLaw {
    /// Expected number of features new in `factor` times the data.
    pub fn new_features(&self, factor: f64) -> f64 {
        // e^−λ − e^−tλ, without subtracting where both are near 1.
        self.integral(|rate| (-rate).exp() * -(-(factor - 1.0) * rate).exp_m1())
    }

    /// Expected number of features active in `low < k ≤ high` of the samples: for single counts up to 16, and cells a
    /// quarter wide up to `max_count`, to the accuracy of the fit (narrower ones are not resolved by its nodes).
    pub fn features_between(&self, low: f64, high: f64) -> f64 {
        self.integral(|rate| exceeds(rate, low) - exceeds(rate, high))
    }

    /// Expected activations, in as many samples as there were, of features unseen in `factor` times as many.
    pub fn unseen_activations(&self, factor: f64) -> f64 {
        self.integral(|rate| rate * (-factor * rate).exp())
    }

    /// A forecast with its interval: errors of `(a, b)` to first order, of the number of features in the window, and
    /// `chance`, the variance of what is forecast about its mean.
    pub(crate) fn estimate(&self, forecast: impl Fn(&Self) -> f64, chance: f64, level: f64) -> Estimate {
        let value = forecast(self);
        let slope = |a: f64, b: f64| {
            let moved = |sign: f64| {
                let (inverse_exponent, bend) = (self.inverse_exponent + sign * a, self.bend + sign * b);
                let unit = Self { inverse_exponent, bend, ..*self };
                // The window keeps its features.
                let kept = |law: &Self| law.integral(|rate| law.in_window(rate));
                (forecast(&unit) * kept(self) / kept(&unit)).ln()
            };
            (moved(1.0) - moved(-1.0)) / (2.0 * (a + b))
        };
        let (by_a, by_b) = (slope(1e-4, 0.0), slope(0.0, 1e-4));
        let [[aa, ab], [_, bb]] = self.covariance;
        let variance = by_a * by_a * aa + 2.0 * by_a * by_b * ab + by_b * by_b * bb + self.features.recip();
        Estimate::about(value, normal_quantile(level) * (variance + chance / (value * value)).sqrt())
    }

    fn in_window(&self, rate: f64) -> f64 {
        let above = exceeds(rate, self.max_count as f64);
        -(-rate).exp_m1() - above
    }

    fn integral(&self, of_rate: impl Fn(f64) -> f64) -> f64 {
        let weight = |x: f64| (-self.inverse_exponent * x - 0.5 * self.bend * x * x).exp();
        self.scale * STEP * nodes(self.max_count).map(|x| weight(x) * of_rate(x.exp())).sum::<f64>()
    }
}

/// Fits the law to counts up to 16, 32, … 1 024, at most `D/16` (beyond, counts are no longer Poisson): the largest
/// window for which X² rejects neither it nor a smaller one at 5 %. None where the smallest is rejected, does not
/// bend this way, or holds fewer than 30 features.
pub(crate) fn fit_bent(counts: &ActivationCounts) -> Option<BentLaw> {
    let last = LAST_WINDOW.min(counts.samples() as u64 / 16);
    let windows = (0..).map(|k| FIRST_WINDOW << k).take_while(|&window| window <= last);
    windows.map_while(|window| fit_window(counts, window)).last()
}

fn fit_window(counts: &ActivationCounts, max_count: u64) -> Option<BentLaw> {
    let cells = Cells::new(0, max_count);
    let tally = cells.tally(counts);
    let table = Table::new(&cells);
    let features: f64 = tally.iter().sum();
    if features < 30.0 {
        return None;
    }
    let (theta, information) = table.maximise(&tally)?;
    let shares = table.moments(theta);
    let total: f64 = shares.iter().map(|moment| moment[0]).sum();
    let expected: Vec<f64> = shares.iter().map(|moment| features * moment[0] / total).collect();
    let (statistic, freedom) = Cells::pearson_of(&tally, &expected, 3.0);
    let p_value = ChiSquared::new(freedom.max(1.0)).expect("positive").sf(statistic);
    let [[aa, ab], [_, bb]] = information;
    let determinant = aa * bb - ab * ab;
    let covariance = [[bb / determinant, -ab / determinant], [-ab / determinant, aa / determinant]];
    let scale = features / (total * STEP);
    let [inverse_exponent, bend] = theta;
    let law = BentLaw { inverse_exponent, bend, scale, max_count, p_value, covariance, features };
    (p_value >= SIGNIFICANCE && bend > 0.0 && determinant > 0.0).then_some(law)
}

/// The probability of each cell at each node.
struct Table {
    nodes: Vec<f64>,
    cells: Vec<Vec<f64>>,
}

impl Table {
    fn new(cells: &Cells) -> Self {
        let nodes: Vec<f64> = nodes(cells.edges[cells.len()]).collect();
        let above = |edge: u64| nodes.iter().map(|x| exceeds(x.exp(), edge as f64)).collect::<Vec<f64>>();
        let above: Vec<Vec<f64>> = cells.edges.iter().map(|&edge| above(edge)).collect();
        let cell = |pair: &[Vec<f64>]| pair[0].iter().zip(&pair[1]).map(|(low, high)| low - high).collect();
        Self { cells: above.windows(2).map(cell).collect(), nodes }
    }

    /// `Σ T w`, and its derivatives by `a` and `b`, in each cell.
    fn moments(&self, [a, b]: [f64; 2]) -> Vec<[f64; 3]> {
        let weights: Vec<f64> = self.nodes.iter().map(|x| (-a * x - 0.5 * b * x * x).exp()).collect();
        let moment = |cell: &Vec<f64>| {
            cell.iter().zip(&weights).zip(&self.nodes).fold([0.0; 3], |sum, ((t, w), x)| {
                let term = t * w;
                [sum[0] + term, sum[1] - x * term, sum[2] - 0.5 * x * x * term]
            })
        };
        self.cells.iter().map(moment).collect()
    }

    /// Fisher scoring on the shares of the cells, with steps no longer than is safe far from the maximum; `(a, b)` and
    /// the information there.
    fn maximise(&self, tally: &[f64]) -> Option<([f64; 2], [[f64; 2]; 2])> {
        let features: f64 = tally.iter().sum();
        let mut theta = [0.5, 0.05];
        for _ in 0..100 {
            let moments = self.moments(theta);
            let total = moments.iter().fold([0.0; 3], |sum, m| [sum[0] + m[0], sum[1] + m[1], sum[2] + m[2]]);
            let (mut score, mut information) = ([0.0; 2], [[0.0; 2]; 2]);
            for (n, moment) in tally.iter().zip(&moments) {
                let d = [1, 2].map(|k| moment[k] / moment[0] - total[k] / total[0]);
                for i in 0..2 {
                    score[i] += n * d[i];
                    for j in 0..2 {
                        information[i][j] += features * moment[0] / total[0] * d[i] * d[j];
                    }
                }
            }
            let [[aa, ab], [_, bb]] = information;
            let determinant = aa * bb - ab * ab;
            let step = [
                (bb * score[0] - ab * score[1]) / determinant,
                (aa * score[1] - ab * score[0]) / determinant,
            ];
            if !(step[0].is_finite() && step[1].is_finite()) {
                return None;
            }
            let shorten = (0.2 / step[0].abs()).min(0.05 / step[1].abs()).min(1.0);
            // A law that bends the other way has infinitely many features at any activity.
            theta = [theta[0] + shorten * step[0], (theta[1] + shorten * step[1]).max(0.0)];
            if step[0].abs() + step[1].abs() < 1e-8 {
                return Some((theta, information));
            }
        }
        None
    }
}

fn nodes(max_count: u64) -> impl Iterator<Item = f64> {
    let count = (((max_count as f64).ln() + 3.0 - LOWEST) / STEP).ceil() as usize;
    (0..count).map(|k| LOWEST + STEP * k as f64)
}

/// `P(k > edge)` for a Poisson count.
fn exceeds(rate: f64, edge: f64) -> f64 {
    if edge == 0.0 { -(-rate).exp_m1() } else { gamma_lr(edge + 1.0, rate) }
}
