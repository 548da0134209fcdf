//! What is said where no law is told: the runs are of several kinds, or do not show that the loss
//! depends on N and D.

use super::analysis::{Analysis, falls, rises};
use crate::cli::fit::answer::digits::p_value;
use crate::fitting::Evidence;

/// Why no law is told, and what would help.
pub(in crate::cli::fit) fn why_no_law(analysis: &Analysis) -> String {
    match &analysis.mixed {
        Some(why) => why.clone() + "\n",
        None => no_signal(analysis),
    }
}

/// The runs do not show what a law would be of.
fn no_signal(analysis: &Analysis) -> String {
    let signal = &analysis.signal;
    let p = |evidence: &Evidence| p_value(evidence.p_value);
    let rising =
        [("N", &signal.features), ("D", &signal.samples)].into_iter().find(|(_, of)| rises(of));
    if let Some((size, evidence)) = rising {
        let what = if analysis.measured.is_accuracy() {
            "an accuracy does, and --transform complement makes a loss of it"
        } else {
            "if it is an accuracy, --transform complement; if runs differ in something else, --filter-column"
        };
        return format!(
            "The loss rises with {size} ({}): a law of losses that fall is not fitted; {what}.\n",
            p(evidence)
        );
    }
    let tell = |size: &str| runs_that_tell(analysis, size);
    match (falls(&signal.any), falls(&signal.features), falls(&signal.samples)) {
        (_, true, false) => format!(
            "The loss falls with N ({}); that it depends on D beside N these runs do not show ({}): no exponent in D, no best N and D. \
             {}\n",
            p(&signal.features),
            p(&signal.samples),
            tell("D")
        ),
        (_, false, true) => format!(
            "The loss falls with D ({}); that it depends on N beside D these runs do not show ({}): no exponent in N, no best N and D. \
             {}\n",
            p(&signal.samples),
            p(&signal.features),
            tell("N")
        ),
        (true, ..) => format!(
            "The loss falls with N and D together ({}), and these runs cannot tell what is due to which (D beside N: {}, N beside D: \
             {}): no exponents, no best N and D. {}\n",
            p(&signal.any),
            p(&signal.samples),
            p(&signal.features),
            tell("N and D")
        ),
        (false, ..) => format!(
            "The loss depends on neither N nor D beyond its errors ({}): no law is told. {}\n",
            p(&signal.any),
            tell("N and D")
        ),
    }
}

/// What to run next where a dependence is not shown.
fn runs_that_tell(analysis: &Analysis, size: &str) -> String {
    let runs = analysis.fit.runs();
    if runs.losses().iter().all(|loss| *loss == runs.losses()[0]) {
        return "All losses are equal: look whether the column is the right one, or is cut or rounded."
            .to_owned();
    }
    let span = |values: &[f64]| {
        let (least, most) =
            values.iter().fold((f64::INFINITY, 0.0_f64), |(a, b), &v| (a.min(v), b.max(v)));
        most / least
    };
    let wide = [("N", span(runs.features())), ("D", span(runs.samples()))];
    let narrow = wide.iter().any(|(name, span)| size.contains(name) && *span < 10.0);
    let other = if size == "D" { "at the same N" } else { "at the same D" };
    match (size, narrow) {
        ("N and D", true) => "Runs that would tell: N over a factor of ten and more at the same D, and D at the same N.".to_owned(),
        ("N and D", false) => {
            "Runs that would tell: more of them, N varied at the same D and D at the same N, or of smaller errors.".to_owned()
        }
        (_, true) => format!("Runs that would tell: {size} over a factor of ten and more, {other}."),
        (_, false) => format!("Runs that would tell: more of them with {size} varied {other}, or of smaller errors."),
    }
}
