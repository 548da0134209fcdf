//! The code of a source file without its comments, documentation, white space and `#[cfg(test)]` items: what a fingerprint is
//! taken of. Compiled into the build script, and into the library for its tests only.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The code of a file as text, token by token. A file that does not parse will not compile either: its text stands for it.
pub(crate) fn code_of(text: String) -> String {
    text.parse::<TokenStream>().map_or(text, |tokens| code_only(tokens).to_string())
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

/// If the tokens start with an attribute: how many tokens it takes, and what is inside its brackets.
fn attribute(tokens: &[TokenTree]) -> Option<(usize, String)> {
    let punct =
        |token: Option<&TokenTree>, c: char| matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == c);
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

/// Behind the item that starts at `at`: past its braces or its semicolon.
fn end_of_item(tokens: &[TokenTree], at: usize) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    };
    tokens[at..].iter().position(ends).map_or(tokens.len(), |n| at + n + 1)
}
