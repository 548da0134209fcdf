//! The file of one cell: a header, its rows, a checksum over both.
//!
//! ```text
//! asymscale-sweep part 1
//! {"id":"…","key":"…","experiment":"…","cell":"…","parameters":{…},"seed":1,"fingerprint":"…"}
//! samples,loss
//! 64,0.25
//! sha256 …
//! ```
//! Rows are CSV, not JSON, since JSON has no infinity. The checksum covers every byte before its
//! line, so a part cut short anywhere, even between rows, is noticed.

use crate::{Cell, Plan, Provenance, State, SweepError, Table, digest, read_csv, write_csv};
use serde::{Deserialize, Serialize};

const FORMAT: &str = "asymscale-sweep part 1\n";
/// `sha256 `, 64 digits, a line end.
const CHECKSUM_LENGTH: usize = 7 + 64 + 1;

#[derive(Serialize, Deserialize)]
struct Header {
    id: String,
    key: String,
    experiment: String,
    cell: String,
    parameters: serde_json::Value,
    seed: u64,
    fingerprint: String,
}

/// The bytes of a cell's part.
pub(crate) fn encode(plan: &Plan, cell: &Cell, table: &Table) -> Result<Vec<u8>, SweepError> {
    let header = Header {
        id: plan.id(cell),
        key: plan.key(cell),
        experiment: plan.experiment().into(),
        cell: cell.name().into(),
        parameters: cell.parameters().clone(),
        seed: plan.seed(),
        fingerprint: plan.fingerprint().into(),
    };
    let mut bytes = Vec::from(FORMAT);
    serde_json::to_writer(&mut bytes, &header).map_err(std::io::Error::from)?;
    bytes.push(b'\n');
    write_csv(&mut bytes, &Provenance::default(), table)?;
    bytes.extend(checksum_line(&bytes).into_bytes());
    Ok(bytes)
}

/// The rows of a part if it is this cell's, of this code and seed; what it is otherwise.
pub(crate) fn decode(plan: &Plan, cell: &Cell, bytes: &[u8]) -> Result<Table, State> {
    let damaged = |reason: &str| State::Damaged { reason: reason.into() };
    let (content, checksum) = bytes
        .len()
        .checked_sub(CHECKSUM_LENGTH)
        .map(|length| bytes.split_at(length))
        .ok_or_else(|| damaged("cut short"))?;
    if checksum_line(content).as_bytes() != checksum {
        return Err(damaged("checksum does not fit"));
    }
    let content = std::str::from_utf8(content).map_err(|_| damaged("not text"))?;
    let content = content.strip_prefix(FORMAT).ok_or_else(|| damaged("another format"))?;
    let (header, rows) = content.split_once('\n').ok_or_else(|| damaged("no header"))?;
    let header = serde_json::from_str(header).map_err(|_| damaged("unreadable header"))?;
    check_identity(plan, cell, &header)?;
    let (_, table) = read_csv(rows.as_bytes()).map_err(|error| damaged(&error.to_string()))?;
    Ok(table)
}

fn check_identity(plan: &Plan, cell: &Cell, header: &Header) -> Result<(), State> {
    if header.key != plan.key(cell) {
        return Err(State::Damaged { reason: format!("belongs to cell `{}`", header.cell) });
    }
    if header.fingerprint != plan.fingerprint() {
        return Err(State::OtherCode { fingerprint: header.fingerprint.clone() });
    }
    if header.seed != plan.seed() {
        return Err(State::OtherSeed { seed: header.seed });
    }
    if header.id != plan.id(cell) {
        return Err(State::Damaged { reason: "identity does not fit".into() });
    }
    Ok(())
}

fn checksum_line(content: &[u8]) -> String {
    format!("sha256 {}\n", digest::of_bytes(content))
}
