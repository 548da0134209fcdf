//! Laws of three resources fitted to public runs with repeated data: a term for parameters, one for
//! distinct tokens, one for all tokens seen, beside the published law, whose tokens wear out.

use crate::ChapterError;
use crate::kit::{Entry, measures::repeated_runs, median_of};
use asymscale_fitting::Objective;
use asymscale_fitting::repeated::{RepeatedOptions, RepeatedRuns, fit_repeated};
use asymscale_sampling::Key;
use rand::RngExt;

/// How the law of sparse features is put together, and its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceLaw {
    /// `E + A N^−a + B U^−b + C T^−c`: seven parameters.
    Sum,
    /// The same with `c = a/(1 + a)`, as for plain steps on sparse features: six.
    Tied,
    /// `E + (Σ terms^q)^{1/q}`, from the sum (`q = 1`) to the largest alone: eight.
    Joined,
}

impl ResourceLaw {
    /// All, simplest first.
    pub const ALL: [Self; 3] = [Self::Tied, Self::Sum, Self::Joined];

    /// Its name in rows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Tied => "tied",
            Self::Joined => "joined",
        }
    }

    fn parameters(self) -> usize {
        match self {
            Self::Sum => 7,
            Self::Tied => 6,
            Self::Joined => 8,
        }
    }
}

/// The published law of repeated data, with both exponents free (seven parameters).
pub const WORN: &str = "worn";
/// Folds of model sizes.
const FOLDS: usize = 5;
/// Steps of one descent.
const STEPS: usize = 300;
/// Bounds of parameters: logarithms of the terms at the centre; exponents; `ln q`.
const BOUNDS: [(f64, f64); 8] = [
    (-20.0, 3.0),
    (-20.0, 3.0),
    (-20.0, 3.0),
    (-20.0, 3.0),
    (0.005, 10.0),
    (0.005, 10.0),
    (0.005, 10.0),
    (-0.5, 4.0),
];

/// A run in logarithms: sizes (N, U, T) about their centre, and the loss.
type Row = ([f64; 3], f64);
/// `ln E`, three `ln` terms at the centre, three exponents, `ln q`.
type Theta = [f64; 8];

/// The logarithm of the law at a run, and its gradient.
fn log_law(theta: &Theta, law: ResourceLaw, sizes: &[f64; 3]) -> (f64, Theta) {
    let mut exponents = [theta[4], theta[5], theta[6]];
    if law == ResourceLaw::Tied {
        exponents[2] = theta[4] / (1.0 + theta[4]);
    }
    let q = if law == ResourceLaw::Joined { theta[7].exp() } else { 1.0 };
    let terms: [f64; 3] = std::array::from_fn(|j| theta[1 + j] - exponents[j] * sizes[j]);
    let most = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers = terms.map(|term| (q * (term - most)).exp());
    let sum: f64 = powers.iter().sum();
    let joined = most + sum.ln() / q;
    let top = joined.max(theta[0]);
    let (floor, rest) = ((theta[0] - top).exp(), (joined - top).exp());
    let share = rest / (floor + rest);
    let mut gradient = [0.0; 8];
    gradient[0] = 1.0 - share;
    for j in 0..3 {
        let weight = share * powers[j] / sum;
        gradient[1 + j] = weight;
        gradient[4 + j] = -weight * sizes[j];
        gradient[7] += weight * (terms[j] - joined);
    }
    if law == ResourceLaw::Tied {
        gradient[4] += gradient[6] / (1.0 + theta[4]).powi(2);
    }
    (top + (floor + rest).ln(), gradient)
}

/// Which of the eight parameters a law has.
fn free(law: ResourceLaw) -> [bool; 8] {
    let mut free = [true; 8];
    free[6] = law != ResourceLaw::Tied;
    free[7] = law == ResourceLaw::Joined;
    free
}

/// Half of the sum of squares, with gradient and Gauss–Newton matrix.
fn expand(theta: &Theta, law: ResourceLaw, rows: &[Row]) -> (f64, Theta, [[f64; 8]; 8]) {
    let (mut value, mut gradient, mut matrix) = (0.0, [0.0; 8], [[0.0; 8]; 8]);
    for (sizes, loss) in rows {
        let (fit, slope) = log_law(theta, law, sizes);
        let residual = fit - loss;
        value += 0.5 * residual * residual;
        for i in 0..8 {
            gradient[i] += residual * slope[i];
            for j in 0..8 {
                matrix[i][j] += slope[i] * slope[j];
            }
        }
    }
    (value, gradient, matrix)
}

