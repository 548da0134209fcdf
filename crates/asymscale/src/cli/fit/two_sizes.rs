//! A law of N and D: the fit with everything that is asked of it, in words, as JSON and as a
//! figure.

pub(super) mod analysis;
#[cfg(test)]
mod contradictions;
pub(super) mod figure;
pub(super) mod fitted;
pub(super) mod json;
pub(super) mod next;
pub(super) mod no_law;
pub(super) mod residuals;
pub(super) mod suspicions;
pub(super) mod words;
