//! What the words of a piece of code may stand for, among the files of a program.

use super::source::{Entry, Import, Source, word};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};

/// An item of a program: the file's number, and its own in that file.
pub(crate) type Id = (usize, usize);

/// Source files that may name each other.
#[derive(Debug, Default)]
pub(crate) struct Program {
    /// The files.
    pub(crate) sources: Vec<Source>,
    /// Crates that the files may name, as code spells them.
    pub(crate) crates: BTreeSet<String>,
    /// Crates of which all traits are known.
    pub(crate) known: BTreeSet<String>,
    /// Those traits. Code that imports a trait can use it without naming it.
    pub(crate) traits: BTreeSet<String>,
    /// Numbers of the files, by the modules they are.
    modules: BTreeMap<Vec<String>, usize>,
    /// Items by file and name.
    items: BTreeMap<(usize, String), Vec<Id>>,
    /// Imports by file and name, `*` for those of all that a module holds.
    imports: BTreeMap<(usize, String), Vec<Id>>,
}

/// How often one import may lead to the next. A longer chain is a cycle, and adds nothing.
const LONGEST: usize = 12;

/// What a piece of code mentions.
#[derive(Debug, Default)]
pub(crate) struct Mentions {
    /// Items of the program.
    pub(crate) items: BTreeSet<Id>,
    /// `use` declarations it goes through: the file's number, and their own.
    pub(crate) imports: BTreeSet<Id>,
    /// Crates, as code spells them.
    pub(crate) crates: BTreeSet<String>,
    /// Files that it includes, from the folder of its own.
    pub(crate) included: BTreeSet<String>,
    /// All identifiers.
    pub(crate) words: BTreeSet<String>,
}

/// A token, with groups opened.
#[derive(Debug, Clone, PartialEq)]
enum Flat {
    Word(String),
    Punct(char),
    Text { text: String, is_in_attribute: bool },
    Edge,
}

impl Program {
    /// Files that may name the given crates.
    pub(crate) fn new(sources: Vec<Source>, crates: BTreeSet<String>) -> Self {
        let mut program = Self { sources, crates, ..Self::default() };
        for (file, source) in program.sources.iter().enumerate() {
            program.modules.insert(source.module(), file);
            for (number, item) in source.items.iter().enumerate() {
                if let Entry::Name { name, .. } = &item.entry {
                    program.items.entry((file, name.clone())).or_default().push((file, number));
                }
            }
            for (number, import) in source.imports.iter().enumerate() {
                program
                    .imports
                    .entry((file, import.bound.clone()))
                    .or_default()
                    .push((file, number));
            }
        }
        program
    }

    /// The same, with all traits of the crates of which they are known.
    #[must_use]
    pub(crate) fn with_traits(self, known: BTreeSet<String>, traits: BTreeSet<String>) -> Self {
        Self { known, traits, ..self }
    }

    /// A field of the chapter that a file declares.
    pub(crate) fn field(&self, file: usize, name: &str) -> Option<Id> {
        let is_field = |entry: &Entry| matches!(entry, Entry::Field(field) if field == name);
        self.sources[file]
            .items
            .iter()
            .position(|item| is_field(&item.entry))
            .map(|number| (file, number))
    }

