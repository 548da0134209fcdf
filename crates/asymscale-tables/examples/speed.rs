//! Writes 16 million counts as Parquet and CSV, ten million events and a million runs as CSV into a
//! folder, and times their reading.
//!
//! `cargo run --release -p asymscale-tables --example speed -- FOLDER`

use std::fmt::Write as _;
use std::io::{BufWriter, Cursor, Write as _};
use std::path::Path;
use std::time::Instant;

use asymscale_tables::{
    CountRequest, Layout, ReadOptions, RunRequest, Source, Table, read_counts, read_runs,
};
use polars_arrow::array::PrimitiveArray;
use polars_arrow::datatypes::{ArrowSchema, Field};
use polars_arrow::record_batch::RecordBatchT;
use polars_parquet::write::{
    CompressionOptions, Encoding, FileWriter, RowGroupIterator, StatisticsOptions, Version,
    WriteOptions,
};

const FEATURES: usize = 16_000_000;
const EVENTS: u64 = 10_000_000;
const RUNS: usize = 1_000_000;
const SAMPLES: f64 = 2e6;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let folder = std::env::args().nth(1).ok_or("usage: speed FOLDER")?;
    let folder = Path::new(&folder);
    // A power law of activity, the same in every run of this program.
    let counts: Vec<i64> = (0..FEATURES as u64)
        .map(|k| 1 + (1e6 / (1 + k.wrapping_mul(2_654_435_761) % 1_000_003) as f64) as i64)
        .collect();
    let mut text = "count\n".to_owned();
    counts.iter().try_for_each(|count| writeln!(text, "{count}"))?;
    std::fs::write(folder.join("counts.csv"), text)?;
    std::fs::write(folder.join("counts.parquet"), parquet(counts)?)?;
    events(&folder.join("events.csv"))?;
    let mut text = "N,D,loss\n".to_owned();
    for k in 0..RUNS {
        let (n, d) = (2e7 * 3_f64.powi(k as i32 % 5), 4e8 * 4_f64.powi(k as i32 / 5 % 5));
        writeln!(text, "{n},{d},{:.6}", 1.8 + 480.0 * n.powf(-0.35) + 2000.0 * d.powf(-0.37))?;
    }
    std::fs::write(folder.join("runs.csv"), text)?;
    let request = CountRequest { samples: Some(SAMPLES), ..CountRequest::default() };
    for name in ["counts.csv", "counts.parquet"] {
        let start = Instant::now();
        let table = read_counts(&open(&folder.join(name))?, &request)?;
        println!("{name}: {} counts in {:.2} s", table.counts.len(), start.elapsed().as_secs_f64());
    }
    let layout = Layout::Events { sample: "sample", feature: "feature" };
    for group in [None, Some("document")] {
        let start = Instant::now();
        let request = CountRequest { layout, group, ..CountRequest::default() };
        let table = read_counts(&open(&folder.join("events.csv"))?, &request)?;
        let seconds = start.elapsed().as_secs_f64();
        println!("events.csv: {} in {seconds:.2} s", table.record.taken.join(", "));
    }
    let start = Instant::now();
    let table = read_runs(&open(&folder.join("runs.csv"))?, &RunRequest::default())?;
    println!("runs.csv: {} runs in {:.2} s", table.losses.len(), start.elapsed().as_secs_f64());
    Ok(())
}

/// Events of a power law of activity: twenty a sample, and a hundred samples a document.
fn events(path: &Path) -> Result<(), Failure> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    writeln!(file, "document,sample,feature")?;
    for k in 0..EVENTS {
        let chance = (k.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11) as f64 / (1_u64 << 53) as f64;
        let feature = (1.0 / (chance + 1e-9)).powi(2) as u64;
        writeln!(file, "document {},s{},f{feature}", k / 2000, k / 20)?;
    }
    Ok(file.flush()?)
}

fn open(path: &Path) -> Result<Table, Failure> {
    Ok(Table::open(Source::path(path), ReadOptions::default())?)
}

/// The counts as a column of 64-bit integers, in row groups of a million.
fn parquet(counts: Vec<i64>) -> Result<Vec<u8>, Failure> {
    let array = PrimitiveArray::<i64>::from_vec(counts).boxed();
    let field = Field::new("count".into(), array.dtype().clone(), true);
    let schema: ArrowSchema = std::iter::once((field.name.clone(), field)).collect();
    let options = WriteOptions {
        statistics: StatisticsOptions::default(),
        version: Version::V1,
        compression: CompressionOptions::Snappy,
        data_page_size: None,
    };
    let starts = (0..array.len()).step_by(1_000_000);
    let batches = starts.map(|start| {
        let part = array.sliced(start, 1_000_000.min(array.len() - start));
        Ok(RecordBatchT::new(part.len(), schema.clone().into(), vec![part]))
    });
    let groups =
        RowGroupIterator::try_new(batches, &schema, options, vec![vec![Encoding::Plain]].into())?;
    let mut writer = FileWriter::try_new(Cursor::new(Vec::new()), schema.clone(), options)?;
    for (number, group) in groups.enumerate() {
        writer.write(1_000_000.min(array.len() - number * 1_000_000) as u64, group?)?;
    }
    writer.end(None)?;
    Ok(writer.into_inner().into_inner())
}
