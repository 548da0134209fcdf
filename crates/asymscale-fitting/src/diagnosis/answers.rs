//! What a diagnosis answers, in words and to particular questions.
//!
//! This room reads fitted laws and forecasts, and must not fit or forecast anything itself.
//!
//! | I want … | file |
//! |---|---|
//! | the kind of population, and the verdict in plain sentences | `verdict.rs` |
//! | what a reader must know before relying on it | `caveats.rs` |
//! | samples until features are active so often, dead features, useful epochs | `questions.rs` |

pub(crate) mod caveats;
pub(crate) mod questions;
pub(crate) mod verdict;
