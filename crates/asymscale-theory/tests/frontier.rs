//! The compute-optimal frontier and the optimal ridge, against derivations, plain minimisation and
//! known values.

use asymscale_model::{Activity, Amplitude, Coordinates, SparseModel, Spectrum};
use asymscale_theory::{
    Branch, Budget, Frontier, Regression, Ridge, SampleTheory, Split, TheoryError, exponents,
    frontier, frontier_exponents,
};

const RIDGELESS: Ridge = Ridge::Fixed(0.0);

fn model(alpha: f64, beta: f64, amplitude: Amplitude) -> SparseModel {
    SparseModel::power_law(alpha, beta, 1.0).unwrap().with_amplitude(amplitude)
}

fn at(model: &SparseModel, compute: f64, ridge: Ridge) -> Frontier {
    frontier(model, Budget { compute, factor: 1.0, ridge, noise: 0.0 }).unwrap()
}

fn threshold(model: &SparseModel, split: Split) -> f64 {
    SampleTheory::new(model, split.samples).unwrap().coverage().threshold
}

/// Values from an independent evaluation in double precision, printed to three digits.
#[test]
fn known_optima() {
    let model = model(1.0, 1.5, Amplitude::Gaussian);
    for (compute, ratio, least) in
        [(1e3, 3.50, 0.188), (1e4, 3.54, 0.0768), (1e5, 3.51, 0.0308), (1e6, 3.50, 0.0123)]
    {
        let frontier = at(&model, compute, RIDGELESS);
        let best = frontier.best();
        assert_eq!(frontier.branch, Branch::Overparameterized);
        // Half a unit of the last digit printed.
        assert!(
            (best.features / threshold(&model, best) - ratio).abs() < 0.006,
            "C = {compute}: {best:?}"
        );
        assert!((best.loss / least - 1.0).abs() < 0.005, "C = {compute}: {best:?}");
    }
}

/// `C = 10⁸`, `β = 1.5`, `c = 1`; ratios of the optima on the two sides by a separate program
/// (numpy: trapezoid in `ln u`, exact sums to `i = 300` and Gauss panels beyond, numerical
/// derivatives along `G`, bounded scalar minimisation), good to 1e-6.
#[test]
fn which_side_wins_depends_on_spectrum_and_amplitude() {
    use Amplitude::{Gaussian, Rademacher};
    let cases = [
        (1.0, Gaussian, 1.452_632_6),
        (1.0, Rademacher, 1.100_336_8),
        (2.0, Rademacher, 0.686_920_2),
    ];
    for (alpha, amplitude, ratio) in cases {
        let frontier = at(&model(alpha, 1.5, amplitude), 1e8, RIDGELESS);
        let (under, over) =
            (frontier.underparameterized.unwrap(), frontier.overparameterized.unwrap());
        let winner =
            if ratio < 1.0 { Branch::Underparameterized } else { Branch::Overparameterized };
        assert_eq!(frontier.branch, winner);
        assert_eq!(frontier.best().loss, under.loss.min(over.loss));
        // Numerical derivatives there.
        assert!((under.loss / over.loss / ratio - 1.0).abs() < 3e-6, "{alpha} {amplitude}");
    }
}

/// Ridgeless and overparameterized, past the crossover: `L = U N/(N − S)` with `U ∝ D^{−α/β}`,
/// `S ∝ D^{1/β}`, `N = C/D` is stationary at `N = S (1 + a)/a`, `a = α/(1 + β)`. Before it, with
/// `β ≤ 1`, the same with `β` read as 1 and `S` as `D`.
#[test]
fn the_prefactor_of_the_overparameterized_optimum() {
    for (alpha, beta) in
        [(0.5, 1.5), (1.0, 1.5), (2.0, 1.5), (1.0, 3.0), (1.0, 1.0), (1.0, 0.5), (1.0, 0.0)]
    {
        let model = model(alpha, beta, Amplitude::Rademacher);
        let over = at(&model, 1e14, RIDGELESS).overparameterized.unwrap();
        let a = alpha / (1.0 + f64::max(1.0, beta));
        let ratio = over.features / threshold(&model, over);
        // The next order, of the order of 1/S < 1e-4, and four times the accuracy of the minimum.
        assert!((ratio / ((1.0 + a) / a) - 1.0).abs() < 5e-4, "α = {alpha}, β = {beta}: {ratio}");
    }
}

