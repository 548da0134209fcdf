//! Objectives under which runs above the law count less: badly tuned runs.

use asymscale_fitting::{FitOptions, FittingError, Objective, Parameters, Runs, fit_law};

const TRUTH: Parameters = Parameters { e: 1.8, a: 480.0, b: 2000.0, alpha: 0.35, beta: 0.37 };

/// 20 sizes with 16 settings each: the best is 0.1 % off the law or less, the others up to 8 %
/// above it.
fn sweep() -> Runs {
    let mut state = 5_u64;
    let mut uniform = || {
        // Knuth's linear congruential generator; its upper bits.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let (mut n, mut d, mut losses) = (Vec::new(), Vec::new(), Vec::new());
    for size in 0..20 {
        for setting in 0..16 {
            n.push(2e7 * 4_f64.powi(size % 5));
            d.push(1e9 * 4_f64.powi(size / 5));
            let above = 0.08 * (f64::from(setting) / 15.0).powi(2);
            let error = above + 0.002 * (uniform() - 0.5);
            losses.push(TRUTH.loss(n[n.len() - 1], d[d.len() - 1]) * error.exp());
        }
    }
    Runs::new(&n, &d, &losses).unwrap()
}

fn fit(above: f64, delta: f64) -> asymscale_fitting::Fit {
    let objective = Objective::AsymmetricHuberLog { delta, above };
    fit_law(&sweep(), &FitOptions { objective, ..FitOptions::default() }).unwrap()
}

/// Badly tuned runs raise the law of the symmetric objective by their median, 2 %; of the
/// asymmetric one by their quantile, of one in 21, 0.06 %.
#[test]
fn a_law_below_badly_tuned_runs_is_found() {
    let off = |fit: &asymscale_fitting::Fit| {
        let worst = |(n, d): (&f64, &f64)| (fit.parameters.loss(*n, *d) / TRUTH.loss(*n, *d)).ln();
        let runs = fit.runs();
        runs.features()
            .iter()
            .zip(runs.samples())
            .map(worst)
            .fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a })
    };
    let (symmetric, asymmetric) = (fit(1.0, 1e-3), fit(0.05, 1e-3));
    assert!(off(&symmetric) > 0.01, "{}", off(&symmetric));
    assert!(off(&asymmetric).abs() < 0.003, "{}", off(&asymmetric));
    assert!(
        (asymmetric.parameters.alpha - 0.35).abs() < 0.02
            && (asymmetric.parameters.beta - 0.37).abs() < 0.02
    );
    assert!(2 * asymmetric.starts.best >= asymmetric.starts.total, "{:?}", asymmetric.starts);
}

/// Where δ is far below all residuals, E balances rows above (each `above`) and below (each 1), up
/// to those that the law goes through: as many as it has parameters.
#[test]
fn the_weight_sets_the_share_of_runs_below() {
    for above in [0.05, 0.2, 0.5, 1.0] {
        let residuals = fit(above, 1e-5).residuals();
        let count =
            |side: &dyn Fn(f64) -> bool| residuals.iter().filter(|r| side(**r)).count() as f64;
        let (over, under) = (count(&|r| r > 1e-5), count(&|r| r < -1e-5));
        assert!((above * over - under).abs() <= 5.0, "{above}: {over} above, {under} below");
    }
}

#[test]
fn a_weight_out_of_range_is_refused() {
    for above in [0.0, -1.0, 1.5, f64::NAN] {
        let objective = Objective::AsymmetricHuberLog { delta: 1e-3, above };
        let error =
            fit_law(&sweep(), &FitOptions { objective, ..FitOptions::default() }).unwrap_err();
        assert!(matches!(error, FittingError::Weight(_)), "{error}");
        assert_eq!(
            error.to_string(),
            format!("weight of runs above the law = {above}: must be in (0, 1]")
        );
    }
}
