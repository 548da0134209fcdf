//! The page with answers that were computed before: for a folder, or any host of files.
//!
//! Answers are in a script, not data to be fetched, as a page that was opened from a file may fetch
//! nothing. They are compressed, and outlines of letters, which are the same in all figures, stand
//! there once.

use super::app::FILES;
use super::state::State;
use super::views::{self, Asked};
use crate::cli::Failure;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, write::GzEncoder};
use rayon::prelude::*;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// The grid of an export.
const ALPHA: [f64; 6] = [0.25, 0.5, 0.75, 1.0, 1.5, 2.0];
const BETA: [f64; 9] = [0.0, 0.5, 0.8, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0];
const ONSET: [f64; 3] = [1.0, 10.0, 30.0];

/// Digits of the numbers of lines: beyond what can be seen.
const DIGITS: i32 = 5;

/// Writes the page into a folder that is new or empty, and says what was written.
///
/// # Errors
/// A folder that holds something, before any work; one that cannot be written.
pub(crate) fn export(folder: &Path) -> Result<String, Failure> {
    let shown = folder.display();
    let refused = |error: &io::Error| {
        Failure::input(format!("--export {shown}: cannot be written ({})", error.kind()))
    };
    match fs::read_dir(folder) {
        Ok(entries) => {
            if entries.count() > 0 {
                return Err(Failure::input(format!("--export {shown}: must be new or empty")));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder).map_err(|error| refused(&error))?;
        }
        Err(error) => return Err(refused(&error)),
    }
    let data = format!("window.asymscaleExport = {};\n", data()?);
    let mut size = 0;
    let mut save = |name: &str, text: &str| -> Result<(), Failure> {
        size += text.len();
        fs::write(folder.join(name), text).map_err(|error| {
            Failure::work(format!("{shown}/{name}: cannot be written ({})", error.kind()))
        })
    };
    save("data.js", &data)?;
    for (path, _, text) in FILES {
        let name = if path == "/" { "index.html" } else { path.trim_start_matches('/') };
        save(name, &text.replace("<!--data-->", "<script src=\"data.js\" defer></script>"))?;
    }
    let points = ALPHA.len() * BETA.len() * ONSET.len();
    let megabytes = size as f64 / 1e6;
    Ok(format!("{shown}/index.html: the page with {points} states, {megabytes:.1} MB\n"))
}

/// Everything that the page would ask a server.
fn data() -> Result<Json, Failure> {
    let first = State::default();
    let places: Vec<[usize; 3]> = (0..ALPHA.len())
        .flat_map(|a| (0..BETA.len()).flat_map(move |b| (0..ONSET.len()).map(move |c| [a, b, c])))
        .collect();
    let answer = |[a, b, c]: &[usize; 3]| {
        let state = State { alpha: ALPHA[*a], beta: BETA[*b], onset: ONSET[*c], ..first.clone() };
        let answer = |view| views::answer(view, &state, Asked { narrow: true, ..Asked::default() });
        let both = answer("loss").and_then(|loss| Ok([loss, answer("samples")?]));
        both.map_err(|refusal| Failure::work(refusal.to_string()))
    };
    let found: Vec<Result<[Json; 2], Failure>> = places.par_iter().map(answer).collect();
    let mut glyphs = BTreeMap::new();
    let mut answers = Map::new();
    for ([a, b, c], answer) in places.iter().zip(found) {
        let mut both = answer?;
        let figures = both.iter_mut().filter_map(|answer| answer["figures"].as_array_mut());
        for figure in figures.flatten() {
            share_outlines(figure, &mut glyphs);
            round_lines(figure);
        }
        let [loss, samples] = both;
        answers.insert(format!("{a},{b},{c}"), json!({ "loss": loss, "samples": samples }));
    }
    Ok(json!({
        "grid": { "alpha": ALPHA, "beta": BETA, "onset": ONSET },
        "first": { "alpha": "1", "beta": "1.5", "onset": "1" },
        "note": format!(
            "This page was written by asymscale explore --export: α, β and c move on a grid, at N = {} \
             and D = {}. The command asymscale explore has all parameters and further figures.",
            first.features, first.samples
        ),
        "packed": packed(&json!({ "glyphs": glyphs, "answers": answers })),
    }))
}

/// A value as the page unpacks it: JSON, compressed by gzip, in base64.
fn packed(value: &Json) -> String {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let bytes = encoder.write_all(value.to_string().as_bytes()).and_then(|()| encoder.finish());
    STANDARD.encode(bytes.unwrap_or_else(|error| unreachable!("in memory: {error}")))
}

/// Takes the outlines of letters out of a figure.
fn share_outlines(figure: &mut Json, glyphs: &mut BTreeMap<String, String>) {
    let name = figure["name"].as_str().unwrap_or_default().to_owned();
    let Some(svg) = figure["svg"].as_str() else { return };
    let Some((head, rest)) = svg.split_once("<defs>") else { return };
    let Some((defined, body)) = rest.split_once("</defs>") else { return };
    for line in defined.lines() {
        let outline = line.strip_prefix(&format!("<path id=\"{name}-"));
        let outline = outline.and_then(|line| line.strip_suffix("\"/>")?.split_once("\" d=\""));
        if let Some((glyph, outline)) = outline {
            glyphs.insert(glyph.to_owned(), outline.to_owned());
        }
    }
    let body = body.replace(&format!("href=\"#{name}-g"), "href=\"#g");
    figure["svg"] = format!("{head}<defs></defs>{body}").into();
}

/// Rounds the numbers of a figure's lines.
fn round_lines(figure: &mut Json) {
    let points = figure["lines"].as_array_mut().into_iter().flatten();
    let points = points.filter_map(|line| line["points"].as_array_mut()).flatten();
    for number in points.filter_map(Json::as_array_mut).flatten() {
        if let Some(value) = number.as_f64().filter(|value| *value != 0.0) {
            let unit = 10f64.powi(value.abs().log10().floor() as i32 + 1 - DIGITS);
            let rounded = (value / unit).round() * unit;
            *number = format!("{rounded:.*e}", DIGITS as usize - 1)
                .parse()
                .map_or(Json::Null, |v: f64| json!(v));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines_are_shared_and_lines_are_short() {
        let svg = "<svg><defs>\n<path id=\"loss-n-g0-7\" d=\"M1 2z\"/>\n</defs>\
                   <use xlink:href=\"#loss-n-g0-7\"/></svg>";
        let mut figure =
            json!({ "name": "loss-n", "svg": svg, "lines": [{ "points": [[1.23456789, null]] }] });
        let mut glyphs = BTreeMap::new();
        share_outlines(&mut figure, &mut glyphs);
        round_lines(&mut figure);
        assert_eq!(figure["svg"], "<svg><defs></defs><use xlink:href=\"#g0-7\"/></svg>");
        assert_eq!(glyphs.get("g0-7").map(String::as_str), Some("M1 2z"));
        assert_eq!(figure["lines"][0]["points"], json!([[1.2346, null]]));
    }
}
