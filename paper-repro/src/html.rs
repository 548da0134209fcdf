//! The report as one page that needs neither network nor script.
//!
//! The ledger is on top; then every chapter with its prose, its code folded, its figures inline
//! with where they come from, its findings, and the planted defect as a control. Maths is MathML.

mod findings;
mod markdown;

use crate::ledger::condition_of;
use crate::weave::{Block, Parts};
use crate::{CLAIMS, Chapter, Report, Verdict, citations, claim_verdict, hard, reproduce};
use asymscale_plots::Color;
use findings::{badge, control, findings_table};
use markdown::{escaped, markdown};
use std::fmt::Write as _;

/// A figure as a run left it.
#[derive(Debug, Clone)]
pub struct Picture {
    /// File name without ending.
    pub name: String,
    /// What it shows.
    pub caption: String,
    /// The drawing.
    pub svg: String,
    /// What the JSON beside it says: command, preset, seed, fingerprints, commit, processor, …
    pub facts: serde_json::Value,
    /// Whether it was drawn by the code as it is.
    pub fresh: bool,
}

/// A chapter with everything the page shows of it.
#[derive(Debug, Clone)]
pub struct Section {
    /// The chapter.
    pub chapter: Chapter,
    /// Its report.
    pub report: Report,
    /// The report with its planted defect.
    pub defect: Report,
    /// Its figures.
    pub pictures: Vec<Picture>,
}

/// The page; `figures` is the path from it to the figures' folder, `explore` that to the folder of
/// an exported `asymscale explore`, if there is one.
///
/// # Errors
/// Names a citation that refers to nothing or a formula that is no TeX, with its chapter.
pub fn html_report(
    sections: &[Section],
    figures: &str,
    explore: Option<&str>,
) -> Result<String, String> {
    let mut page =
        String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>asymscale: the reproduction</title>\n";
    let _ = writeln!(page, "<style>\n{}</style>\n</head>\n<body>", include_str!("html/style.css"));
    page += "<a class=\"skip\" href=\"#main\">Skip to the ledger</a>\n<header>\n";
    page += &markdown(INTRODUCTION)?.replacen("<h2>", "<h1>", 1).replacen("</h2>", "</h1>", 1);
    page += "</header>\n";
    page += &contents(sections, explore.is_some())?;
    page += "<main id=\"main\">\n";
    page += &ledger(sections);
    for section in sections {
        page += &chapter(section, figures)
            .map_err(|error| format!("{}: {error}", section.chapter.id))?;
    }
    page += &explore.map_or_else(String::new, to_play_with);
    page += &own_section(HARD, &hard::what_was_hard(sections)?)?;
    page += &own_section(REPRODUCE, &reproduce::page(sections))?;
    page += "</main>\n</body>\n</html>\n";
    Ok(page)
}

/// Names of the sections that are not about one chapter, which are pages of their own too.
const HARD: &str = "what-was-hard";
const REPRODUCE: &str = "reproduce";

/// The section of the page to play with, which is no page of this report.
const EXPLORE: &str = "explore";
const EXPLORE_TITLE: &str = "A page to play with";

fn to_play_with(folder: &str) -> String {
    format!(
        "<section id=\"{EXPLORE}\">\n<h2>{EXPLORE_TITLE}</h2>\n\
         <p><a href=\"{folder}/index.html\">This page</a> has sliders for α, β and c, and shows what the population loss of the theory \
         does as they move. It was written by <code>asymscale explore --export</code> and needs no server. The command \
         <code>asymscale explore</code> has all parameters, the compute frontier, training and instability, and simulates designs.</p>\n\
         <a href=\"{folder}/index.html\"><img src=\"{folder}.png\" loading=\"lazy\" alt=\"The page: sliders on the left; the loss, \
         what limits it, and its curves in N and D on the right\"></a>\n</section>\n"
    )
}

fn own_section(name: &str, text: &str) -> Result<String, String> {
    Ok(format!("<section id=\"{name}\">\n{}</section>\n", markdown(text)?))
}

const INTRODUCTION: &str = "# Scaling laws from sparse features, tested

Sous & Winer, *Asymmetric Scaling Laws from Sparse Features* (arXiv 2605.23591), make ten claims in their abstract. **Only the abstract is at
hand; the model these claims are tested in is our reconstruction.** No figure or number here is theirs.

Every number below was computed by the code on this page. A *finding* is a prediction, a measurement with its 95 % interval, and how much
disagreement is allowed, with its reason. A measurement may also be *exact*, without sampling error, or the largest or the share of many, with
*no interval* that is known: then its value alone is judged. A finding *holds* if the measurement is within the tolerance and the interval not far beyond it, *fails* if
the whole interval is outside, and is *inconclusive* otherwise. Each chapter ends with a planted mistake that goes through the same code, to
show that its findings can fail.
";

