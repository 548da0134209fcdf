//! Traces and losses from random probes against the decomposition of the same design.

#[path = "../common/mod.rs"]
mod common;
mod roots;

use asymscale_sampling::{Column, Design, Key};
use asymscale_solvers::{
    DesignSpectrum, Regression, SolverError, StochasticSpectrum, residual_mass,
};
use common::{design, rademacher};

fn both(design: &Design, probes: usize, seed: u64) -> (DesignSpectrum, StochasticSpectrum) {
    (
        DesignSpectrum::new(design).unwrap(),
        StochasticSpectrum::new(design, probes, &Key::new(seed)).unwrap(),
    )
}

/// How often a 95 % interval of Student's law with 31 degrees of freedom holds what it is for.
struct Coverage {
    held: usize,
    tried: usize,
}

impl Coverage {
    fn of(differences: &[f64], errors: &[f64]) -> Self {
        let held = differences.iter().zip(errors).filter(|(d, e)| d.abs() <= 2.040 * **e).count();
        Self { held, tried: differences.len() }
    }

    /// n = 400 intervals of independent probes: 380 ± 4.4 if the level is 95 %. Sums of many
    /// Rademacher products are nearly normal, not exactly: levels from 92.5 % on are let pass, four
    /// standard deviations (two-sided alpha 6e-5) on either side.
    fn check(&self, what: &str) {
        assert!(
            self.tried == 400 && (349..=398).contains(&self.held),
            "{what}: {} of 400",
            self.held
        );
    }
}

#[test]
fn intervals_of_traces_and_losses_hold_the_exact_value() {
    let design = design(1.0, 1.5, 1.0, 0, 400, 1);
    let exact = DesignSpectrum::new(&design).unwrap();
    let all: Vec<StochasticSpectrum> = (0..400)
        .map(|seed| StochasticSpectrum::new(&design, 32, &Key::new(seed)).unwrap())
        .collect();
    let kappa = 2e-3;
    let share = |s: &f64| s / (s + kappa);
    let df1: f64 = exact.eigenvalues().iter().map(share).sum();
    let df2: f64 = exact.eigenvalues().iter().map(|s| share(s).powi(2)).sum();
    let traces: Vec<_> = all.iter().map(|spectrum| spectrum.traces(kappa).unwrap()).collect();
    for (what, value) in [("df1", df1), ("df2", df2)] {
        let read =
            |t: &asymscale_solvers::TraceEstimates| if what == "df1" { t.df1 } else { t.df2 };
        let differences: Vec<f64> = traces.iter().map(|t| read(t).value - value).collect();
        let errors: Vec<f64> = traces.iter().map(|t| read(t).standard_error).collect();
        Coverage::of(&differences, &errors).check(what);
    }
    let half = (exact.rank() / 2) as f64;
    let cases = [
        ("ridgeless", half, Regression::default()),
        ("noisy", half, Regression::new(0.0, 0.1).unwrap()),
        ("ridge", half, Regression::new(1e-3, 0.1).unwrap()),
        ("ridge, N = inf", f64::INFINITY, Regression::new(1e-3, 0.1).unwrap()),
        ("noisy above the rank", 4.0 * half, Regression::new(0.0, 0.1).unwrap()),
    ];
    for (what, features, regression) in cases {
        let value = exact.averaged_loss(features, regression).unwrap();
        let found: Vec<_> =
            all.iter().map(|s| s.averaged_loss(features, regression).unwrap()).collect();
        let differences: Vec<f64> = found.iter().map(|e| e.loss - value).collect();
        let errors: Vec<f64> = found.iter().map(|e| e.standard_error).collect();
        Coverage::of(&differences, &errors).check(what);
        // Off the diagonal there is little: 32 probes do for 2 %, where one with normal entries
        // would have an error of 25 % and more.
        assert!(errors.iter().all(|error| *error > 0.0 && *error < 0.02 * value), "{what}");
        assert!(found.iter().all(|e| e.residual <= 1e-9 && e.steps > 0), "{what}");
    }
}

