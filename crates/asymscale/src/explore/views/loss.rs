//! The loss at N features and D samples: the number, what limits it, and both curves through it.

use super::{Asked, View, percent};
use crate::answers::{self, Refusal, Rows};
use crate::cli::{coverage, loss};
use crate::explore::copies::{Call, Copies};
use crate::explore::figures::{Drawn, decade_above, here, loss_axis, spaced, theory};
use crate::explore::state::State;
use crate::explore::told::{numbers, real, short, word};
use crate::model::{Regression, SparseModel};
use crate::theory::{Ridge, SampleTheory, exponents_with};
use asymscale_plots::{Axis, Color, Marker, Panel, Points, Reference};
use serde_json::Value as Json;

/// Points along a curve in N, and in D, where each is a theory of its own.
const ALONG: (usize, usize) = (60, 40);
/// Points along a curve in N with a ridge, where each takes some 0.5 ms.
const ALONG_WITH_RIDGE: usize = 30;
/// Further points on either side of a peak, at these distances of the logarithm.
const NEAR_PEAK: [f64; 4] = [0.006, 0.03, 0.09, 0.2];
/// Within this distance of the logarithm a peak does not set the range of an axis.
const PEAK: f64 = 0.3;
/// The fewest samples that curves show: theory is one of many.
const FEWEST: f64 = 10.0;

/// The number, its words, and the curve in N.
pub(super) fn view(state: &State, asked: Asked) -> Result<View, Refusal> {
    let (at, rows) = Here::of(state)?;
    let seen = answers::coverage(&at.model, at.samples)?;
    let mut told = numbers(&rows, 0, &loss::columns());
    told.retain(|number| !matches!(number["name"].as_str(), Some("features" | "samples")));
    let mut further = numbers(&seen, 0, &coverage::columns());
    further.retain(|number| number["name"] != "samples");
    told.extend(further);
    let call = Call::Loss { features: at.features, samples: at.samples };
    Ok(View {
        numbers: told,
        words: at.words(&rows, &seen)?,
        warnings: warnings(&rows),
        figures: vec![at.figure_of_features(&at.along_features()?, &seen, asked)?],
        copies: Some(Copies::of(state, call)),
    })
}

/// The curve in D alone, each of whose points is a theory of its own.
pub(super) fn view_of_samples(state: &State, asked: Asked) -> Result<View, Refusal> {
    let (at, _) = Here::of(state)?;
    let figures = vec![at.figure_of_samples(&at.along_samples()?, asked)?];
    Ok(View { figures, ..View::default() })
}

/// The state with what was asked of it first.
struct Here<'a> {
    state: &'a State,
    model: SparseModel,
    regression: Regression,
    features: f64,
    samples: f64,
    loss: f64,
}

/// A curve with its peak and what it tends to.
struct Curve {
    points: Vec<(f64, f64)>,
    peak: f64,
    limit: f64,
}

impl Curve {
    /// The losses that set the range of the axis: those apart from the peak, and the limit.
    fn ranged(&self) -> impl Iterator<Item = f64> + '_ {
        let apart = |x: f64| (x / self.peak).ln().abs() > PEAK;
        let shown = self.points.iter().filter(move |(x, _)| apart(*x)).map(|(_, y)| *y);
        shown.chain([self.limit])
    }
}

impl<'a> Here<'a> {
    fn of(state: &'a State) -> Result<(Self, Rows), Refusal> {
        let (model, regression) = (state.model()?, state.regression()?);
        let (features, samples) = state.sizes()?;
        let rows = answers::loss(&model, samples, &[features], regression)?;
        let loss = real(&rows, 0, "loss");
        Ok((Self { state, model, regression, features, samples, loss }, rows))
    }

    fn loss_at(&self, features: f64, samples: f64) -> Result<f64, Refusal> {
        let theory = SampleTheory::new(&self.model, samples)?;
        Ok(theory.loss_with(features, self.regression)?)
    }

    fn along_features(&self) -> Result<Curve, Refusal> {
        let theory = SampleTheory::new(&self.model, self.samples)?;
        let peak = theory.coverage().threshold;
        let beyond = [self.features, peak].into_iter().filter(|size| size.is_finite());
        let high = 10.0 * decade_above(beyond.fold(10.0, f64::max));
        let along = if self.regression.ridge() > 0.0 { ALONG_WITH_RIDGE } else { ALONG.0 };
        let mut sizes = around(peak, spaced(1.0, high, along));
        sizes.push(f64::INFINITY);
        let mut losses = theory.curve_with(&sizes, self.regression)?;
        let limit = losses.pop().unwrap_or(f64::NAN);
        Ok(Curve { points: sizes.into_iter().zip(losses).collect(), peak, limit })
    }

