//! What drawing costs, on one core. Items are read by `cargo xtask bench` as draws at the rate of
//! `sampling::features`.

use asymscale_model::SparseModel;
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers, feature_column, seen_coordinates};
use divan::{Bencher, black_box, counter::BytesCount, counter::ItemsCount};

fn main() {
    divan::main();
}

fn model(beta: f64, onset: f64) -> SparseModel {
    SparseModel::power_law(1.0, beta, onset).expect("valid parameters")
}

fn design(beta: f64, onset: f64, samples: usize) -> Design {
    Design::sample(&model(beta, onset), samples, &mut Key::new(1).stream()).expect("valid request")
}

/// Seen set and counts: (samples, β, onset).
///
/// Limit: none stated: binomial draws and jumps, whose cost depends on where a coordinate lies.
#[divan::bench(args = [(1_000_000, 2.0, 1.0), (1_000_000, 1.5, 1.0), (2048, 1.5, 20.0), (100_000, 1.05, 1.0)])]
fn seen(bencher: Bencher, (samples, beta, onset): (usize, f64, f64)) {
    let (model, mut rng) = (model(beta, onset), Key::new(1).stream());
    bencher.bench_local(|| seen_coordinates(&model, samples, &mut rng));
}

/// The whole sparse design: (samples, β, onset).
///
/// Limit: a normal draw for each entry, at the rate of `sampling::features`, and `12 nnz` bytes
/// written.
#[divan::bench(args = [(1_000_000, 2.0, 1.0), (1_000_000, 1.5, 1.0), (2048, 1.5, 20.0), (100_000, 1.5, 20.0)])]
fn whole_design(bencher: Bencher, (samples, beta, onset): (usize, f64, f64)) {
    let (model, mut rng) = (model(beta, onset), Key::new(1).stream());
    let entries = design(beta, onset, samples).nonzeros();
    bencher
        .counter(ItemsCount::new(entries))
        .counter(BytesCount::new(12 * entries))
        .bench_local(|| Design::sample(&model, samples, &mut rng));
}

/// Maximum matching: (samples, β, onset).
///
/// Limit: none stated: a search in a graph, which need not look at every entry.
#[divan::bench(args = [
    (2048, 1.5, 20.0),
    (100_000, 1.5, 3.0),
    (100_000, 1.2, 1.0),
    (100_000, 1.5, 20.0),
    (1_000_000, 2.0, 1.0),
])]
fn rank(bencher: Bencher, (samples, beta, onset): (usize, f64, f64)) {
    let design = design(beta, onset, samples);
    bencher.bench_local(|| design.rank());
}

/// 400 feature columns of 2 048 entries into one buffer.
///
/// Limit: a normal draw an entry; it is the unit of others.
#[divan::bench]
fn features(bencher: Bencher) {
    let (key, mut out) = (Key::new(1), vec![0.0; 2048]);
    bencher.counter(ItemsCount::new(400_usize * 2048)).bench_local(|| {
        for index in 1..=400_u32 {
            feature_column(&key, f64::from(index), black_box(&mut out));
        }
    });
}

/// Eight teachers on a design of 2 048 samples.
///
/// Limit: a draw a teacher and seen coordinate, at the rate of normal draws in
/// `sampling::features`.
#[divan::bench(args = [TeacherLaw::Gaussian, TeacherLaw::Rademacher])]
fn teachers(bencher: Bencher, law: TeacherLaw) {
    let (design, key) = (design(1.5, 20.0, 2048), Key::new(1));
    bencher
        .counter(ItemsCount::new(8 * design.seen()))
        .bench_local(|| Teachers::draw(&design, 8, law, &key));
}