/// The next order from probes against that of the decomposition, where it counts: few features, a
/// ridge, noise, few samples. Over 100 sets of probes the means agree within four of their own
/// standard errors (12 comparisons, alpha 8e-4) and a tenth of one estimate's (the bias of a ratio
/// of means), and 95 % intervals hold the exact value 88 times at least (4 standard deviations
/// below).
#[test]
fn the_next_order_is_that_of_the_decomposition() {
    let cases = [
        (1.0, 1.5, 1.0, 80, Regression::default()),
        (0.5, 2.0, 2.0, 50, Regression::default()),
        (1.0, 1.5, 1.0, 300, Regression::new(1e-3, 0.0).unwrap()),
        (1.0, 1.5, 3.0, 200, Regression::new(1e-2, 0.2).unwrap()),
    ];
    for (alpha, beta, onset, samples, regression) in cases {
        let design = design(alpha, beta, onset, 0, samples, 1);
        let exact = DesignSpectrum::new(&design).unwrap();
        let all: Vec<StochasticSpectrum> = (0..100)
            .map(|seed| StochasticSpectrum::new(&design, 32, &Key::new(seed)).unwrap())
            .collect();
        for share in [0.1, 0.3, 0.6] {
            let features = (share * exact.rank() as f64).round().max(2.0);
            let value = exact.corrected_loss(features, regression).unwrap();
            assert!(value.truncation.is_finite());
            let found: Vec<_> =
                all.iter().map(|s| s.corrected_loss(features, regression).unwrap()).collect();
            let mean = found.iter().map(|e| e.loss).sum::<f64>() / 100.0;
            let error = (found.iter().map(|e| (e.loss - mean).powi(2)).sum::<f64>() / 99.0).sqrt();
            let case = format!(
                "α {alpha}, D {samples}, {regression:?}, N {features}: {mean} {value:?} ± {error}"
            );
            assert!((mean - value.loss).abs() < (0.4 + 0.1) * error, "{case}");
            let held =
                found.iter().filter(|e| (e.loss - value.loss).abs() <= 2.040 * e.standard_error);
            assert!(held.count() >= 88, "{case}");
            // Of probes that scatter by a few per cent: what is left out by half of it.
            let truncation = found.iter().map(|e| e.truncation).sum::<f64>() / 100.0;
            assert!((truncation / value.truncation - 1.0).abs() < 0.5, "{case}: {truncation}");
        }
    }
}

#[test]
fn rank_residual_and_the_interpolated_loss_are_exact() {
    let (mut collisions, mut lower) = (0, 0);
    for seed in 0..20 {
        let designs = [
            design(1.0, 1.5, 1.0, 0, 300, seed),
            design(1.0, 1.5, 3.0, 0, 300, seed),
            design(0.5, 2.5, 4.5, 0, 300, seed),
            rademacher(1.0, 1.5, 1.0, 300, seed),
            rademacher(1.0, 1.5, 2.0, 30, seed),
        ];
        for (n, design) in designs.iter().enumerate() {
            let (exact, probed) = both(design, 2, seed);
            collisions += design.seen() - exact.rank();
            // Rademacher columns may depend on each other where continuous ones would not: both
            // see that.
            lower += usize::from(n >= 3 && exact.rank() < design.rank());
            assert_eq!(exact.rank(), probed.rank(), "design {n}, seed {seed}");
            let features = (2 * exact.rank()) as f64;
            for (a, b) in [
                (exact.residual_mass(), probed.residual_mass()),
                (exact.exact_overparameterized(features, 0.0).unwrap(), {
                    let estimate = probed.averaged_loss(features, Regression::default()).unwrap();
                    assert_eq!(estimate.standard_error, 0.0);
                    estimate.loss
                }),
            ] {
                // Two factorisations of what is undetermined, each good to rounding times its
                // condition.
                assert!((a / b - 1.0).abs() < 1e-9, "design {n}, seed {seed}: {a} {b}");
            }
        }
    }
    // Of 100 designs each, of other seeds, none and 8: 1.6 of these 40 expected, more than 6 by one
    // chance in a thousand.
    assert!((1..=6).contains(&lower), "{lower} of 40");
    assert!(
        collisions > 100,
        "{collisions}: a test without undetermined coordinates shows nothing"
    );
}

