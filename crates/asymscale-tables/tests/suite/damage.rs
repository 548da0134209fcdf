//! Damaged tables are read or refused, never worse: no panic, no long message, no more memory than
//! allowed.

use asymscale_tables::{
    BadRows, CountRequest, Layout, ReadOptions, RunRequest, Source, Table, read_counts, read_runs,
};
use rand::{Rng, RngExt};
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

use crate::common::csv;

const SEED: u64 = 20261128;

/// Tables of each kind that are damaged here: two seconds for all.
const ROUNDS: usize = 5000;

fn damage(bytes: &mut Vec<u8>, rng: &mut impl Rng) {
    const SIGNS: &[u8] = b"\0\n\r,;\"'09.-+eENaif \t\xff\xc3{}[]:|#%()";
    for _ in 0..rng.random_range(1..5) {
        if bytes.is_empty() {
            return;
        }
        let at = rng.random_range(0..bytes.len());
        match rng.random_range(0..8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, SIGNS[rng.random_range(0..SIGNS.len())]),
            3 => bytes[at] ^= 1 << rng.random_range(0..8),
            4 => bytes[at] = rng.random(),
            5 => bytes[at] = SIGNS[rng.random_range(0..SIGNS.len())],
            6 => {
                let end = (at + rng.random_range(1..40)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            _ => {
                let end = (at + rng.random_range(1..9)).min(bytes.len());
                bytes[at..end].fill(if rng.random() { 0xff } else { 0 });
            }
        }
    }
}

/// Reads every damaged file as runs and as counts; says how many were read.
fn survive(name: &str, sound: &[u8]) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let options = ReadOptions { max_bytes: 1 << 24, hash_names: true };
    let (mut read, mut refused) = (0, 0);
    for round in 0..ROUNDS {
        let mut bytes = sound.to_vec();
        damage(&mut bytes, &mut rng);
        let bad_rows = if round % 2 == 0 { BadRows::Drop } else { BadRows::Refuse };
        let runs = RunRequest { bad_rows, ..RunRequest::default() };
        let counts = CountRequest {
            samples: Some(1e12),
            count: Some("D"),
            bad_rows,
            ..CountRequest::default()
        };
        let answer = Table::open(Source::bytes(name, bytes), options).and_then(|table| {
            let counts = read_counts(&table, &counts).map(|table| table.record.lines().concat());
            let layout = Layout::Events { sample: "loss", feature: "D" };
            let events =
                CountRequest { layout, group: Some("N"), bad_rows, ..CountRequest::default() };
            let events = match read_counts(&table, &events) {
                Ok(table) => table.record.lines().concat(),
                Err(error) => error.to_string(),
            };
            assert!(events.len() < 4000 && !events.contains(char::is_control), "{name}: {events}");
            let runs = read_runs(&table, &runs).map(|table| table.record.lines().concat());
            runs.and_then(|runs| Ok(runs + &counts?))
        });
        let words = match answer {
            Ok(words) => {
                read += 1;
                words
            }
            Err(error) => {
                refused += 1;
                error.to_string()
            }
        };
        assert!(
            words.len() < 4000 && !words.contains(char::is_control),
            "{name}, round {round}: {words}"
        );
    }
    println!("{name}: {read} read, {refused} refused");
    // Both ends are exercised.
    assert!(read * 50 > ROUNDS && refused * 50 > ROUNDS, "{name}: {read} read, {refused} refused");
}

#[test]
fn delimited() {
    survive("csv", csv().as_bytes());
}

#[test]
fn json() {
    let rows: Vec<String> = csv()
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            format!(
                "{{\"N\": {}, \"D\": {}, \"x\": [null, \"\\u00e9\"], \"loss\": \"{}\"}}",
                cells[0], cells[1], cells[2]
            )
        })
        .collect();
    survive("json", format!("[{}]", rows.join(",\n")).as_bytes());
    survive("jsonl", rows.join("\n").as_bytes());
}

#[test]
fn parquet() {
    survive("parquet", &crate::parquet::plain_file());
}

#[test]
fn compressed() {
    // Stored, so that damage reaches the table behind the frame, and deflated.
    for level in [0, 6] {
        let mut encoder =
            flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
        std::io::Write::write_all(&mut encoder, csv().as_bytes()).unwrap();
        let bytes = encoder.finish().unwrap();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED);
        for _ in 0..ROUNDS {
            let mut bytes = bytes.clone();
            damage(&mut bytes, &mut rng);
            let options = ReadOptions { max_bytes: 1 << 24, ..ReadOptions::default() };
            if let Err(error) = Table::open(Source::bytes("gz", bytes), options) {
                assert!(error.to_string().len() < 4000, "{error}");
            }
        }
    }
}