    fn along_samples(&self) -> Result<Curve, Refusal> {
        let peak = self.samples_at_threshold()?;
        let beyond = [self.samples, peak].into_iter().filter(|size| *size <= 1e12);
        let high = 10.0 * decade_above(beyond.fold(100.0, f64::max));
        let sizes = around(peak, spaced(FEWEST, high, ALONG.1));
        let at = |samples: f64| Ok((samples, self.loss_at(self.features, samples)?));
        let points = sizes.into_iter().map(at).collect::<Result<_, Refusal>>()?;
        let limit = self.loss_at(self.features, f64::INFINITY)?;
        Ok(Curve { points, peak, limit })
    }

    /// The samples whose threshold is N; infinite where none has.
    fn samples_at_threshold(&self) -> Result<f64, Refusal> {
        let above = |samples: f64| -> Result<bool, Refusal> {
            Ok(SampleTheory::new(&self.model, samples)?.coverage().threshold >= self.features)
        };
        let (mut low, mut high) = (1.0_f64.ln(), 1e12_f64.ln());
        if self.features.is_infinite() || !above(high.exp())? {
            return Ok(f64::INFINITY);
        }
        while high - low > 1e-4 {
            let middle = f64::midpoint(low, high);
            if above(middle.exp())? { high = middle } else { low = middle }
        }
        Ok(high.exp())
    }

    fn figure_of_features(
        &self,
        curve: &Curve,
        seen: &Rows,
        asked: Asked,
    ) -> Result<Json, Refusal> {
        let high = curve.points.last().map_or(1e3, |(x, _)| *x);
        let shown = curve.ranged().chain([self.loss]);
        let panel = Panel::new(
            "",
            Axis::log("features $N$", "").range(1.0, high),
            loss_axis("population loss", shown),
        )
        .with(theory("theory", curve.points.clone(), Color::Series(0)))
        .with(Reference::vertical(curve.peak, "threshold"))
        .with(Reference::horizontal(curve.limit, "$N = \\infty$"));
        let panel = laid_over(panel, asked.points.map(|points| points.by_features(self.state)));
        let place = if self.features.is_finite() { self.features } else { high };
        let panel = panel.with(here(place, self.loss));
        let description = format!(
            "Population loss against the number of features at D = {}: it peaks at the threshold, {}, \
             and tends to {} for infinitely many features. At N = {} it is {}. The \
             variance that no sample showed is {}.",
            short(self.samples),
            short(curve.peak),
            short(curve.limit),
            short(self.features),
            short(self.loss),
            short(real(seen, 0, "unseen_mass")),
        );
        let title = "Loss against features N".to_owned();
        Ok(Drawn { name: "loss-n", title, description, panel }.json(asked.narrow)?)
    }

    fn figure_of_samples(&self, curve: &Curve, asked: Asked) -> Result<Json, Refusal> {
        let high = curve.points.last().map_or(1e3, |(x, _)| *x);
        let shown = curve.ranged().chain([self.loss]);
        let mut panel = Panel::new(
            "",
            Axis::log("samples $D$", "").range(FEWEST, high),
            loss_axis("population loss", shown),
        )
        .with(theory("theory", curve.points.clone(), Color::Series(0)));
        if curve.peak.is_finite() {
            panel = panel.with(Reference::vertical(curve.peak, "threshold $= N$"));
        }
        if curve.limit > 0.0 {
            panel = panel.with(Reference::horizontal(curve.limit, "$D = \\infty$"));
        }
        let panel = laid_over(panel, asked.points.map(|points| points.by_samples(self.state)));
        let place = if self.samples.is_finite() { self.samples } else { high };
        let panel = panel.with(here(place, self.loss));
        let description = format!(
            "Population loss against the number of samples at N = {}: it tends to {} for infinitely \
             many samples. At D = {} it is {}.",
            short(self.features),
            short(curve.limit),
            short(self.samples),
            short(self.loss),
        );
        let title = "Loss against samples D".to_owned();
        Ok(Drawn { name: "loss-d", title, description, panel }.json(asked.narrow)?)
    }

    fn words(&self, rows: &Rows, seen: &Rows) -> Result<Vec<String>, Refusal> {
        if !self.loss.is_finite() {
            return Ok(vec![self.why_infinite().to_owned(), self.exponents()?]);
        }
        let mut words = vec![limits(word(rows, 0, "regime").unwrap_or_default(), seen)];
        let share = percent(self.loss / self.model.label_variance());
        words.push(format!("The loss is {share} of the variance of the labels."));
        let at = |features, samples| self.loss_at(features, samples);
        let (wide, long) = (at(f64::INFINITY, self.samples)?, at(self.features, f64::INFINITY)?);
        if self.features.is_finite() && self.samples.is_finite() {
            words.push(format!(
                "With infinitely many features the loss would be {}, with infinitely many samples {}.",
                short(wide),
                short(long)
            ));
        }
        let unseen = real(seen, 0, "unseen_mass");
        if unseen > 0.0 && self.state.target_exponent.is_none() {
            words.push(format!(
                "Of the loss {} is variance that no sample has shown.",
                percent(unseen.min(self.loss) / self.loss)
            ));
        }
        let (rank, threshold) = (real(seen, 0, "rank"), real(seen, 0, "threshold"));
        if self.regression.ridge() == 0.0 && rank < 0.97 * threshold {
            words.push(format!(
                "Theory peaks at N = {}; designs of this size peak a little earlier, at their rank of \
                 about {}.",
                short(threshold.round()),
                short(rank.round())
            ));
        }
        words.push(self.exponents()?);
        Ok(words)
    }