#[test]
fn a_size_has_the_same_loss_in_any_company() {
    let design = design(1.0, 1.5, 1.0, 0, 1000, 1);
    let spectrum = StochasticSpectrum::new(&design, 20, &Key::new(3)).unwrap();
    let curve = |sizes: &[f64]| spectrum.averaged_curve(sizes, Regression::default()).unwrap();
    assert_eq!(curve(&[100.0])[0], curve(&[10.0, 100.0, 200.0])[1]);
}

#[test]
fn more_probes_make_less_error() {
    let design = design(1.0, 1.5, 1.0, 0, 1000, 1);
    let error = |probes| {
        let spectrum = StochasticSpectrum::new(&design, probes, &Key::new(3)).unwrap();
        spectrum.averaged_loss(100.0, Regression::default()).unwrap().standard_error
    };
    // 1/√n: a factor of 4, each error known to 1/√(2n), 13 % and 3 %: three of these are allowed.
    let ratio = error(32) / error(512);
    assert!((2.4..5.6).contains(&ratio), "{ratio}");
}

#[test]
fn nothing_seen_and_bad_requests() {
    let nothing = Design::from_columns(3, Vec::<Column>::new(), 0.75).unwrap();
    let spectrum = StochasticSpectrum::new(&nothing, 2, &Key::new(1)).unwrap();
    let loss =
        |n, ridge| spectrum.averaged_loss(n, Regression::new(ridge, 0.1).unwrap()).unwrap().loss;
    assert_eq!((spectrum.rank(), loss(5.0, 0.0)), (0, 0.75));
    assert_eq!(loss(5.0, 0.1), 0.75);

    let design = design(1.0, 1.5, 1.0, 0, 100, 1);
    assert_eq!(
        StochasticSpectrum::new(&design, 1, &Key::new(1)).unwrap_err(),
        SolverError::Probes(1)
    );
    let spectrum = StochasticSpectrum::new(&design, 2, &Key::new(1)).unwrap();
    let rank = spectrum.rank() as f64;
    let loss = |n| spectrum.averaged_loss(n, Regression::default());
    assert_eq!(loss(rank).unwrap().loss, f64::INFINITY);
    assert_eq!(loss(rank - 1.0).unwrap().loss, f64::INFINITY);
    assert_eq!(loss(rank + 1.0).unwrap().loss, f64::INFINITY);
    assert!(matches!(loss(0.5), Err(SolverError::Features(0.5))));
    assert!(matches!(spectrum.traces(0.0), Err(SolverError::Kappa(0.0))));
}

/// Without a decomposition the same, for designs with fewer coordinates than samples, with more,
/// and with very many. 1e-9: the decomposition's own error where its eigenvalues span six decades.
#[test]
fn the_residual_mass_needs_no_decomposition() {
    for (alpha, beta, onset, coordinates, samples) in [
        (1.0, 1.5, 1.0, 0, 300),
        (0.5, 2.0, 4.0, 0, 300),
        (1.0, 1.2, 20.0, 0, 60),
        (1.0, 0.0, 1.0, 90, 60),
        (1.0, 0.5, 4.0, 10_000, 60),
        (2.0, 0.0, 1.0, 400, 60),
    ] {
        for seed in 1..6 {
            let design = design(alpha, beta, onset, coordinates, samples, seed);
            let (quick, exact) =
                (residual_mass(&design).unwrap(), DesignSpectrum::new(&design).unwrap());
            let far = quick / exact.residual_mass() - 1.0;
            assert!(far.abs() < 1e-9, "α {alpha} β {beta} seed {seed}: {far}");
        }
    }
}

