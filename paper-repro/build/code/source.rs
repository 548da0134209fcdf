//! A source file as the items that a name can reach, and the names it imports.

use super::tokens::code_tokens;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::BTreeSet;
use syn::{Expr, ImplItem, Item as Syntax, ItemUse, TraitItem, UseTree};

/// The constant of a chapter's file that says which of its functions plan, run and report.
pub(crate) const CHAPTER: &str = "CHAPTER";

/// A source file.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Its path, relative to the package.
    pub(crate) path: String,
    /// Everything that can be reached on its own.
    pub(crate) items: Vec<Item>,
    /// The names that its `use` declarations bind, including those inside functions.
    pub(crate) imports: Vec<Import>,
    /// Modules that it declares, with or without a file of their own.
    pub(crate) modules: BTreeSet<String>,
    /// Whether it has inline modules, whose items are among those of the file.
    pub(crate) has_inner: bool,
}

/// A piece of a source file.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// The condition under which it is reached.
    pub(crate) entry: Entry,
    /// Its code.
    pub(crate) code: TokenStream,
}

/// The condition under which an item is reached.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    /// Its name is mentioned; for a trait, also any of the `words` that it declares.
    Name { name: String, words: BTreeSet<String> },
    /// Any of these words is mentioned anywhere, because what a macro declares is not known, and
    /// macros are found by other rules than names.
    Word(BTreeSet<String>),
    /// Its word is mentioned anywhere, and the type it belongs to is reached: a member of an `impl`
    /// without a trait.
    Member { of: TokenStream, word: String },
    /// The type it is for and the trait are reached, because `?`, operators, formatting and loops
    /// do not name what they call.
    Implementation { of: TokenStream, by: TokenStream },
    /// It is asked for, or its word is mentioned where [`CHAPTER`] is reached: a field of that
    /// constant.
    Field(String),
    /// Any other item of the file is reached.
    File,
    /// Nothing is needed: it always counts as reached.
    Always,
}

/// A name that a `use` declaration binds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Import {
    /// The name; `_` where the declaration gives none, `*` for all that the path holds.
    pub(crate) bound: String,
    /// What it stands for, from a crate, `crate`, `self`, `super` or a module on.
    pub(crate) path: Vec<String>,
}

impl Import {
    /// The declaration as it goes into a fingerprint.
    pub(crate) fn text(&self) -> String {
        format!("use {} as {}", self.path.join("::"), self.bound)
    }
}

