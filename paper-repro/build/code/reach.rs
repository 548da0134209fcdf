//! Everything that some items of a program reach.

use super::program::{Id, Program};
use super::source::{CHAPTER, Entry, Item};
use proc_macro2::TokenStream;
use std::collections::{BTreeMap, BTreeSet};

/// What is reached.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    items: BTreeSet<Id>,
    imports: BTreeSet<Id>,
    words: BTreeSet<String>,
    /// Crates, as code spells them.
    pub(crate) crates: BTreeSet<String>,
    /// Files that are included: the source's number, and the path from its folder.
    pub(crate) included: BTreeSet<(usize, String)>,
}

/// The conditions under which items are reached that no name alone reaches.
#[derive(Debug)]
pub(crate) struct Conditions<'a> {
    program: &'a Program,
    /// What these belong to, and by which trait.
    parents: BTreeMap<Id, [BTreeSet<Id>; 2]>,
}

impl<'a> Conditions<'a> {
    /// Looks up what belongs to what.
    pub(crate) fn new(program: &'a Program) -> Self {
        let mut parents = BTreeMap::new();
        for (id, item) in items(program) {
            let named = |code: &TokenStream| program.mentions(id.0, code).items;
            match &item.entry {
                Entry::Member { of, .. } => parents.insert(id, [named(of), BTreeSet::new()]),
                Entry::Implementation { of, by } => parents.insert(id, [named(of), named(by)]),
                _ => None,
            };
        }
        Self { program, parents }
    }

    /// What is reached from some items.
    pub(crate) fn reach(&self, from: impl IntoIterator<Item = Id>) -> Reach {
        let mut reach = Reach::default();
        let mut open: Vec<Id> = from.into_iter().collect();
        while !open.is_empty() {
            while let Some(id) = open.pop() {
                if reach.items.insert(id) {
                    open.extend(reach.take(self.program, id));
                }
            }
            let more = items(self.program)
                .filter(|(id, item)| !reach.items.contains(id) && self.holds(*id, item, &reach));
            open.extend(more.map(|(id, _)| id));
        }
        reach
    }

    /// Whether an item is reached, given what is reached so far.
    fn holds(&self, id: Id, item: &Item, reach: &Reach) -> bool {
        // An item that belongs to no type of this program may belong to any type.
        let is_reached =
            |parents: &BTreeSet<Id>| parents.is_empty() || !parents.is_disjoint(&reach.items);
        let parents =
            |n: usize| self.parents.get(&id).is_some_and(|parents| is_reached(&parents[n]));
        match &item.entry {
            Entry::Name { words, .. } | Entry::Word(words) => !words.is_disjoint(&reach.words),
            Entry::Member { word, .. } => reach.words.contains(word) && parents(0),
            Entry::Implementation { .. } => parents(0) && parents(1),
            Entry::Field(word) => {
                let chapter = self.program.named(id.0, CHAPTER);
                reach.words.contains(word) && chapter.iter().any(|id| reach.items.contains(id))
            }
            Entry::Always => true,
            Entry::File => reach.items.iter().any(|(file, _)| *file == id.0),
        }
    }
}

impl Reach {
    /// Adds what an item mentions, and returns the items among it.
    fn take(&mut self, program: &Program, (file, number): Id) -> BTreeSet<Id> {
        let source = &program.sources[file];
        let item = &source.items[number];
        let mut found = program.mentions(file, &item.code);
        if let Entry::Word(_) = item.entry {
            program.mentions_of_macro(&mut found);
        }
        self.imports.extend(found.imports);
        self.words.extend(found.words);
        self.crates.extend(found.crates);
        self.included.extend(found.included.into_iter().map(|path| (file, path)));
        // Code that imports a trait can call its methods without naming it.
        for (number, import) in
            source.imports.iter().enumerate().filter(|(_, import)| program.is_external(import))
        {
            let (first, last) = (&import.path[0], &import.path[import.path.len() - 1]);
            let may_be_trait = !program.known.contains(first) || program.traits.contains(last);
            if program.crates.contains(first) && (import.bound == "*" || may_be_trait) {
                self.imports.insert((file, number));
                self.crates.insert(first.clone());
            }
        }
        found.items
    }

