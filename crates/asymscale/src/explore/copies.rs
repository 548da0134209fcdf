//! A question of the page as it is asked elsewhere: on the command line, in Python, in Rust.

use super::state::State;
use crate::cli::output::as_given;
use crate::model::{Amplitude, ModelSize};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;

/// What is asked of the model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Call {
    Loss { features: f64, samples: f64 },
    Frontier { compute: f64 },
    Train { features: ModelSize },
    Instability { samples: f64, rate: f64 },
}

/// One question in three languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Copies {
    command: String,
    python: String,
    rust: String,
}

impl Copies {
    /// The question about the model of a state.
    pub(crate) fn of(state: &State, call: Call) -> Self {
        Self { command: command(state, call), python: python(state, call), rust: rust(state, call) }
    }

    pub(crate) fn json(&self) -> Json {
        json!({ "command": self.command, "python": self.python, "rust": self.rust })
    }
}

/// Ridge and noise where they are not 0, in the words of a language.
pub(super) fn regression(state: &State, word: impl Fn(&str, f64) -> String) -> String {
    let given = [("ridge", state.ridge), ("noise", state.noise)];
    given
        .iter()
        .filter(|(_, value)| *value != 0.0)
        .map(|(name, value)| word(name, *value))
        .collect()
}

fn command(state: &State, call: Call) -> String {
    let model = state.model_words();
    let flag = |name: &str, value: f64| format!(" --{name} {}", as_given(value));
    let learner = regression(state, flag);
    match call {
        Call::Loss { features, samples } => format!(
            "asymscale loss{model}{}{}{learner}",
            flag("features", features),
            flag("samples", samples)
        ),
        Call::Frontier { compute } => {
            format!("asymscale frontier{model}{}{learner}", flag("compute", compute))
        }
        Call::Train { features } => {
            let noise = if state.noise == 0.0 { String::new() } else { flag("noise", state.noise) };
            format!(
                "asymscale train{model}{}{}{}{noise}{} --repeats 0",
                flag("samples", state.samples),
                flag("epochs", state.epochs),
                flag("rate", state.rate),
                flag("features", features.as_f64())
            )
        }
        Call::Instability { samples, rate } => {
            format!(
                "asymscale instability{model}{}{}",
                flag("samples", samples),
                flag("rate", rate)
            )
        }
    }
}

/// A number in Python; infinity is a name to import.
fn python_number(value: f64) -> String {
    if value.is_infinite() { "float(\"inf\")".to_owned() } else { as_given(value) }
}

fn python(state: &State, call: Call) -> String {
    let mut text = format!(
        "import asymscale\n\nmodel = asymscale.Model(alpha={}, beta={}, onset={}",
        python_number(state.alpha),
        python_number(state.beta),
        python_number(state.onset)
    );
    if let Some(exponent) = state.target_exponent {
        let _ = write!(text, ", target_exponent={}", python_number(exponent));
    }
    if state.amplitude != Amplitude::Gaussian {
        let _ = write!(text, ", amplitude=\"{}\"", state.amplitude);
    }
    let learner = regression(state, |name, value| format!(", {name}={}", python_number(value)));
    let asked = match call {
        Call::Loss { features, samples } => format!(
            "loss(features={}, samples={}{learner})",
            python_number(features),
            python_number(samples)
        ),
        Call::Frontier { compute } => {
            format!("frontier(compute={}{learner})", python_number(compute))
        }
        Call::Train { features } => {
            let noise = match state.noise {
                0.0 => String::new(),
                noise => format!(", noise={}", python_number(noise)),
            };
            format!(
                "train(samples={}, rate={}, epochs={}, features={}{noise}, repeats=0)",
                python_number(state.samples),
                python_number(state.rate),
                python_number(state.epochs),
                python_number(features.as_f64())
            )
        }
        Call::Instability { samples, rate } => {
            format!("instability(samples={}, rate={})", python_number(samples), python_number(rate))
        }
    };
    let _ = write!(text, ")\nprint(model.{asked})\n");
    text
}

