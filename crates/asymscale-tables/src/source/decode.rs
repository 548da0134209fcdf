//! Bytes of a text file as UTF-8 whose lines end in line feeds.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Text, and the encoding it was in.
pub(crate) struct Text {
    /// UTF-8 but for bytes that no rule of an encoding explains; ends in a line feed unless empty.
    pub(crate) bytes: Vec<u8>,
    pub(crate) encoding: &'static str,
}

/// Decodes UTF-8, UTF-16 with or without a mark, and Latin-1 (as Windows has it).
pub(crate) fn text(bytes: Vec<u8>) -> Text {
    let (mut bytes, encoding) = utf8(bytes);
    if memchr::memchr(b'\r', &bytes).is_some() {
        bytes = line_feeds(&bytes);
    }
    // A cell may hold a zero byte that fell into a file; it is no character of a table.
    if memchr::memchr(0, &bytes).is_some() {
        bytes.retain(|byte| *byte != 0);
    }
    if bytes.last().is_some_and(|last| *last != b'\n') {
        bytes.push(b'\n');
    }
    Text { bytes, encoding }
}

fn utf8(mut bytes: Vec<u8>) -> (Vec<u8>, &'static str) {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
        return (bytes, "UTF-8");
    }
    if let Some(encoding) = two_bytes(&bytes) {
        return (decoded(encoding, &bytes), "UTF-16");
    }
    if bytes.is_ascii() || std::str::from_utf8(&bytes).is_ok() {
        return (bytes, "UTF-8");
    }
    (decoded(WINDOWS_1252, &bytes), "Latin-1")
}

fn decoded(encoding: &'static Encoding, bytes: &[u8]) -> Vec<u8> {
    encoding.decode(bytes).0.into_owned().into_bytes()
}

/// UTF-16, by its mark, or by every other byte of the first few being zero.
pub(crate) fn two_bytes(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0xff, 0xfe, ..] => return Some(UTF_16LE),
        [0xfe, 0xff, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let head = &bytes[..bytes.len().min(64) & !1];
    if head.len() < 4 {
        return None;
    }
    let zeros =
        |first: usize| head.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // Titles of a table are mostly in the Latin alphabet, whose high bytes are zero.
    match head.len() / 2 {
        pairs if even == 0 && 10 * odd >= 9 * pairs => Some(UTF_16LE),
        pairs if odd == 0 && 10 * even >= 9 * pairs => Some(UTF_16BE),
        _ => None,
    }
}

/// Carriage returns, alone or before a line feed, as line feeds.
fn line_feeds(bytes: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'\r', rest) {
        lines.extend_from_slice(&rest[..at]);
        lines.push(b'\n');
        rest = &rest[at + 1..];
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    }
    lines.extend_from_slice(rest);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_and_line_end_gives_the_same_text() {
        let wanted = "é,n\n1,2\n";
        let two = |swap: bool, mark: bool| {
            let units = mark.then_some(0xfeff).into_iter().chain("é,n\r\n1,2\n".encode_utf16());
            units
                .flat_map(|unit| if swap { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect::<Vec<u8>>()
        };
        let cases: [Vec<u8>; 8] = [
            wanted.into(),
            "\u{feff}é,n\r1,2\r".into(),
            "é,n\r\n1,2".into(),
            b"\xe9,n\n1,2".to_vec(),
            two(false, true),
            two(true, true),
            two(false, false),
            two(true, false),
        ];
        for bytes in cases {
            assert_eq!(String::from_utf8(text(bytes.clone()).bytes).unwrap(), wanted, "{bytes:?}");
        }
    }
}
