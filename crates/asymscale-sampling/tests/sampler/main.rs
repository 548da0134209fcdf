//! The samplers against their laws. Statistical tests state α (the chance that a right sampler
//! fails), n and the seed.

mod counts;
mod covariance;
mod one_hot;
mod planted;
mod rank;
mod requests;
mod seen_law;
mod streams;
mod support;
mod unseen;
