//! What training runs cost, on one core: 10⁶ steps of a batch of one fresh sample.
//!
//! Bytes are read by `cargo xtask bench` as bytes of memory, items as entries at the rate of the
//! benchmark that the line `Limit:` names.

use asymscale_dynamics::{Learner, Order, Rule, Training, train};
use asymscale_model::{Schedule, SparseModel};
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
use divan::{Bencher, counter::BytesCount, counter::ItemsCount};

fn main() {
    divan::main();
}

const STEPS: u64 = 1_000_000;

fn design(samples: usize) -> Design {
    let model = SparseModel::power_law(1.0, 1.5, 1.0).expect("inside the domain");
    Design::sample(&model, samples, &mut Key::new(1).stream()).expect("few active coordinates")
}

fn run(design: &Design, rule: &str, order: Order, batch: usize) {
    let teachers = Teachers::draw(design, 1, TeacherLaw::Gaussian, &Key::new(2));
    let (rule, schedule) =
        (rule.parse::<Rule>().expect("a rule"), Schedule::new(0.01, STEPS).expect("a schedule"));
    let training = Training::new(rule, schedule, batch).expect("valid").with_order(order);
    let (all, mut rng) = (Learner::Coordinates, Key::new(3).stream());
    let last = STEPS / batch as u64;
    let run = train(design, &teachers, all, &training, &[last / 10, last], &mut rng);
    assert!(run.expect("valid").losses.losses[1][0] < 2.0);
}

/// A design of 10⁶ samples drawn and passed once in plain steps.
///
/// Limit: drawing it, at the rate of `training::stream`.
#[divan::bench]
fn pass(bencher: Bencher) {
    bencher
        .counter(ItemsCount::new(STEPS))
        .bench(|| run(&design(STEPS as usize), "sgd", Order::Fresh, 1));
}

/// Drawing the stream alone, in samples.
///
/// Limit: none stated: it is the unit of others.
#[divan::bench]
fn stream(bencher: Bencher) {
    bencher.counter(ItemsCount::new(STEPS)).bench(|| design(STEPS as usize));
}

/// A pass over the same stream by each rule.
///
/// Limit: bytes `12 nnz` of the design, which is read once; parameters stay in the cache.
#[divan::bench(args = [
    "sgd", "clipped", "normalised", "momentum", "adagrad", "rmsprop", "adam", "sign",
    "gauss-newton",
])]
fn rule(bencher: Bencher, rule: &str) {
    let design = design(STEPS as usize);
    bencher
        .counter(BytesCount::new(12 * design.nonzeros()))
        .bench(|| run(&design, rule, Order::Fresh, 1));
}

/// 10⁶ visits to 10⁴ samples in batches, plain steps.
///
/// Limit: bytes `16 nnz` of the samples for each of 100 passes.
#[divan::bench(args = [1, 32])]
fn passes(bencher: Bencher, batch: usize) {
    let design = design(10_000);
    bencher
        .counter(BytesCount::new(1600 * design.nonzeros()))
        .bench(|| run(&design, "sgd", Order::Reshuffled, batch));
}