/// Levenberg's damped Gauss–Newton steps within the bounds.
fn descend(mut theta: Theta, law: ResourceLaw, rows: &[Row]) -> (f64, Theta) {
    let (mut value, mut gradient, mut matrix) = expand(&theta, law, rows);
    let mut damping = 1e-2;
    for _ in 0..STEPS {
        let mut damped = matrix;
        let largest = (0..8).map(|k| matrix[k][k]).fold(0.0, f64::max);
        let mut movable = free(law);
        for (k, (low, high)) in BOUNDS.into_iter().enumerate() {
            damped[k][k] += damping * (matrix[k][k] + 1e-3 * largest);
            movable[k] &= !((theta[k] <= low && gradient[k] > 0.0)
                || (theta[k] >= high && gradient[k] < 0.0));
        }
        let step = solve(damped, gradient, movable);
        let next: Theta = std::array::from_fn(|k| {
            (theta[k] - step[k].clamp(-1.0, 1.0)).clamp(BOUNDS[k].0, BOUNDS[k].1)
        });
        let there = expand(&next, law, rows);
        if there.0 < value {
            let gained = value - there.0;
            (theta, damping) = (next, (0.2 * damping).max(1e-12));
            (value, gradient, matrix) = there;
            if gained < 1e-10 * value {
                break;
            }
        } else {
            damping *= 5.0;
            if damping > 1e8 {
                break;
            }
        }
    }
    (value, theta)
}

/// The solution of a positive definite system in the parameters that may move, by elimination.
fn solve(mut matrix: [[f64; 8]; 8], mut right: Theta, movable: [bool; 8]) -> Theta {
    for k in 0..8 {
        if !movable[k] {
            (0..8).for_each(|j| (matrix[k][j], matrix[j][k]) = (0.0, 0.0));
            (matrix[k][k], right[k]) = (1.0, 0.0);
        }
    }
    for k in 0..8 {
        for i in k + 1..8 {
            let factor = matrix[i][k] / matrix[k][k];
            (k..8).for_each(|j| matrix[i][j] -= factor * matrix[k][j]);
            right[i] -= factor * right[k];
        }
    }
    for k in (0..8).rev() {
        let known: f64 = (k + 1..8).map(|j| matrix[k][j] * right[j]).sum();
        right[k] = (right[k] - known) / matrix[k][k];
    }
    right
}

/// The best end of descents from `starts` random starts.
fn fit(law: ResourceLaw, rows: &[Row], starts: usize, key: &Key) -> Theta {
    let mut rng = key.label(law.name()).stream();
    let ends = (0..starts).map(|_| {
        let start: Theta = std::array::from_fn(|k| match k {
            0..4 => rng.random_range(-1.5..1.0),
            4..7 => rng.random_range(0.1..0.9),
            _ => rng.random_range(0.0..1.5),
        });
        descend(start, law, rows)
    });
    let best = ends.min_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or([f64::NAN; 8], |end| end.1)
}

/// `ln fit − ln loss` of some runs for laws that were fitted to others.
struct Compared<'a> {
    runs: &'a RepeatedRuns,
    rows: Vec<Row>,
    starts: usize,
    key: &'a Key,
}

impl<'a> Compared<'a> {
    fn new(runs: &'a RepeatedRuns, starts: usize, key: &'a Key) -> Self {
        let plain = runs.runs();
        let columns = [plain.features(), runs.unique(), plain.samples()];
        let center = columns.map(|c| c.iter().map(|x| x.ln()).sum::<f64>() / c.len() as f64);
        let row = |k: usize| {
            (std::array::from_fn(|j| columns[j][k].ln() - center[j]), plain.losses()[k].ln())
        };
        Self { runs, rows: (0..plain.len()).map(row).collect(), starts, key }
    }

    fn pick<T: Copy>(all: &[T], rows: &[usize]) -> Vec<T> {
        rows.iter().map(|row| all[*row]).collect()
    }

    fn residuals(&self, law: ResourceLaw, fitted: &[usize], asked: &[usize]) -> (Theta, Vec<f64>) {
        let theta = fit(law, &Self::pick(&self.rows, fitted), self.starts, self.key);
        let residual = |(sizes, loss): Row| log_law(&theta, law, &sizes).0 - loss;
        (theta, Self::pick(&self.rows, asked).into_iter().map(residual).collect())
    }

    /// The same of the published law, by the same least squares of logarithms.
    fn worn(&self, fitted: &[usize], asked: &[usize]) -> Result<Vec<f64>, ChapterError> {
        let options =
            RepeatedOptions { objective: Objective::SquaresLog, ..RepeatedOptions::default() };
        let law = fit_repeated(&self.runs.pick(fitted), &options)?.law;
        let (runs, unique) = (self.runs.runs(), self.runs.unique());
        let residual = |k: &usize| {
            let fit = law.loss(runs.features()[*k], runs.samples()[*k], unique[*k]);
            (fit / runs.losses()[*k]).ln()
        };
        Ok(asked.iter().map(residual).collect())
    }
}