    /// Why there is no finite mean loss.
    fn why_infinite(&self) -> &'static str {
        if self.regression.noise() > 0.0 && self.regression.ridge() == 0.0 {
            "The mean loss over designs is infinite: without a ridge, noisy labels are fitted exactly, \
             also through coordinates that are almost 0 in the one sample that shows them. A small \
             ridge makes it finite; so do fewer features than the threshold."
        } else {
            "The mean loss over designs is infinite here, at the interpolation threshold."
        }
    }

    /// The exponents of the limits of many features and samples.
    fn exponents(&self) -> Result<String, Refusal> {
        let (ridge, noise) = (Ridge::Fixed(self.regression.ridge()), self.regression.noise());
        let Some(law) = exponents_with(&self.model, ridge, noise)? else {
            return Ok("Exponents in the limit are not known for these data.".to_owned());
        };
        let told = |of: &str, exponent: Option<f64>| match exponent {
            Some(exponent) => format!("in {of} {exponent:.3}"),
            None => format!("in {of} there is none: the loss tends to a constant, or has no mean"),
        };
        let differ = match (law.features, law.samples) {
            (Some(n), Some(d)) if (n - d).abs() > 1e-12 => ": they differ",
            (Some(_), Some(_)) => ": they are equal",
            _ => "",
        };
        Ok(format!(
            "Exponents of the loss in the limit: {}, {}{differ}.",
            told("N", law.features),
            told("D", law.samples)
        ))
    }
}

/// Sizes with more of them around a peak, where it is inside.
fn around(peak: f64, sizes: Vec<f64>) -> Vec<f64> {
    let (low, high) = (sizes[0], sizes[sizes.len() - 1]);
    let near = NEAR_PEAK.iter().flat_map(|step| [peak * step.exp(), peak * (-step).exp()]);
    let mut all: Vec<f64> =
        sizes.into_iter().chain(near.filter(|size| (low..=high).contains(size))).collect();
    all.sort_by(f64::total_cmp);
    all
}

/// A panel with simulated designs over its lines.
fn laid_over(panel: Panel, simulated: Option<&[[f64; 4]]>) -> Panel {
    let Some(points) = simulated.filter(|points| !points.is_empty()) else { return panel };
    panel.with(Points {
        name: "simulated designs".into(),
        points: points.iter().map(|[x, mean, ..]| (*x, *mean)).collect(),
        intervals: points.iter().map(|[_, _, low, high]| (*low, *high)).collect(),
        color: Color::Series(2),
        marker: Marker::Circle,
        filled: true,
    })
}

/// What limits the loss, in a sentence.
fn limits(regime: &str, seen: &Rows) -> String {
    let threshold = short(real(seen, 0, "threshold").round());
    match regime {
        "feature-limited" => format!(
            "Features limit the loss: there are fewer than the {threshold} directions that the samples \
             show. A larger model comes first."
        ),
        "interpolation" => format!(
            "N is at the interpolation threshold, {threshold}: the loss peaks. More features or fewer \
             both lower it."
        ),
        "sample-limited" => format!(
            "Samples limit the loss: they show more coordinates than the {threshold} that so many samples \
             can learn. More data come first."
        ),
        "coverage-limited" => format!(
            "Coverage limits the loss: all {threshold} coordinates that some sample showed are learned, \
             and the rest was never seen. More data come first."
        ),
        "noise-limited" => "Label noise limits the loss: features and samples could fit more \
                            directions than can be told from noise. More data, or a ridge, come first."
            .to_owned(),
        "ridge-limited" => {
            "The ridge limits the loss: it holds back directions that could be learned. A smaller \
             ridge comes first."
                .to_owned()
        }
        other => format!("What limits the loss: {other}."),
    }
}

/// What theory says against itself.
fn warnings(rows: &Rows) -> Vec<String> {
    let mut warnings = rows.notes.clone();
    if !real(rows, 0, "loss").is_finite() {
        return warnings;
    }
    let error = real(rows, 0, "finite_size_error");
    match word(rows, 0, "reliability") {
        Some("poor") => warnings.push(format!(
            "Theory is not to be trusted here: by its own estimate it is off by {} at this size. \
             Simulate instead.",
            if error.is_finite() { percent(error) } else { "any factor".to_owned() }
        )),
        Some("fair") => warnings.push(format!(
            "Theory is off by about {} at this size, by its own estimate.",
            percent(error)
        )),
        _ => {}
    }
    warnings
}
