//! The chapters, in the order a reader wants them. Their sources are in `chapters/`, named as they
//! are.

use crate::Chapter;

#[path = "../chapters/06-compute-optimal.rs"]
pub(crate) mod compute_optimal;
#[path = "../chapters/02-double-descent.rs"]
mod double_descent;
#[path = "../chapters/15-epochs.rs"]
mod epochs;
#[path = "../chapters/10-finite-size.rs"]
mod finite_size;
#[path = "../chapters/07-gradient-descent.rs"]
mod gradient_descent;
#[path = "../chapters/08-instability.rs"]
mod instability;
#[path = "../chapters/09-nonlinear.rs"]
mod nonlinear;
#[path = "../chapters/14-one-pass.rs"]
mod one_pass;
#[path = "../chapters/05-phase-diagram.rs"]
mod phase_diagram;
#[path = "../chapters/12-practitioners.rs"]
mod practitioners;
#[path = "../chapters/11-real-data.rs"]
mod real_data;
#[path = "../chapters/13-real-design.rs"]
mod real_design;
#[path = "../chapters/01-the-model.rs"]
mod the_model;
#[path = "../chapters/03-two-exponents.rs"]
mod two_exponents;
#[path = "../chapters/04-unseen-bottleneck.rs"]
mod unseen_bottleneck;

/// All chapters.
pub fn chapters() -> Vec<Chapter> {
    vec![
        the_model::CHAPTER,
        double_descent::CHAPTER,
        two_exponents::CHAPTER,
        unseen_bottleneck::CHAPTER,
        phase_diagram::CHAPTER,
        compute_optimal::CHAPTER,
        gradient_descent::CHAPTER,
        instability::CHAPTER,
        nonlinear::CHAPTER,
        finite_size::CHAPTER,
        real_data::CHAPTER,
        practitioners::CHAPTER,
        real_design::CHAPTER,
        one_pass::CHAPTER,
        epochs::CHAPTER,
    ]
}