    /// The code of each file, in an order that does not depend on that of the file.
    pub(crate) fn code(&self, program: &Program) -> BTreeMap<String, String> {
        let mut code: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut add = |file: usize, text: String| {
            code.entry(program.sources[file].path.clone()).or_default().insert(text);
        };
        for (file, number) in &self.items {
            add(*file, program.sources[*file].items[*number].code.to_string());
        }
        for (file, number) in &self.imports {
            add(*file, program.sources[*file].imports[*number].text());
        }
        let joined = |texts: BTreeSet<String>| texts.into_iter().collect::<Vec<_>>().join("\n");
        code.into_iter().map(|(path, texts)| (path, joined(texts))).collect()
    }
}

fn items(program: &Program) -> impl Iterator<Item = (Id, &Item)> {
    let numbered = program.sources.iter().enumerate();
    numbered.flat_map(|(file, source)| {
        source.items.iter().enumerate().map(move |(number, item)| ((file, number), item))
    })
}

#[cfg(test)]
mod tests {
    use super::super::program::included;
    use super::super::source::Source;
    use super::*;

    /// What `run` of the first file reaches: the code of all files, without white space.
    fn reached(files: &[(&str, &str)]) -> (String, BTreeSet<String>) {
        let set =
            |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<_>>();
        let sources = files.iter().map(|(path, text)| Source::new(path, text)).collect();
        let program = Program::new(sources, set(&["plots", "theory", "other"]));
        let program = program.with_traits(set(&["plots", "theory"]), set(&["Measure"]));
        let reach = Conditions::new(&program).reach([program.named(0, "run")[0]]);
        let code: String = reach.code(&program).into_values().collect();
        (code.replace(char::is_whitespace, ""), reach.crates)
    }

    /// Asserts what `run` of a file reaches and what not.
    fn assert_reached(text: &str, reaches: &[&str], not: &[&str]) {
        let (code, _) = reached(&[("src/a.rs", text)]);
        for (pieces, is_reached) in [(reaches, true), (not, false)] {
            for piece in pieces {
                assert_eq!(code.contains(piece), is_reached, "{piece} in {code}");
            }
        }
    }

    #[test]
    fn functions_constants_and_what_nested_functions_say_are_reached() {
        let text = "
            const USED: f64 = 1.0; const UNUSED: f64 = 2.0; static TABLE: [f64; 1] = [FIRST]; const FIRST: f64 = 3.0;
            fn run() { fn inner() -> f64 { USED + outer() } inner(); (|x: f64| x * TABLE[0])(1.0); }
            fn outer() -> f64 { 4.0 }
            fn report() -> Color { Color::Red }
        ";
        assert_reached(text, &["USED:", "fnouter", "TABLE:", "FIRST:"], &["UNUSED", "report"]);
    }

    #[test]
    fn methods_are_reached_by_their_words_and_types_by_signatures() {
        let text = "
            struct Case { name: Name } struct Name(u8); struct Other;
            fn run() { make().used(); }
            fn make() -> Case { panic!() }
            impl Case { fn used(&self) { Self::LEVEL; } fn unused(&self) {} const LEVEL: u8 = 7; }
            impl Other { fn used(&self) { 9; } }
        ";
        assert_reached(
            text,
            &["fnused(&self){Self", "LEVEL:u8=7", "structName"],
            &["unused", "Other"],
        );
    }

    #[test]
    fn implementations_of_traits_are_reached_with_their_types() {
        let text = "
            struct Case; struct Failure; struct Other; struct Unit(u8);
            trait Size { fn size(&self) -> u8 { SIZE } } trait Color { fn color(&self); }
            const SIZE: u8 = 1;
            fn run() -> Result<Case, String> { failing()?; 3_u8.size(); Ok(Case) }
            fn failing() -> Result<Unit, Failure> { panic!() }
            impl std::fmt::Display for Case { fn fmt(&self) { 11 } }
            impl std::fmt::Display for Other { fn fmt(&self) { 12 } }
            impl From<Failure> for String { fn from(_: Failure) -> Self { 13 } }
            impl std::ops::Add for Unit { fn add(self) { 14 } }
            impl Size for u8 {}
            impl Color for u8 { fn color(&self) { 15 } }
            impl<T> Size for Vec<T> { fn size(&self) { 16 } }
        ";
        let reaches = ["11", "13", "14", "SIZE:", "implSizeforu8", "16"];
        assert_reached(text, &reaches, &["12", "15", "traitColor"]);
    }

