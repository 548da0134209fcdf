//! Prose to HTML: Markdown by pulldown-cmark, TeX to MathML by pulldown-latex.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Storage, push_mathml};
use std::fmt::Write as _;

/// Markdown as HTML, headings one level down, links to woven chapters as links within the page.
///
/// # Errors
/// Names a formula that is no TeX.
pub(super) fn markdown(text: &str) -> Result<String, String> {
    let events = Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_MATH);
    let events = events.map(translated).collect::<Result<Vec<_>, _>>()?;
    let mut page = String::new();
    html::push_html(&mut page, events.into_iter());
    Ok(captioned(&page))
}

/// Tables with a caption, the sentence that leads to them, and titles that say what they are titles
/// of. On a narrow screen a table scrolls, not the page.
fn captioned(page: &str) -> String {
    let mut parts = page.split("<table>");
    let mut found = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let caption = last_sentence(&found);
        let label = caption.replace('"', "&quot;");
        let _ = write!(
            found,
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\">\n\
             <table><caption>{caption}</caption>"
        );
        let part = part.replace("<th>", "<th scope=\"col\">");
        found += &part.replacen("</table>", "</table>\n</div>", 1);
    }
    found
}

/// The last sentence of a page as it is so far, without marks and without a colon at its end.
fn last_sentence(page: &str) -> String {
    let paragraph = page.rsplit("<p>").next().unwrap_or_default();
    let mut text = String::new();
    for (k, piece) in paragraph.split('<').enumerate() {
        // What stands before the first mark, and behind the end of each other.
        text += if k == 0 { piece } else { piece.split_once('>').map_or("", |mark| mark.1) };
    }
    let sentence = text.trim().rsplit(". ").next().unwrap_or_default();
    sentence.trim_end_matches([':', '.']).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn translated(event: Event<'_>) -> Result<Event<'_>, String> {
    Ok(match event {
        Event::InlineMath(tex) => Event::InlineHtml(mathml(&tex, DisplayMode::Inline)?.into()),
        Event::DisplayMath(tex) => Event::InlineHtml(mathml(&tex, DisplayMode::Block)?.into()),
        Event::Start(Tag::Heading { level, id, classes, attrs }) => {
            Event::Start(Tag::Heading { level: below(level), id, classes, attrs })
        }
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(below(level))),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: within(dest_url), title, id })
        }
        other => other,
    })
}

/// The page has the only heading of level one.
fn below(level: HeadingLevel) -> HeadingLevel {
    HeadingLevel::try_from(level as usize + 1).unwrap_or(HeadingLevel::H6)
}

/// `report/02-name.md` is the section `#02-name`.
fn within(link: CowStr<'_>) -> CowStr<'_> {
    let chapter = link.strip_suffix(".md").and_then(|path| path.rsplit('/').next());
    chapter.map(|name| format!("#{name}").into()).unwrap_or(link)
}

fn mathml(tex: &str, display_mode: DisplayMode) -> Result<String, String> {
    let storage = Storage::new();
    let parser = pulldown_latex::Parser::new(tex, &storage);
    let source = escaped(tex);
    let config =
        RenderConfig { display_mode, annotation: Some(&source), ..RenderConfig::default() };
    let mut out = String::new();
    push_mathml(&mut out, parser, config).map_err(|error| format!("${tex}$: {error}"))?;
    // A mistake is drawn in red rather than returned.
    if out.contains("<merror") {
        return Err(format!("${tex}$ is no TeX"));
    }
    // The sign "less than" comes as it is.
    Ok(out.replace("><</mo>", ">&lt;</mo>"))
}

/// Text as HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_with_a_heading_a_formula_and_a_link() {
        let page =
            markdown("# Title\n\nAt $N = r$, see [02](report/02-peak.md) & *so on*.").unwrap();
        assert!(page.starts_with("<h2>Title</h2>\n<p>At <math"), "{page}");
        assert!(
            page.contains("<mi>N</mi>") && page.contains("<a href=\"#02-peak\">02</a> &amp; <em>"),
            "{page}"
        );
    }

    #[test]
    fn a_table_has_the_sentence_before_it_as_its_caption() {
        let page =
            markdown("First. For *all* parts, in per cent:\n\n| |a|\n|---|---|\n|b|1|\n").unwrap();
        assert!(
            page.contains("<table><caption>For all parts, in per cent</caption><thead>"),
            "{page}"
        );
        assert!(page.contains("<th scope=\"col\">a</th>"), "{page}");
        assert!(page.contains("aria-label=\"For all parts, in per cent\">\n<table>"), "{page}");
        assert!(page.contains("</table>\n</div>"), "{page}");
    }

    #[test]
    fn less_than_is_no_tag() {
        let page = markdown("$N < r$").unwrap();
        assert!(page.contains("&lt;</mo>") && page.contains(">N &lt; r</annotation>"), "{page}");
    }

    #[test]
    fn a_formula_that_is_none_is_an_error() {
        let error = markdown("$\\nosuchcommand{x}$").unwrap_err();
        assert!(error.contains("nosuchcommand"), "{error}");
    }
}
