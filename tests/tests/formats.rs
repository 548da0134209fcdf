//! Figures as PNG and PDF beside their SVG, by the real binary.

use asymscale_tests::{parts, products};
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const CHAPTER: &str = "04";
const NAME: &str = "figures/04-unseen-bottleneck";

fn run(out: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_repro-under-test"));
    command.args([CHAPTER, "--quick"]).args(words).arg("--out").arg(out).stdin(Stdio::null());
    command.output().unwrap()
}

fn succeed(out: &Path, words: &[&str]) -> String {
    let output = run(out, words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn read(out: &Path, ending: &str) -> Option<Vec<u8>> {
    fs::read(out.join(format!("{NAME}.{ending}"))).ok()
}

/// Width and height of the drawing, in its own pixels.
fn size(svg: &[u8]) -> [u32; 2] {
    let text = String::from_utf8_lossy(svg);
    ["width", "height"].map(|side| {
        let (_, rest) = text.split_once(&format!(" {side}=\"")).unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    })
}

/// Width and height of a PNG, every pixel of it decoded, and how many different bytes it has.
fn decoded(png: &[u8]) -> ([u32; 2], usize) {
    let mut reader = png::Decoder::new(Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    let mut bytes = pixels[..frame.buffer_size()].to_vec();
    bytes.sort_unstable();
    bytes.dedup();
    ([frame.width, frame.height], bytes.len())
}

#[test]
fn a_fresh_figure_gets_its_formats_without_its_rows() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path();
    succeed(out, &[]);
    assert!(read(out, "png").is_none() && read(out, "pdf").is_none(), "SVG alone by default");
    let before = products(out);
    fs::remove_dir_all(out.join("parts")).unwrap();

    let said = succeed(out, &["--formats", "svg,png,pdf"]);
    assert!(said.contains("nothing computed, 2 files written"), "{said}");
    assert!(parts(out).is_empty(), "rows were computed");
    let (png, pdf) = (read(out, "png").unwrap(), read(out, "pdf").unwrap());
    let (shape, shades) = decoded(&png);
    assert_eq!(shape, size(&read(out, "svg").unwrap()).map(|side| 2 * side));
    assert!(shades > 30, "{shades} shades");
    assert!(pdf.starts_with(b"%PDF-"));
    let text = String::from_utf8_lossy(&pdf);
    assert!(text.matches("/Type /Page\n").count() == 1 && text.contains("/Count 1"));
    // Nothing else has changed.
    for (name, bytes) in before {
        assert!(products(out).contains(&(name.clone(), bytes)), "{name}");
    }

    // Of a figure that is stale, and of one that is missing, the rows are computed first.
    let facts = out.join(format!("{NAME}.json"));
    fs::write(&facts, "{}").unwrap();
    let said = succeed(out, &["--formats", "png"]);
    assert!(!said.contains("nothing computed") && !parts(out).is_empty(), "{said}");
    let other = tempfile::tempdir().unwrap();
    succeed(other.path(), &["--formats", "png"]);
    assert_eq!(read(other.path(), "png"), Some(png));
    assert!(read(other.path(), "svg").is_some() && read(other.path(), "pdf").is_none());
}

#[test]
fn other_formats_are_refused_before_any_work() {
    let out = tempfile::tempdir().unwrap();
    for (words, says) in [
        (
            &["--formats", "svg,jpg"][..],
            "--formats svg,jpg: must be one or more of svg, png and pdf",
        ),
        (&["--formats", "png", "--check"][..], "cannot be used with"),
    ] {
        let output = run(out.path(), words);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(says), "{said}");
    }
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0, "something was left");
}

/// PNG and PDF beside the tracked figures are no files of the repository.
#[test]
fn git_ignores_further_formats_of_tracked_figures() {
    let ignore = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../.gitignore")).unwrap();
    for ending in ["png", "pdf"] {
        assert!(ignore.lines().any(|line| line == format!("/figures/*.{ending}")), "{ending}");
    }
}
