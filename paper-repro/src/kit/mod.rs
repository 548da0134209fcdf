//! What chapters share.
//!
//! `measures` is what plans and runs reach, and makes rows; `reports` is what reports reach
//! besides, and makes findings, panels and tables of them; `one_pass` has both for passes. At the
//! top stands what both use: kinds of data, grids and seeds, texts, and the rows that are written
//! and read back.

mod cases;
mod curves;
mod entries;
mod measures;
mod one_pass;
mod reports;
mod texts;

pub use cases::{
    Case, SEED, features_around, local_exponent, log_grid, log_space, median_of, seed_of,
};
pub use curves::{Curve, Curves, curve_rows};
pub use entries::{Entry, entries, entry_rows, merged};
pub use measures::{
    BOOK_KINDS, EPOCH_EXCESS, EPOCH_RATE, HALF_WIDTHS, ISOFLOP_LAWS, Learner, ORDERS, OWN_SCALES,
    Paired, QUANTITIES, RealErrors, ResourceLaw, RunSizes, SETS, ShuffledText, Sizes, TrainedModel,
    WORN, bare_counts, coverage_entries, epoch_entries, five_point_entries, incidence_spectrum,
    input_entries, isoflop_bias, isoflop_entries, lifted_rows, line_through_ranks, order_entries,
    own_model_entries, own_runs, paired_losses, paired_rows, public_fit_entries, public_models,
    public_runs_version, real_error_entries, repeated_entries, repeated_runs_version,
    resource_entries, rule_entries, runs_of, signed_design, size_entries, take_out_teachers,
    trajectory_rows, word_activity,
};
pub use one_pass::{
    Fate, Pass, PassRule, PassSeries, RareCase, Recursion, RecursionSetting, SHOWN, Spikes,
    adagrad_mean_field, exponent_panel, lifetime_panel, map_panel, pass_panel, pass_rows,
    pass_table, spike_panel,
};
pub use reports::{
    Agreement, BestSplits, BookPoint, EpochSeries, FINITE_SIZE, FORECASTS, InstabilityPoint,
    Ladder, Logarithm, Moments, Proportion, Rung, Rungs, SERIES_DRIFT, SPLIT_DRIFT, Series, Split,
    SplitQuantity, Spread, TRAJECTORY_DRIFT, Trajectories, book_panels, book_point,
    bootstrap_interval, budget_panel, collapse_finding, collapse_panel, coverage_finding,
    coverage_moments, data_in_words, enough_finding, enough_panel, epoch_entry, epoch_series,
    epochs_panel, excess, exponent, finite_size, flow_findings, forecast_summary, forecast_tables,
    fresh_finding, growth_condition, growth_exponent, growth_panel, input_precision,
    instability_panels, largest_score, learner_in_words, least, log_slope, measured,
    nearer_finding, one_pass, orders_panel, parabola_error, parabola_findings, power, proportion,
    proportion_finding, published_findings, ratio_panel, replacement_loss, resolution,
    resource_facts, resource_panel, rule_in_words, rules_panel, run_panels, score_margin,
    series_panel, series_table, settling, settling_panel, side_figure, steps_alone, text_in_words,
    threshold_panel, word_panels, z_bound,
};
pub use texts::{Text, text};
