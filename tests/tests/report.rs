//! The page of the report: valid, whole, without network, readable by all; and it works in a
//! browser.

use scraper::{ElementRef, Html, Selector};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

static TEXT: LazyLock<String> = LazyLock::new(|| fs::read_to_string(page()).unwrap());

/// The tracked page.
fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../paper-repro/report/index.html")
}

fn all<'a>(document: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    document.select(&Selector::parse(selector).unwrap()).collect()
}

fn attribute<'a>(element: &ElementRef<'a>, name: &str) -> &'a str {
    element.value().attr(name).unwrap_or_default()
}

#[test]
fn the_page_is_valid_and_whole() {
    let document = Html::parse_document(&TEXT);
    assert!(document.errors.is_empty(), "{:?}", document.errors);
    assert_eq!(all(&document, "#ledger tbody tr").len(), 10);
    let chapters = paper_repro::chapters();
    for chapter in &chapters {
        let section = format!("section[id=\"{}\"]", chapter.id);
        for part in ["h2", "figure svg", "figcaption", "details pre", "table", ".facts"] {
            assert!(
                !all(&document, &format!("{section} {part}")).is_empty(),
                "{}: no {part}",
                chapter.id
            );
        }
    }
    // The ledger, the page to play with, what was hard, and how to reproduce.
    assert_eq!(all(&document, "nav a").len(), chapters.len() + 4);
    for page in ["what-was-hard", "reproduce"] {
        let rows = all(&document, &format!("section[id=\"{page}\"] tbody tr")).len();
        assert!(rows >= 10, "{page}: {rows} rows");
    }
    let ids: Vec<&str> =
        all(&document, "[id]").iter().map(|element| attribute(element, "id")).collect();
    let mut seen = HashSet::new();
    let twice: Vec<_> = ids.iter().filter(|id| !seen.insert(**id)).collect();
    assert!(twice.is_empty(), "ids given twice: {twice:?}");
}

#[test]
fn links_resolve_and_none_leaves_the_repository() {
    let document = Html::parse_document(&TEXT);
    let ids: HashSet<&str> = all(&document, "[id]").iter().map(|e| attribute(e, "id")).collect();
    let links = all(&document, "a[href]");
    assert!(links.len() >= 4 * paper_repro::chapters().len(), "{} links", links.len());
    for link in links {
        let target = attribute(&link, "href");
        match target.strip_prefix('#') {
            Some(id) => assert!(ids.contains(id), "{target} leads nowhere"),
            None => assert!(page().with_file_name(target).exists(), "{target} is no file"),
        }
    }
    for outside in ["script", "link", "iframe", "[src]:not(img)", "object", "base"] {
        assert!(all(&document, outside).is_empty(), "the page has <{outside}>");
    }
    // The picture of the page to play with, which lies beside this one.
    let pictures = all(&document, "img");
    assert_eq!(pictures.len(), 1);
    let file = attribute(&pictures[0], "src");
    assert!(page().with_file_name(file).is_file() && !attribute(&pictures[0], "alt").is_empty());
    assert!(!TEXT.contains("url(http") && !TEXT.contains("@import"));
}

#[test]
fn the_page_is_readable_by_all() {
    let document = Html::parse_document(&TEXT);
    assert_eq!(attribute(&all(&document, "html")[0], "lang"), "en");
    for drawing in all(&document, "svg") {
        assert_eq!(attribute(&drawing, "role"), "img");
        assert!(
            attribute(&drawing, "aria-label").len() > 30,
            "{}",
            attribute(&drawing, "aria-label")
        );
    }
    let levels: Vec<u32> = all(&document, "h1, h2, h3, h4, h5, h6")
        .iter()
        .map(|heading| heading.value().name()[1..].parse().unwrap())
        .collect();
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    assert!(
        levels.windows(2).all(|pair| pair[1] <= pair[0] + 1),
        "headings skip a level: {levels:?}"
    );
    for table in all(&document, "table") {
        let select = |what| table.select(&Selector::parse(what).unwrap()).count();
        assert!(select("caption") == 1 && select("th[scope]") > 2, "{}", table.html());
    }
    assert!(!TEXT.contains("<merror"), "a formula is no TeX");
}

