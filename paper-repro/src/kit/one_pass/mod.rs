//! One pass over fresh samples: runs of several rules as rows, what is expected of them, and their
//! panels.

mod mean_field;
mod panels;
mod passes;
mod series;

pub use mean_field::adagrad_mean_field;
pub use panels::{exponent_panel, lifetime_panel, map_panel, pass_panel, spike_panel};
pub use passes::{Pass, PassRule, pass_rows};
pub use series::{PassSeries, pass_table};
