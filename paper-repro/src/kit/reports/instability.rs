//! Probabilities of instability against theory, the powers they follow.

use crate::{ChapterError, draw};
use asymscale_model::SparseModel;
use asymscale_plots::{Color, Dash, Legend, Line, Panel, Points};
use asymscale_sweep::Table;
use asymscale_theory::{
    corrected_instability_probability, instability_asymptote, instability_probability,
};

/// A measured probability and what it should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InstabilityPoint {
    /// What it is drawn against.
    pub x: f64,
    /// The estimate.
    pub value: f64,
    /// Its 95 % interval.
    pub interval: (f64, f64),
    /// Its standard error.
    pub error: f64,
    /// The diagonal law.
    pub law: f64,
    /// The same with its first correction.
    pub corrected: f64,
    /// The asymptote; NaN outside its domain.
    pub asymptote: f64,
}

impl InstabilityPoint {
    /// Reads the rows of one case, ordered by `x`: columns `x`, `value`, `low`, `high`, `error`,
    /// `samples`, `rate`.
    ///
    /// # Errors
    /// If a column is missing or a parameter is out of range.
    pub fn read(rows: &Table, model: &SparseModel) -> Result<Vec<Self>, ChapterError> {
        let rows = rows.sort_by(&["x"])?;
        let columns: Result<Vec<Vec<f64>>, _> =
            ["x", "value", "low", "high", "error", "samples", "rate"]
                .map(|name| rows.floats(name))
                .into_iter()
                .collect();
        let columns = columns?;
        let of = |k: usize| -> Result<Self, ChapterError> {
            let [x, value, low, high, error, samples, rate] =
                std::array::from_fn(|column| columns[column][k]);
            let asymptote =
                instability_asymptote(model, samples, rate).map_or(f64::NAN, |law| law.probability);
            let law = instability_probability(model, samples, rate)?;
            let corrected = corrected_instability_probability(model, samples, rate)?;
            Ok(Self { x, value, interval: (low, high), error, law, corrected, asymptote })
        };
        (0..rows.len()).map(of).collect()
    }

    /// The distance of two estimates in standard errors.
    pub fn score(&self, other: &Self) -> f64 {
        (self.value - other.value) / self.error.hypot(other.error)
    }
}

/// The slope of `ln value` by `ln x`, all points alike, and its standard error from those of the
/// values.
pub fn log_slope(
    points: &[InstabilityPoint],
    value: impl Fn(&InstabilityPoint) -> f64,
) -> (f64, f64) {
    let x: Vec<f64> = points.iter().map(|p| p.x.ln()).collect();
    let middle = x.iter().sum::<f64>() / x.len() as f64;
    let spread: f64 = x.iter().map(|x| (x - middle).powi(2)).sum();
    let along = x.iter().map(|x| (x - middle) / spread).zip(points);
    let error = along.clone().map(|(x, p)| (x * p.error / p.value).powi(2)).sum::<f64>().sqrt();
    (along.map(|(x, p)| x * value(p).ln()).sum(), error)
}

/// The panels of the chapter: probabilities against `D` and `η` with the diagonal law (lines) and
/// its asymptote (dotted), the distance to the law, the contrast, few features, and the two
/// trajectories. `points` reads a group and case.
///
/// # Errors
/// As those of `points`, or if a group is missing.
pub fn instability_panels(
    rows: &Table,
    rare: &[&str],
    points: impl Fn(&Table, &str, &str) -> Result<Vec<InstabilityPoint>, ChapterError>,
) -> Result<Vec<Panel>, ChapterError> {
    let (by_samples, by_rate) = powers(rows, rare, &points)?;
    let near = points(rows, "near", "steady")?;
    let corrected = line("first correction", 0, Dash::Solid, of(&near, |p| p.corrected / p.law));
    let near =
        Panel::new("steady, η = 1.2", draw::log("samples $D$"), draw::linear("$P$ / diagonal law"))
            .with(corrected)
            .with(marks("plain", 0, &near, |p| p.law));
    let (samples, features) = (draw::linear("samples $D$"), draw::log("features $N$"));
    let mild = against_law(
        Panel::new("mild, η = 1", samples, probability()),
        3,
        &points(rows, "mild", "mild")?,
    );
    let panel = Panel::new("steady, $D$ = 64, η = 0.8", features, probability());
    let features = against_law(panel, 0, &points(rows, "features", "steady")?);
    Ok(vec![by_samples, by_rate, near, mild, features, trajectories(rows)?])
}

fn probability() -> asymscale_plots::Axis {
    draw::log("$P$(unstable)")
}

fn powers(
    rows: &Table,
    rare: &[&str],
    points: &impl Fn(&Table, &str, &str) -> Result<Vec<InstabilityPoint>, ChapterError>,
) -> Result<(Panel, Panel), ChapterError> {
    let mut by_samples = Panel::new("η = 0.5", draw::log("samples $D$"), probability());
    let mut by_rate =
        Panel::new("$D$ = 256", draw::log("step $η$"), probability()).legend(Legend::None);
    for (n, case) in rare.iter().enumerate() {
        for (panel, group) in [(&mut by_samples, "samples"), (&mut by_rate, "rate")] {
            let points = points(rows, group, case)?;
            let law = line("", n, Dash::Solid, of(&points, |p| p.law));
            let asymptote = line(
                if n == 0 { "asymptote" } else { "" },
                n,
                Dash::Dotted,
                of(&points, |p| p.asymptote),
            );
            let asymptote = Line { color: Color::Ink, width: 1.0, ..asymptote };
            *panel = panel.clone().with(law).with(asymptote).with(marks(case, n, &points, |_| 1.0));
        }
    }
    let plain = marks("steady, plain", 3, &points(rows, "plain", "steady")?, |_| 1.0);
    Ok((by_samples.with(Points { filled: false, ..plain }), by_rate))
}

fn against_law(panel: Panel, number: usize, points: &[InstabilityPoint]) -> Panel {
    let law = line("diagonal law, $N$ = ∞", number, Dash::Solid, of(points, |p| p.law));
    panel.with(law).with(marks("plain", number, points, |_| 1.0))
}

fn trajectories(rows: &Table) -> Result<Panel, ChapterError> {
    let mut panel = Panel::new(
        "steady, $D$ = 64, η = 0.5",
        draw::linear("steps $t$").range(0.0, 40.0),
        draw::log("loss"),
    );
    for (n, case) in ["diverging", "converging"].into_iter().enumerate() {
        let rows = rows.matching("group", "descent")?.matching("case", case)?.sort_by(&["x"])?;
        let losses = rows.floats("x")?.into_iter().zip(rows.floats("value")?).collect();
        panel = panel.with(line(case, n, [Dash::Solid, Dash::Dashed][n], losses));
    }
    Ok(panel)
}

fn of(points: &[InstabilityPoint], law: fn(&InstabilityPoint) -> f64) -> Vec<(f64, f64)> {
    points.iter().map(|p| (p.x, law(p))).collect()
}

fn line(name: &str, number: usize, dash: Dash, points: Vec<(f64, f64)>) -> Line {
    Line { name: name.into(), points, color: Color::Series(number), dash, ..Line::default() }
}

fn marks(
    name: &str,
    number: usize,
    points: &[InstabilityPoint],
    unit: impl Fn(&InstabilityPoint) -> f64,
) -> Points {
    let at = points.iter().map(|p| (p.x, p.value / unit(p))).collect();
    let intervals =
        points.iter().map(|p| (p.interval.0 / unit(p), p.interval.1 / unit(p))).collect();
    draw::marks(name, number, at, intervals)
}
