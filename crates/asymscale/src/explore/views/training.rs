//! The loss along stochastic gradient descent, where theory tells of it.

use super::{Asked, View};
use crate::answers::{self, Refusal, Rows, TrainingPlan};
use crate::cli::train;
use crate::dynamics::{Average, Rule};
use crate::explore::copies::{Call, Copies};
use crate::explore::figures::{Drawn, decade_above, loss_axis, theory};
use crate::explore::state::State;
use crate::explore::told::{numbers, real, short, word};
use crate::model::{Decay, ModelSize};
use asymscale_plots::{Axis, Color, Dash, Line, Marker, Panel, Points};

pub(super) fn view(state: &State, asked: Asked) -> Result<View, Refusal> {
    let model = state.model()?;
    let (samples, epochs) = state.counts()?;
    let rate = answers::positive("rate", state.rate)?;
    let plan = |features| TrainingPlan {
        samples,
        epochs,
        rate,
        batch: 1,
        rule: Rule::Sgd,
        order: None,
        schedule: Decay::Constant,
        warmup: 0,
        noise: state.noise,
        features,
        average: Average::Last,
        steps: None,
        repeats: 0,
        seed: 1,
    };
    let size = state.model_size()?;
    let endless = answers::train(&model, &plan(ModelSize::Infinite))?;
    let mut view = View::default();
    // Sizes that training does not take are no reason to say nothing of infinitely many features.
    let own = match answers::train(&model, &fewer(&plan(size))?) {
        Err(refusal) if size != ModelSize::Infinite => {
            view.warnings.push(refusal.to_string());
            endless.clone()
        }
        found => found?,
    };
    let size = if view.warnings.is_empty() { size } else { ModelSize::Infinite };
    let last = own.rows.len().saturating_sub(1);
    let mut told = numbers(&own, last, &train::columns());
    let kept = ["step", "samples_seen", "theory", "theory_method", "unseen_mass"];
    told.retain(|number| kept.contains(&number["name"].as_str().unwrap_or_default()));
    view.numbers = told;
    view.warnings.extend(endless.notes.iter().cloned());
    view.words = vec![
        said(&own, &format!("With N = {}", short(state.features))),
        said(&endless, "With infinitely many features"),
    ];
    view.words.dedup();
    if size == ModelSize::Infinite {
        view.words.remove(0);
    }
    let panel = panel(state, size, &own, &endless);
    let description = format!(
        "Population loss along training by stochastic gradient descent with step size {} for {} \
         passes over {} samples. {}",
        short(rate),
        short(state.epochs),
        short(state.samples),
        view.words.join(" ")
    );
    let title = "Loss along training".to_owned();
    view.figures = vec![Drawn { name: "training", title, description, panel }.json(asked.narrow)?];
    view.copies = Some(Copies::of(state, Call::Train { features: size }));
    Ok(view)
}

/// The same run told after every second of its steps, the last among them: gradient flow with
/// finitely many features takes some 50 ms for each.
fn fewer(plan: &TrainingPlan) -> Result<TrainingPlan, Refusal> {
    let mut steps: Vec<f64> = answers::training_steps(plan)?
        .into_iter()
        .rev()
        .step_by(2)
        .map(|step| step as f64)
        .collect();
    steps.reverse();
    Ok(TrainingPlan { steps: Some(steps), ..plan.clone() })
}

/// The curves of theory, where there are any, above what no step shows.
fn panel(state: &State, size: ModelSize, own: &Rows, endless: &Rows) -> Panel {
    let column = |rows: &Rows, name: &str| -> Vec<(f64, f64)> {
        (0..rows.rows.len()).map(|row| (real(rows, row, "step"), real(rows, row, name))).collect()
    };
    let unseen = column(endless, "unseen_mass");
    let lines = (column(own, "theory"), column(endless, "theory"));
    let shown = lines.0.iter().chain(&lines.1).chain(&unseen).map(|(_, y)| *y);
    // A mean that grows without bound leaves the frame.
    let most = 1e4 * unseen.iter().map(|(_, y)| *y).fold(0.0, f64::max);
    let high = decade_above(unseen.last().map_or(10.0, |(x, _)| *x));
    let panel = Panel::new(
        "",
        Axis::log("steps on single samples", "").range(1.0, high),
        loss_axis("population loss", shown.filter(|y| *y < most)),
    )
    .with(theory("theory, $N = \\infty$", lines.1.clone(), Color::Series(0)));
    let is_told = lines.0.iter().any(|(_, y)| y.is_finite());
    let panel = if size == ModelSize::Infinite || !is_told {
        panel
    } else {
        let name = format!("theory, $N = {}$", short(state.features));
        panel
            .with(Points {
                name: name.clone(),
                points: lines.0.clone(),
                color: Color::Series(2),
                marker: Marker::Circle,
                ..Points::default()
            })
            .with(theory(name, lines.0, Color::Series(2)))
    };
    panel.with(Line { dash: Dash::Dotted, ..theory("variance not yet seen", unseen, Color::Muted) })
}

/// What theory says of the end of training.
fn said(rows: &Rows, who: &str) -> String {
    let last = rows.rows.len().saturating_sub(1);
    let (loss, method) = (real(rows, last, "theory"), word(rows, last, "theory_method"));
    match method {
        Some(method) if loss.is_finite() => {
            format!("{who} the loss after the last step is {}, by {method}.", short(loss))
        }
        _ => format!(
            "{who} the loss after the last step is not known: no theory tells of these steps, as they \
             are too large for gradient flow, the labels have noise, or the loss has left all bounds."
        ),
    }
}
