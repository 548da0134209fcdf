//! The exponent of a power law from losses at distinct sizes: log-log slopes with their intervals.
//!
//! This room must not know any parametric law of training runs or any count of activations.
//!
//! | I want … | file |
//! |---|---|
//! | the losses, and where their errors come from | `series.rs` |
//! | the exponent with its interval | `slope.rs` |
//! | which sizes enter the fit | `window.rs` |
//! | the exponent from size to size | `local.rs` |
//! | logarithms of means or medians with their errors | `estimate.rs` |
//! | weighted lines and parabolas | `polynomial.rs` |
//! | intervals from resampled designs | `bootstrap.rs` |

mod bootstrap;
mod estimate;
mod local;
mod polynomial;
pub(crate) mod series;
mod slope;
mod window;

pub use estimate::Center;
pub use local::{LocalSlope, Spacing, local_slopes};
pub use series::{Blocks, Series};
pub use slope::{Curvature, Interval, PowerLaw, SlopeOptions, Weights, power_law_slope};
pub use window::{ChosenWindow, Window, WindowReason, WindowRule};