fn contents(sections: &[Section], is_to_play: bool) -> Result<String, String> {
    let mut list = String::from(
        "<nav aria-label=\"Contents\">\n<ol>\n<li><a href=\"#ledger\">The ledger</a></li>\n",
    );
    for section in sections {
        let title = title(&section.chapter);
        let inline = markdown(title)?.replace("<p>", "").replace("</p>\n", "");
        let _ = writeln!(list, "<li><a href=\"#{}\">{inline}</a></li>", section.chapter.id);
    }
    let play = is_to_play.then_some((EXPLORE, EXPLORE_TITLE));
    let own = [(HARD, hard::TITLE), (REPRODUCE, reproduce::TITLE)];
    for (name, title) in play.into_iter().chain(own) {
        let _ = writeln!(list, "<li><a href=\"#{name}\">{title}</a></li>");
    }
    Ok(list + "</ol>\n</nav>\n")
}

/// The first line of a chapter, without its hash.
fn title(chapter: &Chapter) -> &'static str {
    chapter.source.lines().next().and_then(|line| line.strip_prefix("//! # ")).unwrap_or(chapter.id)
}

fn ledger(sections: &[Section]) -> String {
    let mut table = String::from(
        "<section id=\"ledger\">\n<h2>The ledger</h2>\n<div class=\"scroll\">\n<table>\n<caption>A claim holds if all its findings hold, \
         and fails if one of them fails.</caption>\n<thead><tr><th scope=\"col\">claim</th><th scope=\"col\">verdict</th><th scope=\"col\">the abstract says</th>\
         <th scope=\"col\">chapters</th><th scope=\"col\">findings that hold</th></tr></thead>\n<tbody>\n",
    );
    let mut conditions = String::new();
    for (claim, words) in CLAIMS {
        let all = sections.iter().flat_map(|section| &section.report.findings);
        let found: Vec<_> = all.filter(|finding| finding.claim == Some(claim)).collect();
        let holding = found.iter().filter(|finding| finding.verdict == Verdict::Holds).count();
        let bearing =
            sections.iter().filter(|s| s.report.findings.iter().any(|f| f.claim == Some(claim)));
        let links: Vec<String> = bearing
            .map(|s| format!("<a href=\"#{}\">{}</a>", s.chapter.id, s.chapter.number()))
            .collect();
        let condition = condition_of(claim, sections.iter().flat_map(|s| &s.report.facts));
        let below = if condition.is_some() { " (measured: see below)" } else { "" };
        if let Some(condition) = condition {
            let _ = writeln!(conditions, "<p><b>{claim}</b>, as measured: {condition}.</p>");
        }
        let _ = writeln!(
            table,
            "<tr><th scope=\"row\">{claim}</th><td>{}</td><td>{words}{below}</td><td>{}</td><td class=\"number\">{holding} of {}</td></tr>",
            badge(claim_verdict(&found)),
            links.join(", "),
            found.len()
        );
    }
    format!("{table}</tbody>\n</table>\n</div>\n{conditions}</section>\n")
}

fn chapter(section: &Section, figures: &str) -> Result<String, String> {
    let Section { chapter, report, defect, pictures } = section;
    let mut page = format!("<section id=\"{}\">\n", chapter.id);
    let prose = |text: &str| markdown(&citations::resolve(text, report, defect)?);
    let parts = Parts::of(chapter.source);
    page += &prose(&parts.opening)?;
    page += &summary(section)?;
    let _ = writeln!(page, "<h3>Result</h3>\n{}", prose(&parts.result)?);
    for picture in pictures {
        page += &figure(picture, figures);
    }
    page += "<h3>Argument and code</h3>\n";
    for block in &parts.argument {
        page += &match block {
            Block::Prose(text) => prose(text)?,
            Block::Code(text) => code(text),
        };
    }
    let _ = writeln!(page, "<h3>Findings</h3>\n{}", findings_table(&report.findings));
    let _ = writeln!(page, "<h3>Control: {}</h3>", escaped(chapter.defect.name));
    page += &markdown(chapter.defect.description)?;
    page += &control(report, defect, chapter.defect.turns_red);
    Ok(page + "</section>\n")
}

/// What a reader wants to know first: which claims, with which verdict, and what is assumed.
fn summary(section: &Section) -> Result<String, String> {
    let Section { chapter, report, .. } = section;
    let bearing = CLAIMS.iter().filter(|(claim, _)| chapter.claims.contains(claim));
    let lines: Vec<String> = bearing
        .map(|(claim, words)| {
            let found: Vec<_> =
                report.findings.iter().filter(|finding| finding.claim == Some(*claim)).collect();
            format!("<p><b>{claim}</b>, {words}: {}</p>\n", badge(claim_verdict(&found)))
        })
        .collect();
    let lines =
        if lines.is_empty() { "<p>No claim of the abstract.</p>\n".into() } else { lines.concat() };
    let assumed = markdown(&format!("**Assumed:** {}", chapter.assumes))?;
    Ok(format!("<div class=\"facts\">\n{lines}{assumed}</div>\n"))
}

fn code(text: &str) -> String {
    let lines = text.lines().count();
    let first = text
        .lines()
        .find(|line| !line.starts_with("///") && !line.starts_with("#["))
        .unwrap_or_default();
    let first = first.trim_end_matches('{').trim();
    format!(
        "<details>\n<summary>Code, {lines} {}: <code>{}</code></summary>\n<pre><code>{}</code></pre>\n</details>\n",
        if lines == 1 { "line" } else { "lines" },
        escaped(first),
        escaped(text)
    )
}

