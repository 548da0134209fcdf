//! Epochs over the same samples: runs of several rules and orders as rows, laws of public runs with
//! repeated data, what is expected of them, and their findings and panels.

mod findings;
mod panels;
mod resource_laws;
mod runs;
mod series;

pub use findings::{collapse_finding, enough_finding, flow_findings, measured, power};
pub use panels::{
    collapse_panel, enough_panel, epoch_entry, epochs_panel, one_pass, orders_panel,
    resource_facts, resource_panel, rule_in_words, rules_panel,
};
pub use resource_laws::{ResourceLaw, WORN, resource_entries};
pub use runs::{
    EPOCH_EXCESS, EPOCH_RATE, ORDERS, epoch_entries, input_entries, order_entries, rule_entries,
};
pub use series::{EpochSeries, epoch_series, replacement_loss};
