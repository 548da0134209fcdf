//! Files that are no table this reader knows, recognised by their first bytes.

/// The kind of file that such bytes belong to, and what to do about it; `None` for what may be a
/// table.
pub(crate) fn kind(head: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 17] = [
        (
            b"PK\x03\x04",
            "is a ZIP archive or an Excel workbook; unpack it, or save the sheet as CSV",
        ),
        (b"\xd0\xcf\x11\xe0", "is an Excel workbook of the old kind; save the sheet as CSV"),
        (b"BZh", "is compressed with bzip2; inflate it first: bunzip2 -c FILE | asymscale … -"),
        (b"\xfd7zXZ\0", "is compressed with xz; inflate it first: xz -dc FILE | asymscale … -"),
        (
            b"\x04\x22\x4d\x18",
            "is compressed with lz4; inflate it first: lz4 -dc FILE | asymscale … -",
        ),
        (b"7z\xbc\xaf\x27\x1c", "is a 7z archive; unpack it"),
        (b"ARROW1", "is an Arrow or Feather file; save it as Parquet or CSV"),
        (b"PARE", "is encrypted Parquet; save it without encryption"),
        (b"ORC", "is an ORC file; save it as Parquet or CSV"),
        (b"Obj\x01", "is an Avro file; save it as Parquet or CSV"),
        (b"SQLite format 3\0", "is an SQLite database; export the table as CSV"),
        (b"\x93NUMPY", "is a NumPy array; save it with numpy.savetxt"),
        (b"\x89HDF", "is an HDF5 file; save the table as Parquet or CSV"),
        (b"\x89PNG", "is a picture"),
        (b"%PDF", "is a PDF; copy the table into a text file"),
        (b"<?xml", "is XML; save the table as CSV"),
        (b"{\\rtf", "is formatted text (RTF); save it as plain text"),
    ];
    if let Some((_, what)) =
        KINDS.iter().find(|(magic, _)| head.starts_with(magic) && binary(magic, head))
    {
        return Some(what);
    }
    let start = head.trim_ascii_start();
    let begins =
        |tag: &[u8]| start.get(..tag.len()).is_some_and(|found| found.eq_ignore_ascii_case(tag));
    if begins(b"<!doctype html") || begins(b"<html") {
        return Some("is a web page; download the table itself (on GitHub: Raw)");
    }
    if begins(b"version https://git-lfs") {
        return Some("is a Git LFS pointer, not the table; fetch the file with git lfs pull");
    }
    (!tabular(head)).then_some("is neither text nor Parquet")
}

/// `ORC`, `BZh` and `PARE` could also begin a title: then no zero byte follows.
fn binary(magic: &[u8], head: &[u8]) -> bool {
    !magic.iter().all(u8::is_ascii_uppercase) && magic != b"BZh" || head.contains(&0)
}

/// Whether bytes may be text, in one or two bytes a character, Parquet, or compressed.
fn tabular(head: &[u8]) -> bool {
    let known: [&[u8]; 3] = [b"PAR1", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"];
    let skippable = matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]);
    known.iter().any(|magic| head.starts_with(magic))
        || skippable
        || !head.contains(&0)
        || crate::source::decode::two_bytes(head).is_some()
}
