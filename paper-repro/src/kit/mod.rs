//! What chapters share.
//!
//! `measures` is what plans and runs reach, and makes rows; `reports` is what reports reach
//! besides, and makes findings, panels and tables of them; `one_pass` and `epochs` have both, for
//! single passes and for several over the same samples. At the top stands what both use: kinds of
//! data, grids and seeds, texts, and the rows that are written and read back.

mod cases;
mod curves;
mod defects;
mod entries;
mod epochs;
mod measures;
mod one_pass;
mod reports;
mod texts;

pub use cases::{
    Case, SEED, features_around, local_exponent, log_grid, log_space, median_of, seed_of,
};
pub use curves::{Curve, Curves, curve_rows};
pub use defects::scaled;
pub use entries::{Entry, entries, entry_rows, merged};
pub use epochs::{
    EPOCH_EXCESS, EPOCH_RATE, EpochSeries, ORDERS, ResourceLaw, WORN, collapse_finding,
    collapse_panel, enough_finding, enough_panel, epoch_entries, epoch_entry, epoch_series,
    epochs_panel, flow_findings, input_entries, measured, one_pass, order_entries, orders_panel,
    power, replacement_loss, resource_entries, resource_facts, resource_panel, rule_entries,
    rule_in_words, rules_panel,
};
pub use measures::{
    BOOK_KINDS, HALF_WIDTHS, ISOFLOP_LAWS, Learner, OWN_SCALES, Paired, QUANTITIES, RealErrors,
    RunSizes, SETS, ShuffledText, Sizes, TrainedModel, approach_rows, bare_counts, best_split,
    coverage_entries, five_point_entries, flow_rows, incidence_spectrum, isoflop_bias,
    isoflop_entries, iterated_rows, lifted_rows, line_through_ranks, own_model_entries, own_runs,
    paired_losses, paired_rows, public_fit_entries, public_models, public_runs_version,
    real_error_entries, repeated_entries, repeated_runs_version, runs_of, settling_rows,
    signed_design, size_entries, take_out_teachers, trajectory_rows, word_activity,
};
pub use one_pass::{
    Fate, Pass, PassRule, PassSeries, RareCase, Recursion, RecursionSetting, SHOWN, Spikes,
    adagrad_mean_field, exponent_panel, lifetime_panel, map_panel, pass_panel, pass_rows,
    pass_table, spike_panel,
};
pub use reports::{
    Agreement, BestSplits, BookPoint, FINITE_SIZE, FORECASTS, InstabilityPoint, Ladder, Logarithm,
    Moments, Proportion, Rung, Rungs, SERIES_DRIFT, SPLIT_DRIFT, Series, Split, SplitQuantity,
    Spread, TRAJECTORY_DRIFT, Trajectories, approached, book_panels, book_point,
    bootstrap_interval, budget_panel, coverage_finding, coverage_moments, data_in_words, exponent,
    finite_size, forecast_summary, forecast_tables, fresh_finding, growth_condition,
    growth_exponent, growth_panel, input_precision, instability_panels, largest_score,
    learner_in_words, least, log_slope, nearer_finding, parabola_error, parabola_findings,
    proportion, proportion_finding, published_findings, ratio_panel, resolution, run_panels,
    score_margin, series_panel, series_table, settled, settling_panel, side_figure, steps_alone,
    text_in_words, threshold_panel, word_panels, z_bound,
};
pub use texts::{Text, text};
