//! SHA-256 of a list of fields and of a file's bytes, in hexadecimal.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Digest of the fields under a domain name. Each field is preceded by its length, so that no two
/// lists of fields have the same encoding.
pub(crate) fn of_fields(domain: &str, fields: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for field in std::iter::once(domain.as_bytes()).chain(fields.iter().copied()) {
        hasher.update((field.len() as u64).to_le_bytes());
        hasher.update(field);
    }
    hexadecimal(&hasher.finalize())
}

/// Digest of the bytes as they are: what `sha256sum` prints.
pub(crate) fn of_bytes(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vector of FIPS 180-4 for the message "abc".
    #[test]
    fn agrees_with_the_standard() {
        assert_eq!(
            of_bytes(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        assert_ne!(of_fields("d", &[b"ab", b"c"]), of_fields("d", &[b"a", b"bc"]));
        assert_ne!(of_fields("d", &[b"a"]), of_fields("da", &[]));
    }
}
