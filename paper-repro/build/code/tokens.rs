//! The code of a source file without its comments, documentation, white space and `#[cfg(test)]`
//! items: what a fingerprint is taken of.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The code of a file as tokens; `None` if it does not parse, and so will not compile either.
pub(crate) fn code_tokens(text: &str) -> Option<TokenStream> {
    text.parse().ok().map(code_only)
}

/// The tokens without documentation and without `#[cfg(test)]` items.
fn code_only(tokens: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut kept = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        match attribute(&tokens[at..]) {
            Some((length, text)) if text.starts_with("doc") => at += length,
            Some((length, text)) if text.replace(' ', "") == "cfg(test)" => {
                at = end_of_item(&tokens, at + length);
            }
            _ => {
                kept.push(inside(&tokens[at]));
                at += 1;
            }
        }
    }
    kept.into_iter().collect()
}

fn inside(token: &TokenTree) -> TokenTree {
    match token {
        TokenTree::Group(group) => Group::new(group.delimiter(), code_only(group.stream())).into(),
        other => other.clone(),
    }
}

/// If the tokens start with an attribute: how many tokens it takes, and what is inside its
/// brackets.
fn attribute(tokens: &[TokenTree]) -> Option<(usize, String)> {
    let punct = |token: Option<&TokenTree>, c: char| matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == c);
    if !punct(tokens.first(), '#') {
        return None;
    }
    let at = if punct(tokens.get(1), '!') { 2 } else { 1 };
    match tokens.get(at) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
            Some((at + 1, group.stream().to_string()))
        }
        _ => None,
    }
}

/// The place after the item that starts at `at`: past its braces or its semicolon.
fn end_of_item(tokens: &[TokenTree], at: usize) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    };
    tokens[at..].iter().position(ends).map_or(tokens.len(), |n| at + n + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_documentation_layout_and_tests_leave_the_code_alone() {
        let code_of = |text| code_tokens(text).unwrap().to_string();
        let plain = code_of("fn a() -> u32 { 1 }");
        let dressed = "//! Room.\n// Prose {x.y}.\n/// Doc.\nfn a() -> u32 {\n    1 // why\n}\n#[cfg(test)]\nmod tests { fn b() {} }\n";
        assert_eq!(code_of(dressed), plain);
        assert_ne!(code_of("fn a() -> u32 { 2 }"), plain);
        assert_ne!(code_of("#[inline]\nfn a() -> u32 { 1 }"), plain);
        assert!(code_tokens("fn a( {").is_none());
    }
}
