//! What chapters share to measure: everything here is reached by plans and runs, and ends in rows.

mod best_split;
mod book_designs;
mod flow_theory;
mod isoflop_bias;
mod lifted;
mod nonlinear;
mod own_runs;
mod public_fits;
mod public_runs;
mod real_errors;
mod repeated_runs;
mod shuffled_text;
mod trajectories;

pub use best_split::best_split;
pub use book_designs::{BOOK_KINDS, incidence_spectrum, signed_design, word_activity};
pub use flow_theory::{approach_rows, flow_rows, settling_rows};
pub use isoflop_bias::{HALF_WIDTHS, ISOFLOP_LAWS, isoflop_bias, isoflop_entries};
pub use lifted::lifted_rows;
pub use nonlinear::{Learner, Paired, Sizes, paired_losses, paired_rows};
pub use own_runs::{OWN_SCALES, own_model_entries, own_runs};
pub(in crate::kit) use public_fits::{PUBLISHED, TARGETS};
pub use public_fits::{coverage_entries, five_point_entries, public_fit_entries, size_entries};
pub use public_runs::{RunSizes, SETS, TrainedModel, public_models, public_runs_version, runs_of};
pub use real_errors::{QUANTITIES, RealErrors, real_error_entries};
pub(in crate::kit) use repeated_runs::repeated_runs;
pub use repeated_runs::{repeated_entries, repeated_runs_version};
pub use shuffled_text::{ShuffledText, bare_counts, line_through_ranks};
pub use trajectories::{iterated_rows, take_out_teachers, trajectory_rows};
