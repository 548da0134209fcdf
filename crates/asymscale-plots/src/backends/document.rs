//! The SVG document around a drawing: names, metadata, the outlines of glyphs.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::backends::text::{self, Weight};

/// Outlines of glyphs by font and number, in a fixed order.
pub(crate) type Glyphs = BTreeMap<(u8, u16), String>;

/// What surrounds the drawing in the file.
pub(crate) struct DocumentInfo<'a> {
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    pub(crate) metadata: &'a [(String, String)],
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// The whole file; `size` is that of the view box.
pub(crate) fn write(
    head: &DocumentInfo<'_>,
    size: (i32, i32),
    glyphs: &Glyphs,
    body: &str,
) -> String {
    let (w, h) = size;
    let (width, height) = (head.width, head.height);
    let title = escape(&text::shape(head.title, Weight::Regular).plain);
    let description = escape(&text::shape(head.description, Weight::Regular).plain);
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width}" height="{height}" viewBox="0 0 {w} {h}" role="img" aria-label="{title}">"#
    );
    let _ = write!(svg, "\n<title>{title}</title>\n<desc>{description}</desc>\n<metadata>\n");
    for (key, value) in head.metadata {
        let _ = writeln!(svg, "{}: {}", escape(key), escape(value));
    }
    svg.push_str("</metadata>\n<defs>\n");
    // Blanks have no outline and are referred to by nothing.
    for ((face, id), outline) in glyphs.iter().filter(|(_, outline)| !outline.is_empty()) {
        let _ = writeln!(svg, r#"<path id="g{face}-{id}" d="{outline}"/>"#);
    }
    svg.push_str("</defs>\n");
    let _ = writeln!(svg, "<rect width=\"{w}\" height=\"{h}\" fill=\"#fefefe\"/>");
    let _ = write!(svg, "<g stroke-linejoin=\"round\">\n{body}</g>\n</svg>\n");
    svg
}

/// Text as XML, without the control characters that XML forbids.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(sign),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_control_characters_are_made_harmless() {
        assert_eq!(escape("a<b & \"c\">\u{1}\u{ffff}"), "a&lt;b &amp; &quot;c&quot;&gt;");
    }
}