impl Source {
    /// Takes a file apart. A file that cannot be read as Rust will not compile either: it is one
    /// item, always reached.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let (items, imports, modules) = (Vec::new(), Vec::new(), BTreeSet::new());
        let mut source = Self { path: path.to_owned(), items, imports, modules, has_inner: false };
        let code = code_tokens(text);
        match code.clone().and_then(|code| syn::parse2::<syn::File>(code).ok()) {
            Some(file) => file.items.into_iter().for_each(|item| source.take(item)),
            None => source.push(Entry::Always, code.clone().unwrap_or_else(|| literal(text))),
        }
        nested_imports(code.unwrap_or_default(), &mut source.imports);
        source
    }

    /// The module it is, by its path: of files in `src`, below the crate; of others, by the file's
    /// name.
    pub(crate) fn module(&self) -> Vec<String> {
        let path = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let path = path.strip_suffix(".rs").unwrap_or(path);
        let path = path.strip_suffix("/mod").unwrap_or(path);
        path.split('/').filter(|word| *word != "lib").map(str::to_owned).collect()
    }

    fn push(&mut self, entry: Entry, code: TokenStream) {
        self.items.push(Item { entry, code });
    }

    fn named(&mut self, name: &syn::Ident, code: TokenStream) {
        self.push(Entry::Name { name: word(name), words: BTreeSet::new() }, code);
    }

    fn take(&mut self, item: Syntax) {
        let code = item.to_token_stream();
        match item {
            Syntax::Fn(item) => self.named(&item.sig.ident, code),
            Syntax::Const(item) if item.ident == CHAPTER => self.take_chapter(&item, code),
            Syntax::Const(item) => self.named(&item.ident, code),
            Syntax::Static(item) => self.named(&item.ident, code),
            Syntax::Struct(item) => self.named(&item.ident, code),
            Syntax::Enum(item) => self.named(&item.ident, code),
            Syntax::Union(item) => self.named(&item.ident, code),
            Syntax::Type(item) => self.named(&item.ident, code),
            Syntax::TraitAlias(item) => self.named(&item.ident, code),
            Syntax::Trait(item) => {
                let words = item.items.iter().filter_map(declared).collect();
                self.push(Entry::Name { name: word(&item.ident), words }, code);
            }
            Syntax::Macro(item) => {
                let words = item
                    .ident
                    .as_ref()
                    .map_or_else(|| words_of(code.clone()), |name| [word(name)].into());
                self.push(Entry::Word(words), code);
            }
            Syntax::Impl(item) => self.take_implementation(item, code),
            Syntax::Mod(item) => {
                self.modules.insert(word(&item.ident));
                self.has_inner |= item.content.is_some();
                item.content
                    .into_iter()
                    .flat_map(|(_, items)| items)
                    .for_each(|item| self.take(item));
            }
            // Their names are bound, and found, with those of all other declarations of the file.
            Syntax::Use(_) => {}
            _ => self.push(Entry::File, code),
        }
    }

    /// The fields of a chapter one by one, since its report says the chapter's name and does not
    /// depend on its plan for that.
    fn take_chapter(&mut self, item: &syn::ItemConst, code: TokenStream) {
        let Expr::Struct(value) = &*item.expr else { return self.named(&item.ident, code) };
        let (kind, path) = (&item.ty, &value.path);
        self.named(&item.ident, quote::quote!(const CHAPTER: #kind = #path));
        for field in &value.fields {
            self.push(
                Entry::Field(field.member.to_token_stream().to_string()),
                field.to_token_stream(),
            );
        }
    }

    fn take_implementation(&mut self, mut item: syn::ItemImpl, code: TokenStream) {
        let of = item.self_ty.to_token_stream();
        if let Some((_, by, _)) = &item.trait_ {
            // What the trait is made for counts as what the implementation is for: `impl From<Own>
            // for String`.
            let arguments = by.segments.iter().map(|segment| segment.arguments.to_token_stream());
            let of = of.into_iter().chain(arguments.flatten()).collect();
            return self.push(Entry::Implementation { of, by: by.to_token_stream() }, code);
        }
        let members = std::mem::take(&mut item.items);
        let head = item.to_token_stream();
        for member in members {
            let code = head.clone().into_iter().chain(member.to_token_stream()).collect();
            let name = match &member {
                ImplItem::Fn(member) => Some(&member.sig.ident),
                ImplItem::Const(member) => Some(&member.ident),
                ImplItem::Type(member) => Some(&member.ident),
                _ => None,
            };
            let entry = match name.map(word) {
                Some(word) => Entry::Member { of: of.clone(), word },
                None => Entry::Implementation { of: of.clone(), by: TokenStream::new() },
            };
            self.push(entry, code);
        }
    }
}

fn literal(text: &str) -> TokenStream {
    TokenTree::from(proc_macro2::Literal::string(text)).into()
}

/// An identifier without the mark of a raw one.
pub(crate) fn word(identifier: &proc_macro2::Ident) -> String {
    let text = identifier.to_string();
    text.strip_prefix("r#").map(str::to_owned).unwrap_or(text)
}

fn declared(item: &TraitItem) -> Option<String> {
    match item {
        TraitItem::Fn(item) => Some(word(&item.sig.ident)),
        TraitItem::Const(item) => Some(word(&item.ident)),
        TraitItem::Type(item) => Some(word(&item.ident)),
        _ => None,
    }
}

/// Every identifier among some tokens.
pub(crate) fn words_of(code: TokenStream) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for token in code {
        match token {
            TokenTree::Ident(identifier) => {
                words.insert(word(&identifier));
            }
            TokenTree::Group(group) => words.append(&mut words_of(group.stream())),
            _ => {}
        }
    }
    words
}

/// What the `use` declarations among some tokens bind, however deep they stand.
fn nested_imports(code: TokenStream, imports: &mut Vec<Import>) {
    let tokens: Vec<TokenTree> = code.into_iter().collect();
    let ends =
        |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';');
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => nested_imports(group.stream(), imports),
            token if is_word(token, "use") => {
                let length =
                    tokens[at..].iter().position(ends).map_or(tokens.len() - at, |n| n + 1);
                let declaration: TokenStream = tokens[at..at + length].iter().cloned().collect();
                // A `use` that is not a declaration, as in `impl Trait + use<'a>`, binds nothing.
                if let Ok(declaration) = syn::parse2::<ItemUse>(declaration) {
                    bind(&declaration.tree, &mut Vec::new(), imports);
                }
            }
            _ => {}
        }
    }
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(identifier) if identifier == word)
}

fn bind(tree: &UseTree, path: &mut Vec<String>, imports: &mut Vec<Import>) {
    let depth = path.len();
    match tree {
        UseTree::Path(tree) => {
            path.push(word(&tree.ident));
            bind(&tree.tree, path, imports);
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| bind(tree, path, imports)),
        UseTree::Name(name) => {
            if name.ident != "self" {
                path.push(word(&name.ident));
            }
            let bound = path.last().cloned().unwrap_or_default();
            imports.push(Import { bound, path: path.clone() });
        }
        UseTree::Rename(rename) => {
            if rename.ident != "self" {
                path.push(word(&rename.ident));
            }
            imports.push(Import { bound: word(&rename.rename), path: path.clone() });
        }
        UseTree::Glob(_) => imports.push(Import { bound: "*".to_owned(), path: path.clone() }),
    }
    path.truncate(depth);
}
