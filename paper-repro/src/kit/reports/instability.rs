//! Probabilities of instability against theory, the powers they follow.

use crate::kit::log_space;
use crate::{ChapterError, draw};
use asymscale_model::SparseModel;
use asymscale_plots::{Color, Dash, Line, Panel, Points};
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
/// trajectories. `model` gives the model of a case.
///
/// # Errors
/// As those of `model`, or if a group is missing.
pub fn instability_panels(
    rows: &Table,
    rare: &[&str],
    model: impl Fn(&str) -> Result<SparseModel, ChapterError>,
) -> Result<Vec<Panel>, ChapterError> {
    let data = |group: &str, case: &str| Series::read(rows, group, case, model(case)?);
    let (by_samples, by_rate) = powers(rare, &data)?;
    let near = data("near", "steady")?;
    let ratio = near.along(|model, samples, rate| {
        let law = instability_probability(model, samples, rate)?;
        Ok(corrected_instability_probability(model, samples, rate)? / law)
    })?;
    let (title, law) = (near.title("$η$ = 1.2"), "first correction");
    let near_panel =
        Panel::new(title, draw::log("samples $D$"), draw::linear("$P$ / diagonal law"))
            .with(line(law, 0, Dash::Solid, ratio))
            .with(marks("simulation", 0, &near.points, |p| p.law));
    let (samples, features) = (draw::linear("samples $D$"), draw::log("features $N$"));
    let mild = data("mild", "mild")?;
    let mild_panel = Panel::new(mild.title("$η$ = 1"), samples, probability())
        .with(line("diagonal law", 3, Dash::Solid, mild.along(instability_law)?))
        .with(marks("simulation", 3, &mild.points, |_| 1.0));
    let few = data("features", "steady")?;
    let few_panel = Panel::new(few.title("$D$ = 64, $η$ = 0.8"), features, probability())
        .with(line("diagonal law, $N$ = ∞", 0, Dash::Solid, of(&few.points, |p| p.law)))
        .with(marks("simulation", 0, &few.points, |_| 1.0));
    let title = data("plain", "steady")?.title("$D$ = 64, $η$ = 0.5");
    Ok(vec![by_samples, by_rate, near_panel, mild_panel, few_panel, trajectories(rows, title)?])
}

/// The points of a group and case, with their model.
struct Series {
    model: SparseModel,
    points: Vec<InstabilityPoint>,
    /// Number of samples and step of each point.
    settings: Vec<(f64, f64)>,
}

impl Series {
    fn read(
        rows: &Table,
        group: &str,
        case: &str,
        model: SparseModel,
    ) -> Result<Self, ChapterError> {
        let rows = rows.matching("group", group)?.matching("case", case)?.sort_by(&["x"])?;
        let settings = rows.floats("samples")?.into_iter().zip(rows.floats("rate")?).collect();
        Ok(Self { points: InstabilityPoint::read(&rows, &model)?, settings, model })
    }

    /// The exponents of the data.
    fn name(&self) -> String {
        match self.model.rare_law() {
            Some(law) => format!("$α$ = {}, $β$ = {}", law.alpha(), law.beta()),
            None => "a table".to_owned(),
        }
    }

    /// The exponents, and what is fixed.
    fn title(&self, fixed: &str) -> String {
        format!("{}, {fixed}", self.name())
    }

    /// A law on a fine grid between the first point and the last, over samples or over steps,
    /// whichever changes.
    fn along(
        &self,
        law: impl Fn(&SparseModel, f64, f64) -> Result<f64, ChapterError>,
    ) -> Result<Vec<(f64, f64)>, ChapterError> {
        let ((d, rate), (last, to)) = (self.settings[0], self.settings[self.settings.len() - 1]);
        let samples = log_space(d, last.max(d + 1.0), 60).into_iter().map(f64::round);
        if d == last {
            return log_space(rate, to, 60)
                .into_iter()
                .map(|x| Ok((x, law(&self.model, d, x)?)))
                .collect();
        }
        samples.map(|x| Ok((x, law(&self.model, x, rate)?))).collect()
    }
}

fn instability_law(model: &SparseModel, samples: f64, rate: f64) -> Result<f64, ChapterError> {
    Ok(instability_probability(model, samples, rate)?)
}

fn asymptote(model: &SparseModel, samples: f64, rate: f64) -> Result<f64, ChapterError> {
    Ok(instability_asymptote(model, samples, rate)?.probability)
}

fn probability() -> asymscale_plots::Axis {
    draw::log("$P$(unstable)")
}

fn powers(
    rare: &[&str],
    data: &impl Fn(&str, &str) -> Result<Series, ChapterError>,
) -> Result<(Panel, Panel), ChapterError> {
    let mut by_samples = Panel::new("$η$ = 0.5", draw::log("samples $D$"), probability());
    let mut by_rate = Panel::new("$D$ = 256", draw::log("step $η$"), probability());
    for (n, case) in rare.iter().enumerate() {
        for (panel, group) in [(&mut by_samples, "samples"), (&mut by_rate, "rate")] {
            let series = data(group, case)?;
            let limit = line("asymptote", n, Dash::Dotted, series.along(asymptote)?);
            let limit = Line { color: Color::Ink, width: 1.0, ..limit };
            let measured = marks("", n, &series.points, |_| 1.0);
            let layers = draw::both(series.name(), n, series.along(instability_law)?, measured);
            *panel = layers.into_iter().fold(panel.clone(), Panel::with).with(limit);
        }
    }
    let plain = marks("without planting", 3, &data("plain", rare[0])?.points, |_| 1.0);
    Ok((by_samples.with(Points { filled: false, ..plain }), by_rate))
}

fn trajectories(rows: &Table, title: String) -> Result<Panel, ChapterError> {
    let mut panel = Panel::new(
        title,
        draw::linear("steps $t$").range(0.0, 40.0),
        draw::log("population loss $L$"),
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
