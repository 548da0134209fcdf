//! One pass over fresh samples: runs of several rules as rows, what is expected of them, and their
//! panels.

mod exact;
mod mean_field;
mod panels;
mod passes;
mod rare;
mod series;

pub use exact::{Recursion, RecursionSetting};
pub use mean_field::adagrad_mean_field;
pub use panels::{SHOWN, exponent_panel, lifetime_panel, map_panel, pass_panel, spike_panel};
pub use passes::{Pass, PassRule, pass_rows};
pub use rare::{Fate, RareCase, Spikes};
pub use series::{PassSeries, pass_table};