/// A number in Rust, with a point or an exponent.
fn rust_number(value: f64) -> String {
    if value.is_infinite() { "f64::INFINITY".to_owned() } else { format!("{value:?}") }
}

fn rust(state: &State, call: Call) -> String {
    let mut names = vec!["Activity", "Amplitude", "Coordinates", "SparseModel", "Spectrum"];
    if state.target_exponent.is_some() {
        names.push("Teacher");
    }
    let regression =
        format!("Regression::new({}, {})?", rust_number(state.ridge), rust_number(state.noise));
    let (further, asked) = match call {
        Call::Loss { features, samples } => {
            names.push("Regression");
            let asked = format!(
                "answers::loss(&model, {}, &[{}], {regression})?",
                rust_number(samples),
                rust_number(features)
            );
            (String::new(), asked)
        }
        Call::Frontier { compute } => {
            let budget = format!(
                "    let budget = Budget {{\n        compute: {},\n        factor: 1.0,\n        ridge: \
                 Ridge::Fixed({}),\n        noise: {},\n    }};\n",
                rust_number(compute),
                rust_number(state.ridge),
                rust_number(state.noise)
            );
            (budget, "answers::frontier(&model, budget)?".to_owned())
        }
        Call::Train { features } => {
            names.extend(["Decay", "ModelSize"]);
            (plan(state, features), "answers::train(&model, &plan)?".to_owned())
        }
        Call::Instability { samples, rate } => {
            let (samples, rate) = (rust_number(samples), rust_number(rate));
            (String::new(), format!("answers::instability(&model, {samples}, {rate})?"))
        }
    };
    names.sort_unstable();
    let imports = match call {
        Call::Frontier { .. } => "use asymscale::theory::{Budget, Ridge};\n",
        Call::Train { .. } => {
            "use asymscale::answers::TrainingPlan;\nuse asymscale::dynamics::{Average, Rule};\n"
        }
        _ => "",
    };
    let law = match state.amplitude {
        Amplitude::Rademacher => "Amplitude::Rademacher",
        Amplitude::Gaussian => "Amplitude::Gaussian",
    };
    let teacher = state.target_exponent.map_or_else(String::new, |exponent| {
        let exponent = rust_number(exponent);
        format!("    let model = model.with_teacher(Teacher::power_law({exponent})?)?;\n")
    });
    format!(
        "use asymscale::answers;\nuse asymscale::model::{{{}}};\n{imports}\n\
         fn main() -> Result<(), Box<dyn std::error::Error>> {{\n    \
         let spectrum = Spectrum::power_law({})?;\n    \
         let activity = Activity::power_law({}, {})?;\n    \
         let model = SparseModel::new(spectrum, activity, {law}, Coordinates::default())?;\n\
         {teacher}{further}    let rows = {asked};\n    println!(\"{{rows:#?}}\");\n    Ok(())\n}}\n",
        names.join(", "),
        rust_number(state.alpha),
        rust_number(state.beta),
        rust_number(state.onset)
    )
}

fn plan(state: &State, features: ModelSize) -> String {
    let size = match features.finite() {
        Some(n) => format!("ModelSize::Finite({n})"),
        None => "ModelSize::Infinite".to_owned(),
    };
    let fields = [
        ("samples", (state.samples as u64).to_string()),
        ("epochs", (state.epochs as u64).to_string()),
        ("rate", rust_number(state.rate)),
        ("batch", "1".to_owned()),
        ("rule", "Rule::Sgd".to_owned()),
        ("order", "None".to_owned()),
        ("schedule", "Decay::Constant".to_owned()),
        ("warmup", "0".to_owned()),
        ("noise", rust_number(state.noise)),
        ("features", size),
        ("average", "Average::Last".to_owned()),
        ("steps", "None".to_owned()),
        ("repeats", "0".to_owned()),
        ("seed", "1".to_owned()),
    ];
    let lines: Vec<String> =
        fields.iter().map(|(name, value)| format!("        {name}: {value},\n")).collect();
    format!("    let plan = TrainingPlan {{\n{}    }};\n", lines.concat())
}
