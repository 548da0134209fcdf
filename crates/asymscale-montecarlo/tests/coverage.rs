//! Intervals of `simulate` hold the mean as often as they claim, on random models.

mod common;

use common::{case, coverage};

/// 14 random models, 600 designs each, the mean of all of them for the truth: of intervals over 6,
/// 16 and 50 designs 93 % hold it, with controls and without. Means over few models scatter: 3 %
/// for 50 designs, of which there are 12 groups a model and five sizes that share them. The full
/// measurement, 40 models and 3000 designs, is `examples/coverage.rs`.
#[test]
fn intervals_hold_the_mean() {
    let groups = [6, 16, 50];
    for controls in [true, false] {
        let mut sums = [(0.0, 0.0, 0.0); 3];
        for number in 0..14 {
            let found = coverage(&case(11, number, 3.0), 600, &groups, controls);
            for (sum, (new, student)) in sums.iter_mut().zip(found) {
                if new.tried > 0.0 {
                    *sum = (sum.0 + new.share(), sum.1 + student.share(), sum.2 + 1.0);
                }
            }
        }
        for (group, (new, student, models)) in groups.iter().zip(sums) {
            let (new, student) = (new / models, student / models);
            println!(
                "controls {controls}, {group} designs: {new:.3}, by Student alone {student:.3}"
            );
            assert!(
                new >= 0.93 && new >= student,
                "controls {controls}, {group} designs: {new}, {student}"
            );
        }
    }
}

/// Controls that explain all of what six designs show: the collisions that they have not met are in
/// the interval all the same.
#[test]
fn a_control_that_explains_everything_is_not_believed() {
    use asymscale_model::{ModelSize, SparseModel};
    use asymscale_montecarlo::{Settings, simulate};
    let model = SparseModel::power_law(2.0, 2.5, 1.0).unwrap();
    let run = |repeats, seed| {
        let features = vec![ModelSize::Infinite];
        let settings = Settings { samples: 1000, features, repeats, seed, ..Settings::default() };
        simulate(&model, &settings).unwrap().summaries().remove(0)
    };
    let truth = run(2000, 99);
    // The mean is known to a thousandth of it.
    assert!(truth.standard_error < truth.mean.map(|mean| 2e-3 * mean));
    let held = (1..=40).filter(|seed| {
        let (low, high) = run(6, *seed).interval.unwrap();
        (low..=high).contains(&truth.mean.unwrap())
    });
    assert!(held.count() >= 37);
}