/// WCAG 2.1, success criterion 1.4.3: 4.5 to 1 for text, in the light scheme and in the dark one.
#[test]
fn colours_have_contrast() {
    let style = TEXT.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let schemes: Vec<&str> = style.split(":root {").skip(1).collect();
    assert_eq!(schemes.len(), 2);
    for scheme in schemes {
        let colour = |name: &str| {
            let value = scheme.split(&format!("--{name}: #")).nth(1).unwrap();
            let digits: String = value.chars().take_while(char::is_ascii_hexdigit).collect();
            luminance(&digits)
        };
        for ink in ["ink", "soft", "link", "holds", "fails", "open"] {
            for ground in ["paper", "tint"] {
                let (a, b) = (colour(ink), colour(ground));
                let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(contrast >= 4.5, "{ink} on {ground}: {contrast:.2}");
            }
        }
    }
}

/// Relative luminance of `rgb` or `rrggbb`.
fn luminance(digits: &str) -> f64 {
    let width = digits.len() / 3;
    let linear = |k: usize| {
        let part = &digits[k * width..(k + 1) * width];
        let value = f64::from(u8::from_str_radix(&part.repeat(3 - width), 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(0) + 0.7152 * linear(1) + 0.0722 * linear(2)
}

/// Opens the page with the network cut off, unfolds code, and measures. Needs a browser: skipped
/// with a visible word where there is none, a failure where `ASYMSCALE_BROWSER=required`.
#[test]
fn the_page_works_in_a_browser() {
    let Some(browser) = browser() else {
        assert!(
            std::env::var("ASYMSCALE_BROWSER").as_deref() != Ok("required"),
            "no browser was found"
        );
        asymscale_tests::skipped("no chromium or google-chrome on this machine");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let probed = folder.path().join("index.html");
    fs::write(&probed, TEXT.replace("</body>", &format!("<script>{PROBE}</script></body>")))
        .unwrap();
    for (width, height) in [(1280, 900), (390, 844)] {
        let answer = ask(&browser, &probed, folder.path(), (width, height));
        let value = |key: &str| {
            let found = answer
                .split(&format!("data-{key}=\""))
                .nth(1)
                .and_then(|rest| rest.split('"').next());
            found.unwrap_or_else(|| panic!("no {key} from the browser")).parse::<f64>().unwrap()
        };
        assert_eq!(value("rows"), 10.0);
        assert_eq!(value("figures"), paper_repro::chapters().len() as f64);
        assert!(value("smallest") > 100.0, "a figure is {} pixels high", value("smallest"));
        assert!(value("folded") == 0.0 && value("open") > 20.0, "code opens: {}", value("open"));
        assert!(value("maths") > 5.0, "a formula is {} pixels high", value("maths"));
        // A headless window has a least width of its own, so the page is held against what it was
        // given.
        assert!(value("overflow") <= 0.0, "at {width}: {} pixels too wide", value("overflow"));
        // The verdicts of the ledger are seen without scrolling.
        assert!(value("hidden") <= 0.0, "at {width}: verdicts {} pixels out", value("hidden"));
    }
}

const PROBE: &str = "
const fold = document.querySelector('details'), code = fold.querySelector('pre');
const high = element => element.getBoundingClientRect().height;
const answer = document.body.dataset;
answer.folded = fold.open ? 1 : code.checkVisibility() ? 1 : 0;
fold.querySelector('summary').click();
const figures = [...document.querySelectorAll('figure svg')];
answer.rows = document.querySelectorAll('#ledger tbody tr').length;
answer.figures = new Set(figures.map(svg => svg.closest('section').id)).size;
answer.smallest = Math.min(...figures.map(high));
answer.maths = Math.min(...[...document.querySelectorAll('math')].map(high));
answer.open = code.checkVisibility() ? high(code) : 0;
const verdicts = [...document.querySelectorAll('#ledger tbody .verdict')];
const ends = verdicts.map(verdict => verdict.getBoundingClientRect().right);
answer.hidden = Math.max(...ends) - document.documentElement.clientWidth;
answer.overflow = document.documentElement.scrollWidth - document.documentElement.clientWidth;
";

fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|file| file.is_file())
}

fn ask(browser: &Path, page: &Path, folder: &Path, (width, height): (u32, u32)) -> String {
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.join(format!("profile-{width}")).display()))
        .arg(format!("--window-size={width},{height}"))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
