//! The compute frontier: the best split of budgets around N·D, and the curve of equal compute.

use super::{Asked, View, percent};
use crate::answers::{self, Refusal, Rows};
use crate::cli::Failure;
use crate::cli::frontier;
use crate::explore::copies::{Call, Copies};
use crate::explore::figures::{Drawn, here, loss_axis, spaced, theory};
use crate::explore::state::State;
use crate::explore::told::{numbers, real, short, word};
use crate::model::{InvalidInput, SparseModel};
use crate::theory::{Budget, Ridge, SampleTheory};
use asymscale_plots::{Axis, Color, Dash, Line, Marker, Panel, Points};
use serde_json::Value as Json;

/// Budgets of the figure over that of the state.
const AROUND: [f64; 5] = [1e-2, 1e-1, 1.0, 1e1, 1e2];
/// Points along the curve of equal compute.
const ALONG: usize = 60;

pub(super) fn view(state: &State, asked: Asked) -> Result<View, Refusal> {
    let model = state.model()?;
    state.sizes()?;
    let regression = state.regression()?;
    let compute = state.budget().ok_or_else(|| {
        let name = if state.features.is_finite() { "samples" } else { "features" };
        let must = "must be finite: the frontier is that of the budget C = N·D";
        Failure::Input(InvalidInput::of(name, "inf", must))
    })?;
    let at = |compute: f64| {
        let (ridge, noise) = (Ridge::Fixed(regression.ridge()), regression.noise());
        answers::frontier(&model, Budget { compute, factor: 1.0, ridge, noise })
    };
    let own = at(compute)?;
    let mut found = Vec::new();
    for factor in AROUND.iter().filter(|factor| **factor * compute >= 100.0) {
        found.push(if *factor == 1.0 { own.clone() } else { at(factor * compute)? });
    }
    let mut view =
        View { numbers: numbers(&own, 0, &frontier::columns()[..1].to_vec()), ..View::default() };
    view.warnings.clone_from(&own.notes);
    view.words = words(state, &model, &own)?;
    view.figures = vec![
        of_budgets(&found, state, compute, asked)?,
        of_equal_compute(state, &model, &own, compute, asked)?,
    ];
    view.copies = Some(Copies::of(state, Call::Frontier { compute }));
    Ok(view)
}

fn words(state: &State, model: &SparseModel, own: &Rows) -> Result<Vec<String>, Refusal> {
    let (n, d, least) = (real(own, 0, "features"), real(own, 0, "samples"), real(own, 0, "loss"));
    let (features, samples) = state.sizes()?;
    let loss = SampleTheory::new(model, samples)?.loss_with(features, state.regression()?)?;
    let mut words = vec![format!(
        "The best split of the budget N·D = {} is N = {} and D = {}, with a loss of {}{}.",
        short(features * samples),
        short(n.round()),
        short(d.round()),
        short(least),
        if loss.is_finite() && least > 0.0 {
            format!("; your split has {} more", percent((loss / least - 1.0).max(0.0)))
        } else {
            String::new()
        }
    )];
    let (by_n, by_d) = (real(own, 0, "features_exponent"), real(own, 0, "samples_exponent"));
    words.push(if by_n.is_finite() && by_d.is_finite() {
        format!(
            "In the limit the best N grows as C^{by_n:.3} and the best D as C^{by_d:.3}: {}.",
            if by_d > by_n + 1e-9 {
                "most of a larger budget goes into data"
            } else {
                "both take half"
            }
        )
    } else {
        "A law of the best split in the limit is not known here.".to_owned()
    });
    if word(own, 0, "branch") == Some("overparameterized") {
        words.push("The best model has more features than the samples show directions.".to_owned());
    }
    Ok(words)
}

/// The best N and D against compute.
fn of_budgets(found: &[Rows], state: &State, compute: f64, asked: Asked) -> Result<Json, Refusal> {
    let line = |name: &str| -> Vec<(f64, f64)> {
        found.iter().map(|rows| (real(rows, 0, "compute"), real(rows, 0, name))).collect()
    };
    let curve = |name: &str, column: &str, color, dash, marker| {
        let points = line(column);
        let dots = Points {
            name: name.into(),
            points: points.clone(),
            color,
            marker,
            ..Points::default()
        };
        (Line { dash, ..theory(name, points, color) }, dots)
    };
    let (n, n_dots) = curve("best $N$", "features", Color::Series(0), Dash::Solid, Marker::Circle);
    let (d, d_dots) = curve("best $D$", "samples", Color::Series(2), Dash::Dashed, Marker::Square);
    let panel = Panel::new("", Axis::log("compute $C = ND$", ""), Axis::log("size", ""))
        .with(n)
        .with(n_dots)
        .with(d)
        .with(d_dots)
        .with(Points {
            name: "your $N$ and $D$".into(),
            points: vec![(compute, state.features), (compute, state.samples)],
            color: Color::Series(1),
            marker: Marker::Diamond,
            ..Points::default()
        });
    let description = format!(
        "Best number of features and of samples against compute, at budgets from {} to {}.",
        short(AROUND[0] * compute),
        short(AROUND[AROUND.len() - 1] * compute)
    );
    let title = "The compute frontier".to_owned();
    Ok(Drawn { name: "frontier", title, description, panel }.json(asked.narrow)?)
}

/// The loss along N·D = C.
fn of_equal_compute(
    state: &State,
    model: &SparseModel,
    own: &Rows,
    compute: f64,
    asked: Asked,
) -> Result<Json, Refusal> {
    let (features, samples) = state.sizes()?;
    let regression = state.regression()?;
    let loss = |features: f64, samples: f64| -> Result<f64, Refusal> {
        Ok(SampleTheory::new(model, samples)?.loss_with(features, regression)?)
    };
    let high = (compute / 10.0).max(10.0);
    let points = spaced(1.0, high, ALONG).into_iter();
    let points: Vec<(f64, f64)> = points
        .map(|n| Ok((n, loss(n, (compute / n).max(1.0))?)))
        .collect::<Result<_, Refusal>>()?;
    let best = (real(own, 0, "features"), real(own, 0, "loss"));
    let at_here = loss(features, samples)?;
    // The peak of ridgeless regression leaves the frame.
    let most = points.first().map_or(1.0, |(_, y)| 2.0 * y);
    let shown = points.iter().map(|(_, y)| *y).filter(|y| *y < most);
    let panel = Panel::new(
        "",
        Axis::log("features $N$, with $D = C/N$", "").range(1.0, high),
        loss_axis("population loss", shown.chain([best.1])),
    )
    .with(theory("theory", points.clone(), Color::Series(0)))
    .with(Points {
        name: "best split".into(),
        points: vec![best],
        color: Color::Series(2),
        marker: Marker::Square,
        ..Points::default()
    })
    .with(here(features, at_here));
    let description = format!(
        "Loss along all splits of the budget {}: it is least, {}, at N = {}. At your N = {} it is {}.",
        short(compute),
        short(best.1),
        short(best.0.round()),
        short(features),
        short(at_here)
    );
    let title = "Loss at equal compute".to_owned();
    Ok(Drawn { name: "isoflop", title, description, panel }.json(asked.narrow)?)
}