/// Ridge and noise.
const REGRESSIONS: [(f64, f64); 8] = [
    (0.0, 0.0),
    (1e-4, 0.0),
    (1e-2, 0.0),
    (0.0, 0.1),
    (1e-2, 0.1),
    (1e-3, 1.0),
    (0.1, 0.0),
    (1.0, 0.0),
];

/// What the next order changes, and what that leaves out by its own estimate, against the estimate
/// made without knowing either. The largest change found before was 0.63/(N − df₂) up to N = 0.8 r,
/// the median a quarter of that: the estimate, 0.7 and a square, is to be above all and below five
/// times half of them. Beyond 0.8 r it was found as low as 0.45 of the change.
#[test]
fn what_the_equivalent_leaves_out_is_estimated() {
    let (mut ratios, mut largest) = (Vec::new(), 0.0_f64);
    for alpha in [0.5, 1.0, 2.0] {
        for (beta, onset, coordinates, samples) in [
            (0.7, 3.0, 150, 400),
            (1.2, 1.0, 0, 150),
            (1.5, 3.0, 0, 200),
            (2.0, 1.0, 0, 1000),
            (2.5, 3.0, 0, 1500),
        ] {
            let (exact, probed) =
                both(&design(alpha, beta, onset, coordinates, samples, 11), 16, 1);
            let rank = exact.rank() as f64;
            let sizes = (0..20).map(|k| 1.5_f64.powi(k).round()).filter(|n| *n <= 3.0 * rank);
            for (features, (ridge, noise)) in
                sizes.flat_map(|n| REGRESSIONS.map(|regression| (n, regression)))
            {
                let regression = Regression::new(ridge, noise).unwrap();
                let corrected = exact.corrected_loss(features, regression).unwrap();
                let known = corrected.truncation.is_finite() && corrected.loss.is_finite();
                // Without ridge the loss is exact above the rank, and probes may not tell sizes
                // next to it from it.
                if !known || ridge == 0.0 && features > 0.8 * rank {
                    continue;
                }
                let change =
                    (corrected.loss - exact.averaged_loss(features, regression).unwrap()).abs();
                let estimate = probed.averaged_loss(features, regression).unwrap();
                let room = estimate.truncation / (change + corrected.truncation);
                let least = if features <= 0.8 * rank { 1.0 } else { 0.4 };
                assert!(
                    room >= least,
                    "α {alpha} β {beta} N {features} {regression:?}: {estimate:?} {corrected:?}"
                );
                ratios.push(room);
                largest = largest.max(change / corrected.loss);
            }
        }
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ratios.len() / 2];
    assert!(
        ratios.len() > 400 && largest > 0.1 && median < 5.0,
        "{} {largest} {median}",
        ratios.len()
    );
    for (features, ridge) in [(1e4, 0.0), (f64::INFINITY, 0.0), (f64::INFINITY, 0.1)] {
        let (_, probed) = both(&design(1.0, 1.5, 1.0, 0, 100, 1), 2, 1);
        let estimate =
            probed.averaged_loss(features, Regression::new(ridge, 0.1).unwrap()).unwrap();
        assert_eq!(estimate.truncation, 0.0);
    }
}

/// A million samples of 27 000 coordinates, of which some 300 are undetermined: many, but few of
/// all. Nothing that large is decomposed.
#[test]
fn the_residual_mass_of_many_samples_needs_little() {
    let design = design(1.0, 1.5, 1.0, 0, 1_000_000, 1);
    assert!(design.undetermined().len() > 256);
    assert!(matches!(DesignSpectrum::new(&design), Err(SolverError::Memory { .. })));
    let lost = residual_mass(&design).unwrap() - design.unseen_mass();
    let most: f64 = design.undetermined().iter().map(|j| design.eigenvalues()[*j]).sum();
    assert!(lost > 0.0 && lost < most, "{lost} {most}");
}