#[test]
fn exponents_over_two_decades() {
    for (alpha, beta) in
        [(1.0, 1.5), (2.0, 1.5), (1.0, 2.0), (0.5, 3.0), (1.0, 1.0), (1.0, 0.5), (2.0, 0.0)]
    {
        let model = model(alpha, beta, Amplitude::Rademacher);
        let law = frontier_exponents(&model).unwrap();
        let sparsity = f64::max(1.0, beta);
        let [first, last] = [1e12, 1e14].map(|compute| at(&model, compute, RIDGELESS));
        for side in [
            |frontier: &Frontier| frontier.underparameterized,
            |frontier: &Frontier| frontier.overparameterized,
        ] {
            let (first, last) = (side(&first).unwrap(), side(&last).unwrap());
            let slope =
                |value: fn(&Split) -> f64| (value(&last) / value(&first)).ln() / 100f64.ln();
            // Corrections of relative order 1/N at N > 1000, changed over two decades, and 1e-4/ln
            // 100 of the minimum.
            for (slope, expected) in [
                (slope(|s| s.features), 1.0 / (1.0 + sparsity)),
                (slope(|s| s.samples), sparsity / (1.0 + sparsity)),
                (slope(|s| s.loss), -alpha / (1.0 + sparsity)),
            ] {
                assert!(
                    (slope - expected).abs() < 2e-3,
                    "α = {alpha}, β = {beta}: {slope} for {expected}"
                );
            }
        }
        assert_eq!(
            (law.features, law.loss),
            (1.0 / (1.0 + sparsity), -exponents(&model).unwrap().compute)
        );
        assert!((law.features + law.samples - 1.0).abs() < 1e-15);
    }
    let table = Activity::table(vec![1.0, 0.5]).unwrap();
    let table = SparseModel::new(
        Spectrum::power_law(1.0).unwrap(),
        table,
        Amplitude::Gaussian,
        Coordinates::Finite(2),
    );
    assert_eq!(frontier_exponents(&table.unwrap()), None);
}

/// Any optimum: no loss is lower at neighbouring splits of the same budget, and the loss is that of
/// the theory there.
fn is_stationary(model: &SparseModel, budget: Budget, split: Split) {
    let product = budget.compute / budget.factor;
    assert!((split.features * split.samples / product - 1.0).abs() < 1e-12);
    let regression = |ridge| Regression::new(ridge, budget.noise).unwrap();
    let loss_at = |samples: f64| {
        let theory = SampleTheory::new(model, samples).unwrap();
        let features = product / samples;
        let ridge = match budget.ridge {
            Ridge::Fixed(ridge) => ridge,
            Ridge::Optimal => theory.optimal_ridge(features, budget.noise).unwrap(),
        };
        theory.loss_with(features, regression(ridge)).unwrap()
    };
    let here = loss_at(split.samples);
    // Two evaluations, each good to 1e-9.
    assert!((split.loss / here - 1.0).abs() < 1e-8, "{split:?} {here}");
    let h = 0.01;
    let [below, above] = [-h, h].map(|h: f64| loss_at(split.samples * h.exp()));
    let (slope, bend) = ((above - below) / (2.0 * h), (above + below - 2.0 * here) / (h * h));
    // Newton's step to the minimum from there, in ln D. The central difference is off by h²/6 times
    // a third derivative of the size of the second: 2e-5; the rest is the 1e-4 asked of the
    // minimum.
    assert!(bend > 0.0 && (slope / bend).abs() < 2e-4, "{split:?} {slope} {bend}");
}

#[test]
fn optima_are_stationary() {
    let finite =
        model(1.0, 1.2, Amplitude::Gaussian).with_coordinates(Coordinates::Finite(20_000)).unwrap();
    let late = SparseModel::power_law(1.0, 1.5, 20.0).unwrap();
    let one_hot = Activity::one_hot(1.5).unwrap();
    let one_hot = SparseModel::new(
        Spectrum::power_law(1.0).unwrap(),
        one_hot,
        Amplitude::Rademacher,
        Coordinates::Infinite,
    );
    for model in [
        finite,
        late,
        one_hot.unwrap(),
        model(2.0, 0.5, Amplitude::Gaussian),
        model(1.0, 2.0, Amplitude::Rademacher),
    ] {
        for (ridge, noise) in [(RIDGELESS, 0.0), (Ridge::Fixed(1e-4), 0.1)] {
            let budget = Budget { compute: 6e6, factor: 6.0, ridge, noise };
            let frontier = frontier(&model, budget).unwrap();
            for split in
                [frontier.underparameterized, frontier.overparameterized].into_iter().flatten()
            {
                // With ridge the lower end of a side may be at the threshold, where it goes on
                // falling.
                let ratio = split.features / threshold(&model, split);
                if (ratio - 1.0).abs() > 1e-6 {
                    is_stationary(&model, budget, split);
                } else {
                    assert!(ridge != RIDGELESS && split != frontier.best());
                }
            }
        }
    }
    let budget = Budget { compute: 1e5, factor: 1.0, ridge: Ridge::Optimal, noise: 0.01 };
    let sparse = self::model(1.0, 1.5, Amplitude::Rademacher);
    is_stationary(&sparse, budget, frontier(&sparse, budget).unwrap().best());
}

/// The least loss over ridges by a scan of six points a decade, without derivatives, and the ridge
/// there.
fn scanned(theory: &SampleTheory, features: f64, noise: f64) -> (f64, f64) {
    let at = |ridge| theory.loss_with(features, Regression::new(ridge, noise).unwrap()).unwrap();
    let scan = (0..180)
        .map(|k| 100.0 * 10f64.powf(-f64::from(k) / 6.0))
        .chain([0.0])
        .map(|ridge| (at(ridge), ridge));
    scan.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap()
}