fn figure(picture: &Picture, figures: &str) -> String {
    let Picture { name, caption, svg, facts, fresh } = picture;
    let fact = |key: &str| match &facts[key] {
        serde_json::Value::String(text) => escaped(text),
        serde_json::Value::Null => "unknown".to_owned(),
        // Whatever stands where a number should, a browser must not take it for marks.
        other => escaped(&other.to_string()),
    };
    let fingerprint =
        |made: &str| escaped(facts[made]["fingerprint"].as_str().unwrap_or("unknown"));
    let (stale, mark) = if *fresh {
        ("", "")
    } else {
        (
            " class=\"stale\"",
            "<b class=\"fails\">Stale: the code has changed since this was drawn.</b> ",
        )
    };
    let changed = if facts["dirty"] == true { " with changes" } else { "" };
    format!(
        "<figure id=\"figure-{name}\"{stale}>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Figure {name}\">\n{}\n</div>\n<figcaption>{mark}{}. Data: <a href=\"{figures}/{name}.csv\">what was measured</a>, \
         <a href=\"{figures}/{name}.drawn.csv\">all that is drawn</a>.<br>\nMade by <code>{}</code>: preset {}, seed {}, rows by code {}, figure by code {}, commit \
         {}{changed}, {} on {} threads, {} s.</figcaption>\n</figure>\n",
        inline(svg, name, caption),
        escaped(caption),
        fact("command"),
        fact("preset"),
        fact("seed"),
        fingerprint("rows"),
        fingerprint("figures"),
        fact("commit").chars().take(12).collect::<String>(),
        fact("cpu"),
        fact("threads"),
        fact("wall_seconds"),
    )
}

/// Colours of the drawings that follow the page's scheme, and the names the page knows them by.
const FOLLOWING: [(Color, &str); 10] = [
    (Color::Ink, "ink"),
    (Color::Muted, "muted"),
    (Color::AXIS, "axis"),
    (Color::GRID, "grid"),
    (Color::BACKGROUND, "paper"),
    (Color::Series(0), "series-0"),
    (Color::Series(2), "series-2"),
    (Color::Series(3), "series-3"),
    (Color::Series(4), "series-4"),
    (Color::Series(5), "series-5"),
];

/// A drawing whose colours are those of the page: light on dark where a reader prefers that.
fn following(svg: &str) -> String {
    FOLLOWING.iter().fold(svg.to_owned(), |svg, (color, name)| {
        let (r, g, b) = color.rgb();
        svg.replace(&format!("\"#{r:02x}{g:02x}{b:02x}\""), &format!("\"var(--figure-{name})\""))
    })
}

/// A drawing whose parts have ids unique on the page, with its caption as a description for those
/// who do not see it.
fn inline(svg: &str, name: &str, caption: &str) -> String {
    let own = |svg: &str, before: &str| svg.replace(before, &format!("{before}{name}-"));
    let svg = following(&own(&own(&own(svg, "id=\""), "href=\"#"), "url(#"));
    let label = svg.find("aria-label=\"").map(|at| at + "aria-label=\"".len());
    let Some((from, length)) = label.and_then(|from| Some((from, svg[from..].find('"')?))) else {
        return svg;
    };
    format!(
        "{}{}: {}{}",
        &svg[..from],
        &svg[from..from + length],
        escaped(caption),
        svg[from + length..].trim_end()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_drawing_are_renamed_and_it_is_described() {
        let svg = "<svg aria-label=\"Peak\"><path id=\"g0\"/><use href=\"#g0\"/><g clip-path=\"url(#c)\"/></svg>\n";
        let expected = "<svg aria-label=\"Peak: Loss &lt; 1\"><path id=\"02-g0\"/><use href=\"#02-g0\"/><g clip-path=\"url(#02-c)\"/></svg>";
        assert_eq!(inline(svg, "02", "Loss < 1"), expected);
    }

    #[test]
    fn a_drawing_follows_the_page_and_white_lines_on_a_map_do_not() {
        let (r, g, b) = Color::Ink.rgb();
        let svg = format!("<path stroke=\"#{r:02x}{g:02x}{b:02x}\"/><path stroke=\"#ffffff\"/>");
        let expected = "<path stroke=\"var(--figure-ink)\"/><path stroke=\"#ffffff\"/>";
        assert_eq!(following(&svg), expected);
    }

    #[test]
    fn every_colour_that_follows_is_defined_for_both_schemes() {
        for (_, name) in FOLLOWING {
            let defined =
                include_str!("html/style.css").matches(&format!("--figure-{name}:")).count();
            assert_eq!(defined, 2, "{name}");
        }
    }

    #[test]
    fn code_is_folded_under_its_first_line() {
        let folded = code("/// Doc.\nfn a() -> &str {\n}");
        assert!(
            folded.contains("<summary>Code, 3 lines: <code>fn a() -&gt; &amp;str</code></summary>"),
            "{folded}"
        );
    }
}
