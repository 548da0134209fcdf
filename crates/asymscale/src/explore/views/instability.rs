//! Which step sizes are stable: full-batch descent on one design, and single steps of one pass.

use super::{Asked, View, percent};
use crate::answers::{self, Refusal};
use crate::cli::instability;
use crate::explore::copies::{Call, Copies};
use crate::explore::figures::{Drawn, here, spaced, theory};
use crate::explore::state::State;
use crate::explore::told::{numbers, real, short};
use asymscale_plots::{Axis, Color, Dash, Line, Panel, Reference};

/// Step sizes of the figure, and the least probability that it shows.
const RATES: (f64, f64, usize) = (1e-3, 10.0, 17);
const LEAST: f64 = 1e-6;

pub(super) fn view(state: &State, asked: Asked) -> Result<View, Refusal> {
    let model = state.model()?;
    let (samples, rate) = (state.samples, answers::positive("rate", state.rate)?);
    answers::size("samples", samples)?;
    let pass = answers::instability_of_pass(&model, samples, rate, 1)?;
    let law = answers::instability(&model, samples, rate)?;
    let explained = instability::columns();
    let mut told = numbers(&law, 0, &explained[..1].to_vec());
    let mut further = numbers(&pass, 0, &explained[2..].to_vec());
    further.retain(|number| number["name"] != "samples" && number["name"] != "rate");
    rename(&mut told, "probability", "probability of divergence");
    rename(&mut further, "probability", "probability of a spike");
    told.retain(|number| !matches!(number["name"].as_str(), Some("samples" | "rate" | "method")));
    told.extend(further);
    let (low, high) = (RATES.0.min(rate / 2.0), RATES.1.max(2.0 * rate));
    let mut lines = (Vec::new(), Vec::new());
    for rate in spaced(low, high, RATES.2) {
        let of = |rows: answers::Rows| (rate, real(&rows, 0, "probability"));
        lines.0.push(of(answers::instability(&model, samples, rate)?));
        lines.1.push(of(answers::instability_of_pass(&model, samples, rate, 1)?));
    }
    let diverges = real(&law, 0, "probability");
    let (spikes, largest) = (real(&pass, 0, "probability"), real(&pass, 0, "largest_stable_rate"));
    let mut panel = Panel::new(
        "",
        Axis::log("step size $\\eta$", "").range(low, high),
        Axis::log("probability", "").range(LEAST, 2.0),
    )
    .with(theory("full-batch descent diverges", lines.0, Color::Series(0)))
    .with(Line {
        dash: Dash::Dashed,
        ..theory("a step of one pass spikes", lines.1, Color::Series(2))
    });
    if largest > low && largest < high {
        panel = panel.with(Reference::vertical(largest, "mean loss bounded below"));
    }
    let panel = panel.with(here(rate, diverges));
    let description = format!(
        "Probability against the step size, on {} samples. At step size {} full-batch gradient \
         descent diverges with probability {}, and one pass over the samples has a step that \
         overshoots with probability {}.",
        short(samples),
        short(rate),
        short(diverges),
        short(spikes)
    );
    let mut view = View { numbers: told, ..View::default() };
    view.words = vec![
        format!(
            "Full-batch gradient descent with this step diverges on {} of designs of {} samples.",
            percent(diverges),
            short(samples)
        ),
        if largest > 0.0 {
            format!(
                "In one pass the mean loss stays bounded for steps below {}; this step is {}.",
                short(largest),
                if rate < largest { "smaller" } else { "larger" }
            )
        } else {
            "In one pass no step size keeps the mean loss bounded, as rare coordinates are large: \
             typical runs live for a while all the same."
                .to_owned()
        },
    ];
    view.warnings = law.notes.iter().chain(&pass.notes).cloned().collect();
    let title = "Instability against the step size".to_owned();
    view.figures =
        vec![Drawn { name: "instability", title, description, panel }.json(asked.narrow)?];
    view.copies = Some(Copies::of(state, Call::Instability { samples, rate }));
    Ok(view)
}

/// Two answers have a column of this name.
fn rename(numbers: &mut [serde_json::Value], from: &str, to: &str) {
    if let Some(number) = numbers.iter_mut().find(|number| number["name"] == from) {
        number["name"] = to.into();
    }
}