    /// Everything of a name in a file.
    pub(crate) fn named(&self, file: usize, name: &str) -> &[Id] {
        self.items.get(&(file, name.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// Everything of a name.
    pub(crate) fn named_anywhere(&self, name: &str) -> impl Iterator<Item = Id> {
        (0..self.sources.len()).flat_map(move |file| self.named(file, name)).copied()
    }

    fn imports_of(&self, file: usize, name: &str) -> &[Id] {
        self.imports.get(&(file, name.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// What code of a file mentions.
    pub(crate) fn mentions(&self, file: usize, code: &TokenStream) -> Mentions {
        let mut flat = Vec::new();
        flatten(code.clone(), false, &mut flat);
        let mut found = Mentions::default();
        for (at, token) in flat.iter().enumerate() {
            match token {
                Flat::Word(word) => {
                    found.words.insert(word.clone());
                    found.included.extend(include_at(&flat, at));
                    self.mention(file, &flat, at, &mut found);
                }
                Flat::Text { text, is_in_attribute } => {
                    self.mention_text(file, text, *is_in_attribute, &mut found);
                }
                _ => {}
            }
        }
        found
    }

    /// Adds what the words of a macro may stand for where it is used, which is in any file.
    pub(crate) fn mentions_of_macro(&self, found: &mut Mentions) {
        for word in found.words.clone() {
            self.anywhere(&word, found);
        }
    }

    /// The word at a place, with the path that it begins.
    fn mention(&self, file: usize, flat: &[Flat], at: usize, found: &mut Mentions) {
        let is = |back: usize, c: char| at >= back && flat[at - back] == Flat::Punct(c);
        let Flat::Word(head) = &flat[at] else { return };
        // A field, a method or a lifetime is no name; behind two dots there is one.
        if is(1, '\'') || (is(1, '.') && !is(2, '.')) {
            return;
        }
        if is(1, ':') && is(2, ':') {
            // A path that begins with a name was followed from its first word.
            let is_head = at < 3 || !matches!(flat[at - 3], Flat::Word(_));
            if is_head {
                self.anywhere(head, found);
                self.external(head, found);
            }
            return;
        }
        let mut path = vec![head.clone()];
        let mut next = at + 1;
        while let [Flat::Punct(':'), Flat::Punct(':'), Flat::Word(word), ..] = &flat[next..] {
            path.push(word.clone());
            next += 3;
        }
        self.path(file, &path, found);
    }

    /// A path as code of a file says it. Where it leads nowhere its first word is that of a crate,
    /// or a variable.
    fn path(&self, file: usize, path: &[String], found: &mut Mentions) {
        self.external(&path[0], found);
        let is_own = ["crate", "self", "super"].contains(&path[0].as_str());
        if !self.resolve(file, path, LONGEST, found) && is_own {
            self.all_anywhere(path, found);
        }
    }

    /// Follows a path from a file; whether it leads anywhere.
    fn resolve(&self, file: usize, path: &[String], left: usize, found: &mut Mentions) -> bool {
        let Some((head, rest)) = path.split_first() else { return true };
        let module = self.sources[file].module();
        let mut next: Vec<usize> = Vec::new();
        match head.as_str() {
            "crate" => next.extend(self.modules.get(&Vec::new())),
            "self" => next.push(file),
            // A module within the file has the file above it.
            "super" => {
                next.extend(self.modules.get(&module[..module.len().saturating_sub(1)]));
                next.extend(self.sources[file].has_inner.then_some(file));
            }
            name => {
                next.extend(self.modules.get(&[&module[..], &[name.to_owned()]].concat()));
                next.extend(
                    self.sources[file]
                        .has_inner
                        .then_some(file)
                        .filter(|_| self.sources[file].modules.contains(name)),
                );
            }
        }
        let mut leads = !next.is_empty();
        for file in next {
            // A name that is not found in a module may stand anywhere.
            if !self.resolve(file, rest, left, found) {
                self.all_anywhere(rest, found);
            }
        }
        let items = self.named(file, head);
        leads |= !items.is_empty();
        found.items.extend(items);
        for id in self.imports_of(file, head) {
            leads = true;
            self.follow(*id, rest, left, found);
        }
        for id in self.imports_of(file, "*") {
            let import = &self.sources[id.0].imports[id.1];
            if !self.is_external(import) {
                self.follow(*id, &[], left, found);
                self.anywhere(head, found);
                self.all_anywhere(rest, found);
            }
        }
        leads
    }

    /// Follows an import and what comes behind it.
    fn follow(&self, id: Id, rest: &[String], left: usize, found: &mut Mentions) {
        let import = &self.sources[id.0].imports[id.1];
        found.imports.insert(id);
        let path = [&import.path[..], rest].concat();
        if self.is_external(import) {
            self.external(&path[0], found);
        } else if left > 0 && !self.resolve(id.0, &path, left - 1, found) {
            self.all_anywhere(&path, found);
        }
    }

    /// Everything of this name, in whatever file, and whatever is imported by it.
    fn anywhere(&self, name: &str, found: &mut Mentions) {
        found.items.extend(self.named_anywhere(name));
        for id in (0..self.sources.len()).flat_map(|file| self.imports_of(file, name)) {
            if found.imports.insert(*id) {
                let import = &self.sources[id.0].imports[id.1];
                if self.is_external(import) {
                    self.external(&import.path[0], found);
                } else {
                    self.all_anywhere(&import.path, found);
                }
            }
        }
    }

    fn all_anywhere(&self, words: &[String], found: &mut Mentions) {
        for word in words {
            self.anywhere(word, found);
        }
    }

    fn external(&self, head: &str, found: &mut Mentions) {
        if self.crates.contains(head) {
            found.crates.insert(head.to_owned());
        }
    }

    /// Whether it stands for something of another crate.
    pub(crate) fn is_external(&self, import: &Import) -> bool {
        let standard = ["std", "core", "alloc"];
        import
            .path
            .first()
            .is_some_and(|head| self.crates.contains(head) || standard.contains(&head.as_str()))
    }

    /// Names in a string: those that a format captures, and in an attribute any path.
    fn mention_text(&self, file: usize, text: &str, is_path: bool, found: &mut Mentions) {
        let captured = text.split('{').skip(1);
        let mut paths: Vec<String> = captured.map(|rest| leading_word(rest).to_owned()).collect();
        if is_path {
            paths.push(text.trim_matches('"').to_owned());
        }
        for path in paths {
            let path: Vec<String> = path.split("::").map(str::to_owned).collect();
            found.words.extend(path.iter().cloned());
            self.path(file, &path, found);
        }
    }
}

/// The files that some code includes, from the folder of its own.
pub(crate) fn included(code: TokenStream) -> BTreeSet<String> {
    let mut flat = Vec::new();
    flatten(code, false, &mut flat);
    (0..flat.len()).filter_map(|at| include_at(&flat, at)).collect()
}

fn include_at(flat: &[Flat], at: usize) -> Option<String> {
    let [Flat::Word(word), Flat::Punct('!'), Flat::Edge, Flat::Text { text, .. }, ..] = &flat[at..]
    else {
        return None;
    };
    let includes = ["include", "include_str", "include_bytes"].contains(&word.as_str());
    includes.then(|| text.trim_matches('"').to_owned())
}

fn leading_word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    &text[..end]
}

fn flatten(code: TokenStream, is_in_attribute: bool, flat: &mut Vec<Flat>) {
    for token in code {
        match token {
            TokenTree::Ident(identifier) => flat.push(Flat::Word(word(&identifier))),
            TokenTree::Punct(punct) => flat.push(Flat::Punct(punct.as_char())),
            TokenTree::Literal(literal) => {
                flat.push(Flat::Text { text: literal.to_string(), is_in_attribute });
            }
            TokenTree::Group(group) => {
                let is_attribute = group.delimiter() == Delimiter::Bracket
                    && matches!(
                        flat[..],
                        [.., Flat::Punct('#')] | [.., Flat::Punct('#'), Flat::Punct('!')]
                    );
                flat.push(Flat::Edge);
                flatten(group.stream(), is_in_attribute || is_attribute, flat);
                flat.push(Flat::Edge);
            }
        }
    }
}