#[test]
fn the_optimal_ridge_is_that_of_plain_minimisation() {
    for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
        for (alpha, beta, samples) in [(1.0, 1.5, 100.0), (1.0, 0.5, 500.0), (2.0, 3.0, 1e4)] {
            let model = model(alpha, beta, amplitude);
            let theory = SampleTheory::new(&model, samples).unwrap();
            let threshold = theory.coverage().threshold;
            for share in [0.3, 1.1, 4.0] {
                for noise in [0.0, 0.1] {
                    let features = (share * threshold).max(1.0);
                    let ridge = theory.optimal_ridge(features, noise).unwrap();
                    let loss =
                        theory.loss_with(features, Regression::new(ridge, noise).unwrap()).unwrap();
                    let (least, at) = scanned(&theory, features, noise);
                    let case = format!(
                        "{amplitude} α={alpha} β={beta} D={samples} N={share}r σ²={noise}: {ridge} {loss}, {at} {least}"
                    );
                    // Never above the scan but for rounding; below it by less than the grid can
                    // miss, 0.5 %.
                    assert!(loss < least * (1.0 + 1e-8) && loss > least * (1.0 - 0.005), "{case}");
                    // Where the loss tells: within a step and a half of the scan.
                    let flat = ridge == 0.0 || at == 0.0;
                    assert!(
                        flat || (ridge / at).ln().abs() < 1.5 * 10f64.ln() / 6.0
                            || loss / least > 1.0 - 1e-8,
                        "{case}"
                    );
                }
            }
        }
    }
}

#[test]
fn special_optimal_ridges() {
    let theory = SampleTheory::new(&model(1.0, 1.5, Amplitude::Gaussian), 1000.0).unwrap();
    // Infinitely many features: noise over samples, exactly.
    assert_eq!(theory.optimal_ridge(f64::INFINITY, 0.5).unwrap(), 5e-4);
    let endless = SampleTheory::new(&model(1.0, 1.5, Amplitude::Gaussian), f64::INFINITY).unwrap();
    // Infinitely many samples: none.
    assert_eq!(endless.optimal_ridge(30.0, 0.5).unwrap(), 0.0);
    assert_eq!(theory.optimal_ridge(0.5, 0.0), Err(TheoryError::Features(0.5)));
    assert_eq!(theory.optimal_ridge(5.0, -1.0), Err(TheoryError::Noise(-1.0)));
}

#[test]
fn ridge_removes_the_peak_and_leaves_the_exponents() {
    let model = model(1.0, 1.5, Amplitude::Rademacher);
    let theory = SampleTheory::new(&model, 2000.0).unwrap();
    let threshold = theory.coverage().threshold;
    let mut before = f64::INFINITY;
    for k in 0..40 {
        let features = threshold * 0.5 * 1.05f64.powi(k);
        let ridge = theory.optimal_ridge(features, 0.0).unwrap();
        let now = theory.loss_with(features, Regression::new(ridge, 0.0).unwrap()).unwrap();
        assert!(now < before, "N = {features}");
        before = now;
    }
    let [first, last] = [1e12, 1e14].map(|compute| at(&model, compute, Ridge::Optimal).best());
    assert!(last.loss < 0.95 * at(&model, 1e14, RIDGELESS).best().loss);
    // Corrections are of relative order S/D, which shrinks only as D^{−1/3}.
    let correction = self::threshold(&model, first) / first.samples / 100f64.ln();
    assert!(((last.loss / first.loss).ln() / 100f64.ln() + 0.4).abs() < correction);
    assert!(((last.features / first.features).ln() / 100f64.ln() - 0.4).abs() < correction);
}

#[test]
fn small_budgets_and_wrong_ones() {
    let model = model(1.0, 1.5, Amplitude::Gaussian);
    let of =
        |compute, factor, ridge, noise| frontier(&model, Budget { compute, factor, ridge, noise });
    // One feature and one sample, at the threshold.
    let single = of(6.0, 6.0, RIDGELESS, 0.0).unwrap().best();
    assert_eq!((single.features, single.samples, single.loss), (1.0, 1.0, f64::INFINITY));
    let small = of(3.0, 1.0, RIDGELESS, 0.0).unwrap().best();
    assert!(small.features >= 1.0 && small.samples >= 1.0 && small.loss.is_finite());
    let message = |compute, factor| of(compute, factor, RIDGELESS, 0.0).unwrap_err().to_string();
    assert_eq!(
        message(5.0, 6.0),
        "compute = 5: must be at least factor = 6, to hold one feature and one sample"
    );
    assert_eq!(message(f64::NAN, 1.0), "compute = NaN: must be a finite number > 0");
    assert_eq!(message(10.0, 0.0), "factor = 0: must be a finite number > 0");
    assert_eq!(of(10.0, 1.0, Ridge::Fixed(-1.0), 0.0), Err(TheoryError::Ridge(-1.0)));
    assert_eq!(
        of(10.0, 1.0, Ridge::Optimal, f64::NAN).unwrap_err().to_string().split(' ').next(),
        Some("noise")
    );
}
