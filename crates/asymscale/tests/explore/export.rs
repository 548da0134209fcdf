//! A page without a server.

use crate::chromium::{Window, installed};
use std::path::Path;
use std::process::{Command, Output};

fn export(folder: &Path) -> Output {
    let command = Command::new(env!("CARGO_BIN_EXE_asymscale"))
        .args(["explore", "--export"])
        .arg(folder)
        .output();
    command.unwrap()
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
    assert!(size <= 5_000_000, "{size} bytes");

    // What is there already is not written over.
    let again = export(&site);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("must be new or empty"));

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
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    let shown = window.ask("Number(document.body.dataset.loss)");
    assert_eq!(shown.as_f64(), told["loss"].as_f64());
    let outlines = window.ask("document.querySelectorAll('#figure-loss-n use').length");
    assert!(outlines.as_f64().unwrap() > 20.0, "labels are drawn: {outlines}");
}
