//! How often the finite-size error of theory covers the distance to simulation, and how much larger
//! than it the error is, without the next order in `1/N` and with it.
//!
//! `cargo run --release -p asymscale-montecarlo --example stated -- SEED POINTS DESIGNS` (1, 200
//! and 48; some minutes).

#[path = "../tests/stated/question.rs"]
mod question;

use question::{Record, answers};

fn main() {
    let number = |n: usize, default| {
        std::env::args().nth(n).map_or(default, |word| word.parse().expect("a number"))
    };
    let (seed, points, designs) = (number(1, 1), number(2, 200), number(3, 48));
    let all = answers(seed as u64, points, designs);
    for (question, answer) in &all {
        if !answer.covers(answer.plain) || !answer.covers(answer.corrected) {
            println!("{question}: {answer:?}");
        }
    }
    let answers: Vec<_> = all.into_iter().map(|(_, answer)| answer).collect();
    println!("loss         covered   median error   median distance   median ratio");
    let plain = Record::of(&answers, |answer| answer.plain);
    let corrected = Record::of(&answers, |answer| answer.corrected);
    for (name, record) in [("equivalent", plain), ("next order", corrected)] {
        println!(
            "{name:10}  {:6.1} %   {:10.2} %   {:13.2} %   {:12.2}",
            100.0 * record.covered,
            100.0 * record.error,
            100.0 * record.distance,
            record.ratio,
        );
    }
}