    #[test]
    fn macros_are_reached_and_so_is_what_they_say() {
        let text = "
            macro_rules! twice { ($x:expr) => { $x * FACTOR }; } macro_rules! unused { () => { 7 }; }
            const FACTOR: u8 = 2; const SHOWN: u8 = 3; const LISTED: u8 = 4; const WITH: u8 = 5;
            thread_local! { static LOCAL: u8 = seed(); } fn seed() -> u8 { 6 }
            struct Block { #[serde(default = \"standard\")] x: u8 } fn standard() -> u8 { 8 }
            fn run() -> Block { twice!(1); format!(\"{SHOWN} {x:.WITH$}\"); vec![LISTED]; LOCAL.with(|x| *x) }
        ";
        let reaches = [
            "macro_rules!twice",
            "FACTOR:",
            "SHOWN:",
            "LISTED:",
            "fnseed",
            "staticLOCAL",
            "fnstandard",
        ];
        assert_reached(text, &reaches, &["unused"]);
    }

    #[test]
    fn macros_mean_what_their_words_mean_where_they_are_used() {
        let files = [
            ("src/a.rs", "use crate::b::Level; fn run() { level!() }"),
            ("src/m.rs", "macro_rules! level { () => { Level::new() }; }"),
            ("src/b.rs", "pub struct Level; impl Level { pub fn new() -> u8 { 3 } }"),
        ];
        assert!(reached(&files).0.contains("fnnew()->u8{3}"));
    }

    #[test]
    fn imports_are_followed_through_renames_modules_and_functions() {
        let files = [
            (
                "src/a.rs",
                "use crate::kit::{self, first as one}; use super::kit::deep as d;
                fn run() { use crate::kit::second as two; one(); two(); kit::third(); d::fourth(); crate::kit::deep::fifth(); }",
            ),
            ("src/lib.rs", "mod a; mod kit;"),
            ("src/kit/mod.rs", "pub mod deep; mod inner; pub use inner::{first, second, original as third};"),
            (
                "src/kit/inner.rs",
                "pub fn first() { 1 } pub fn second() { 2 } pub fn original() { 3 } pub fn third() { 33 }",
            ),
            ("src/kit/deep.rs", "use super::sixth; pub fn fourth() { 4 } pub fn fifth() { sixth() }"),
            ("src/kit/sixth.rs", "pub fn first() { 91 }"),
        ];
        let (code, _) = reached(&files);
        for body in ["{1}", "{2}", "{3}", "{4}"] {
            assert!(code.contains(body), "{body} in {code}");
        }
        assert!(!code.contains("{33}") && !code.contains("{91}"), "{code}");
    }

    #[test]
    fn all_that_a_module_holds_and_variants_bring_what_they_stand_for() {
        let files = [
            (
                "src/a.rs",
                "use crate::kit::*; use crate::kind::Kind::{self as K, Late}; fn run() { helper(); Late; }",
            ),
            ("src/kit/mod.rs", "mod deep; pub use deep::*;"),
            ("src/kit/deep.rs", "pub fn helper() { 1 } pub fn other() { 2 }"),
            ("src/kind.rs", "pub enum Kind { Early = 5, Late = 6 }"),
        ];
        let (code, _) = reached(&files);
        assert!(code.contains("{1}") && code.contains("Late=6") && !code.contains("{2}"), "{code}");
    }

    #[test]
    fn modules_within_a_file_are_searched() {
        let text = "
            mod inner { use super::LEVEL; pub fn level() -> u8 { LEVEL + super::more() } }
            const LEVEL: u8 = 1; fn more() -> u8 { 2 } fn unused() {}
            fn run() { inner::level(); }
        ";
        assert_reached(text, &["fnlevel", "LEVEL:", "fnmore"], &["unused"]);
    }

    #[test]
    fn crates_count_where_they_are_named_and_where_a_trait_of_theirs_may_be_used() {
        let crates = |text| reached(&[("src/a.rs", text)]).1.into_iter().collect::<Vec<_>>();
        assert_eq!(crates("use plots::Color; fn run() {} fn report() { Color::Red }"), [""; 0]);
        assert_eq!(crates("use plots::Color as C; fn run() { C::Red }"), ["plots"]);
        assert_eq!(crates("fn run() { plots::draw() }"), ["plots"]);
        // Methods of a trait do not name it; of a crate whose traits are not known any import may
        // be one.
        assert_eq!(crates("use theory::Measure; fn run() { 1.measure() }"), ["theory"]);
        assert_eq!(crates("use other::Thing as _; fn run() { 1.thing() }"), ["other"]);
        let data = "const DATA: &str = include_str!(\"../a.csv\"); fn run() { DATA }";
        let program = Program::new(vec![Source::new("src/a.rs", data)], BTreeSet::new());
        let reach = Conditions::new(&program).reach([program.named(0, "run")[0]]);
        assert_eq!(reach.included, [(0, "../a.csv".to_owned())].into());
        assert_eq!(included(data.parse().unwrap()), ["../a.csv".to_owned()].into());
    }

    #[test]
    fn what_no_parser_reads_is_reached_whole() {
        let files = [
            ("src/a.rs", "use crate::b::odd; fn run() { odd() }"),
            ("src/b.rs", "fn odd( { 17"),
            ("src/c.rs", "fun odd() { crate::d::even() }"),
            ("src/d.rs", "pub fn even() { 18 }"),
        ];
        let program =
            Program::new(files.map(|(path, text)| Source::new(path, text)).into(), BTreeSet::new());
        let reach = Conditions::new(&program).reach([program.named(0, "run")[0]]);
        let code = reach.code(&program);
        assert!(code["src/b.rs"].contains("17") && code["src/d.rs"].contains("18"));
    }

    const CODE: &str = "
        use plots::Color; use theory::loss;
        pub const CHAPTER: Chapter = Chapter { id: \"01\", defect: \"words\", plan, run: Run::Common(run), report };
        const SAMPLES: u8 = 8; const LEVEL: u8 = 3;
        fn plan() { SAMPLES } fn run() { loss(SAMPLES) }
        fn report() { panel(CHAPTER.id) } fn panel(id: &str) { Color::Series(LEVEL) }
    ";

    /// The code that rows and figures of a chapter depend on.
    fn made(text: &str) -> [BTreeMap<String, String>; 2] {
        let program = Program::new(vec![Source::new("chapters/01.rs", text)], BTreeSet::new());
        let fields = |names: &[&str]| {
            names.iter().map(|name| program.field(0, name).unwrap()).collect::<Vec<_>>()
        };
        let conditions = Conditions::new(&program);
        [&["plan", "run"][..], &["plan", "run", "report"]]
            .map(|names| conditions.reach(fields(names)).code(&program))
    }

    #[test]
    fn a_colour_is_no_part_of_rows_and_a_constant_of_theirs_is() {
        let [rows, figures] = made(CODE);
        let edited = |from: &str, to: &str| {
            let [now, drawn] = made(&CODE.replacen(from, to, 1));
            [now != rows, drawn != figures]
        };
        assert_eq!(edited("Color::Series(LEVEL)", "Color::Ink"), [false, true]);
        assert_eq!(edited("LEVEL: u8 = 3", "LEVEL: u8 = 4"), [false, true]);
        assert_eq!(edited("id: \"01\"", "id: \"02\""), [false, true]);
        assert_eq!(edited("SAMPLES: u8 = 8", "SAMPLES: u8 = 9"), [true, true]);
        assert_eq!(edited("Run::Common", "Run::ByVariant"), [true, true]);
        assert_eq!(edited("use theory::loss", "use other::loss"), [true, true]);
        assert_eq!(edited("\"words\"", "\"other words\""), [false, false]);
        // Neither order nor prose is code.
        let (head, tail) = CODE.split_once("const SAMPLES").unwrap();
        assert_eq!(made(&format!("const SAMPLES{tail} // Moved.\n{head}")), [rows, figures]);
    }
}
