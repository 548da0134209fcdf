//! Kinds of data, learners and texts in the words of findings, tables and the ledger.

use crate::kit::{Case, Learner};
use asymscale_solvers::Activation;

/// A kind of data: dense, or by its exponent of activity and its onset, with the law of its
/// amplitudes unless that is Gaussian.
pub fn data_in_words(case: &Case) -> String {
    let amplitudes = if case.label == case.name { "" } else { ", Rademacher amplitudes" };
    if case.beta == 0.0 {
        format!("dense data{amplitudes}")
    } else {
        format!("β = {}, c = {}{amplitudes}", case.beta, case.onset)
    }
}

/// The features of a learner.
pub fn learner_in_words(learner: &Learner) -> String {
    let units = match learner.activation {
        Activation::Relu => "ReLU",
        Activation::Gelu => "GELU",
        Activation::Silu => "SiLU",
        Activation::IdentityErf(_) => "u + erf(u)",
        _ => learner.activation.name(),
    };
    let scale =
        if learner.scale == 1.0 { String::new() } else { format!(" of scale {}", learner.scale) };
    let path = if learner.path == 0.0 { "" } else { " beside linear units" };
    format!("{units}{scale}{path}")
}

/// A text by its name in rows.
pub fn text_in_words(name: &str) -> &str {
    match name {
        "kjv" => "King James Bible",
        "austen" => "Austen",
        "shakespeare" => "Shakespeare",
        _ => name,
    }
}