/// Fits the laws to all runs, and to those that more of something did not harm: no run with at most
/// as many parameters, distinct tokens and tokens has a loss lower by more than a percent.
///
/// Entries, for each law and set of runs: root mean square and median of `|ln fit − ln loss|`; the
/// information criterion of Akaike, corrected for few runs; the same two where fifths of the model
/// sizes are left out of the fit in turn; the exponents. Without `held_out` neither that nor all
/// runs.
///
/// # Errors
/// As `fit_repeated`.
pub fn resource_entries(
    starts: usize,
    held_out: bool,
    key: &Key,
) -> Result<Vec<Entry>, ChapterError> {
    let all = repeated_runs()?;
    let kept = all.pick(&unharmed(&all));
    let (mut entries, mut exponents) = (Vec::new(), Vec::new());
    let sets = [("unharmed", &kept), ("all", &all)];
    for (set, runs) in sets.into_iter().take(if held_out { 2 } else { 1 }) {
        let compared = Compared::new(runs, starts, key);
        let rows: Vec<usize> = (0..compared.rows.len()).collect();
        let mut put = |law: &str, parameters: usize, inside: &[f64], outside: &[f64]| {
            let of = format!("{set} {law}");
            let mut one = |name: &str, value: f64| {
                entries.push(Entry::new("resources", &of, name, value, inside.len()));
            };
            let (n, k) = (inside.len() as f64, parameters as f64 + 1.0);
            one("rms", rms(inside));
            one("median", median_of(&inside.iter().map(|r| r.abs()).collect::<Vec<_>>()));
            one("aicc", 2.0 * n * rms(inside).ln() + 2.0 * k * n / (n - k - 1.0));
            if !outside.is_empty() {
                one("held-out rms", rms(outside));
                let errors: Vec<f64> = outside.iter().map(|r| r.abs()).collect();
                one("held-out median", median_of(&errors));
            }
        };
        let folds = if held_out { folds(runs) } else { Vec::new() };
        for law in ResourceLaw::ALL {
            let (theta, inside) = compared.residuals(law, &rows, &rows);
            let outside =
                folds.iter().flat_map(|(fitted, asked)| compared.residuals(law, fitted, asked).1);
            put(law.name(), law.parameters(), &inside, &outside.collect::<Vec<_>>());
            let time =
                if law == ResourceLaw::Tied { theta[4] / (1.0 + theta[4]) } else { theta[6] };
            let named =
                [("n", theta[4]), ("unique", theta[5]), ("tokens", time), ("q", theta[7].exp())];
            exponents.extend(named.map(|(name, value)| {
                Entry::new("exponents", &format!("{set} {}", law.name()), name, value, rows.len())
            }));
        }
        let mut outside = Vec::new();
        for (fitted, asked) in &folds {
            outside.extend(compared.worn(fitted, asked)?);
        }
        put(WORN, 7, &compared.worn(&rows, &rows)?, &outside);
    }
    entries.extend(exponents);
    Ok(entries)
}

fn rms(residuals: &[f64]) -> f64 {
    (residuals.iter().map(|r| r * r).sum::<f64>() / residuals.len() as f64).sqrt()
}

/// Rows to fit and rows to ask: every fifth model size.
fn folds(runs: &RepeatedRuns) -> Vec<(Vec<usize>, Vec<usize>)> {
    let features = runs.runs().features();
    let mut sizes = features.to_vec();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    let fold = |row: &usize| sizes.iter().position(|n| *n == features[*row]).unwrap_or(0) % FOLDS;
    (0..FOLDS).map(|k| (0..features.len()).partition(|row| fold(row) != k)).collect()
}

fn unharmed(runs: &RepeatedRuns) -> Vec<usize> {
    let (plain, unique) = (runs.runs(), runs.unique());
    let (n, t, losses) = (plain.features(), plain.samples(), plain.losses());
    let harmed = |k: usize| {
        (0..n.len()).any(|j| {
            n[j] <= n[k] && t[j] <= t[k] && unique[j] <= unique[k] && 1.01 * losses[j] < losses[k]
        })
    };
    (0..n.len()).filter(|k| !harmed(*k)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_are_those_of_the_law() {
        let theta = [0.3, -0.2, 0.1, -0.5, 0.4, 0.3, 0.6, 0.7];
        let sizes = [0.5, -1.0, 2.0];
        for law in ResourceLaw::ALL {
            let gradient = log_law(&theta, law, &sizes).1;
            for k in (0..8).filter(|k| free(law)[*k]) {
                let at = |step: f64| {
                    let mut moved = theta;
                    moved[k] += step;
                    log_law(&moved, law, &sizes).0
                };
                // A step of 1e-5: off by 1e-10 of the third derivative and 1e-11 of rounding.
                let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
                assert!((slope - gradient[k]).abs() < 1e-8, "{law:?} {k}: {slope}");
            }
        }
    }

    #[test]
    fn a_law_is_found_again() {
        let truth = [-0.5, -0.3, 0.1, -0.2, 0.35, 0.3, 0.5, 0.0];
        let rows: Vec<Row> = (0..64)
            .map(|k| {
                let sizes = [f64::from(k % 4), f64::from(k / 4 % 4), f64::from(k / 16)];
                let sizes = sizes.map(|size| 2.0 * size - 3.0);
                (sizes, log_law(&truth, ResourceLaw::Sum, &sizes).0)
            })
            .collect();
        let found = fit(ResourceLaw::Sum, &rows, 12, &Key::new(3));
        assert!((0..7).all(|k| (found[k] - truth[k]).abs() < 1e-3), "{found:?}");
    }
}
