//! A page without a server.

use crate::chromium::{Window, installed};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

fn export(folder: &Path) -> Output {
    let command = Command::new(env!("CARGO_BIN_EXE_asymscale"))
        .args(["explore", "--export"])
        .arg(folder)
        .output();
    command.unwrap()
}

/// How the export of the report is made again.
const RENEW: &str =
    "rm -r paper-repro/report/explore; asymscale explore --export paper-repro/report/explore";

/// The loss at each state of an export.
fn losses(folder: &Path) -> BTreeMap<String, f64> {
    let script = std::fs::read_to_string(folder.join("data.js")).unwrap();
    let (_, data) = script.trim_end().split_once(" = ").unwrap();
    let data: Value = serde_json::from_str(data.trim_end_matches(';')).unwrap();
    let packed = STANDARD.decode(data["packed"].as_str().unwrap()).unwrap();
    let answers: Value = serde_json::from_reader(GzDecoder::new(&packed[..])).unwrap();
    let of_state = |(state, answer): (&String, &Value)| {
        let numbers = answer["loss"]["numbers"].as_array().unwrap();
        let loss = numbers.iter().find(|number| number["name"] == "loss").unwrap();
        (state.clone(), loss["value"].as_f64().unwrap())
    };
    answers["answers"].as_object().unwrap().iter().map(of_state).collect()
}

#[test]
fn an_export_is_small_whole_and_works_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    let output = export(&site);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let size: u64 = std::fs::read_dir(&site)
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    println!("the export takes {:.2} MB", size as f64 / 1e6);
    assert!(size <= 1_000_000, "{size} bytes");

    // What is there already is not written over.
    let again = export(&site);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("must be new or empty"));

    // The one that the report links to is of this code.
    let tracked = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../paper-repro/report/explore");
    for name in ["index.html", "page.js", "style.css"] {
        let text = |folder: &Path| std::fs::read_to_string(folder.join(name)).unwrap();
        assert!(text(&site) == text(&tracked), "{name} of the report is of other code: {RENEW}");
    }
    let (made, old) = (losses(&site), losses(&tracked));
    assert_eq!(made.len(), 162);
    assert!(made.keys().eq(old.keys()), "the grid of the report is another: {RENEW}");
    for (state, loss) in &made {
        // Last digits depend on the processor.
        let off = (old[state] / loss - 1.0).abs();
        assert!(off < 1e-9, "{state}: {} in the report, {loss} now: {RENEW}", old[state]);
    }

    let Some(browser) = installed() else { return };
    let mut window = Window::open(&browser);
    window.go(&format!("file://{}/index.html", site.display()));
    window.wait("document.body.dataset.loss !== undefined && rested()");
    let before = window.ask("document.body.dataset.loss");
    window.ask(
        "{ const slider = document.getElementById('beta-slider'); slider.value = slider.max; \
        slider.dispatchEvent(new Event('input')); }",
    );
    window.wait(&format!("document.body.dataset.loss !== {before}"));
    let state = window.ask("`--alpha ${state.alpha} --beta ${state.beta} --onset ${state.onset}`");
    let words = format!("loss {} --features 100 --samples 1000 --json", state.as_str().unwrap());
    let told =
        Command::new(env!("CARGO_BIN_EXE_asymscale")).args(words.split(' ')).output().unwrap();
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    let shown = window.ask("Number(document.body.dataset.loss)");
    assert_eq!(shown.as_f64(), told["loss"].as_f64());
    let outlines = window.ask("document.querySelectorAll('#figure-loss-n use').length");
    assert!(outlines.as_f64().unwrap() > 20.0, "labels are drawn: {outlines}");
}
