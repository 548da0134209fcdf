//! The little TeX that labels understand.

/// One sign of a label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Symbol {
    /// What the plain text says before this sign, `^(` for a raised group, and after it.
    pub(crate) before: &'static str,
    pub(crate) after: &'static str,
    /// The sign itself.
    pub(crate) sign: char,
    /// Slanted, as a variable is.
    pub(crate) italic: bool,
    /// 1 raised, −1 lowered, 0 on the line.
    pub(crate) level: i8,
}

/// Splits a label into signs. An unmatched dollar sign or brace is shown as typed.
pub(crate) fn parse(text: &str) -> Vec<Symbol> {
    let mut parser = Parser { symbols: Vec::new() };
    let parts: Vec<&str> = text.split('$').collect();
    let balanced = parts.len() % 2 == 1;
    if !balanced {
        parser.upright(text);
        return parser.symbols;
    }
    for (i, part) in parts.iter().enumerate() {
        if i % 2 == 0 {
            parser.upright(part);
        } else {
            parser.math(&part.chars().collect::<Vec<_>>(), 0);
        }
    }
    parser.symbols
}

struct Parser {
    symbols: Vec<Symbol>,
}

impl Parser {
    fn push(&mut self, sign: char, italic: bool, level: i8) {
        self.symbols.push(Symbol { before: "", after: "", sign, italic, level });
    }

    fn upright(&mut self, text: &str) {
        text.chars().for_each(|c| self.push(c, false, 0));
    }

    fn math(&mut self, signs: &[char], level: i8) {
        let mut at = 0;
        while at < signs.len() {
            at = match signs[at] {
                '^' if level == 0 => self.script(signs, at + 1, 1),
                '_' if level == 0 => self.script(signs, at + 1, -1),
                '\\' => self.command(signs, at, level),
                '{' | '}' => at + 1,
                sign => {
                    self.variable(sign, level);
                    at + 1
                }
            };
        }
    }

    fn variable(&mut self, sign: char, level: i8) {
        let sign = if sign == '-' { '−' } else { sign };
        let small_greek = ('α'..='ω').contains(&sign);
        self.push(sign, sign.is_ascii_alphabetic() || small_greek, level);
    }

    /// A script and where it ends.
    fn script(&mut self, signs: &[char], at: usize, level: i8) -> usize {
        let (inner, end) = group(signs, at);
        let first = self.symbols.len();
        self.math(inner, level);
        if let Some([symbol, rest @ ..]) = self.symbols.get_mut(first..) {
            let single = rest.is_empty();
            symbol.before = match (level > 0, single) {
                (true, true) => "^",
                (true, false) => "^(",
                (false, true) => "_",
                (false, false) => "_(",
            };
            if let Some(last) = rest.last_mut() {
                last.after = ")";
            }
        }
        end
    }

    /// A command such as `\alpha` and where it ends.
    fn command(&mut self, signs: &[char], at: usize, level: i8) -> usize {
        let letters = signs[at + 1..].iter().take_while(|c| c.is_ascii_alphabetic()).count();
        let end = at + 1 + letters;
        let name: String = signs[at + 1..end].iter().collect();
        if letters == 0 {
            // `\,` and its like are spaces; a lone backslash is dropped.
            if end < signs.len() {
                self.push('\u{a0}', false, level);
            }
            return (end + 1).min(signs.len());
        }
        if matches!(name.as_str(), "operatorname" | "mathrm" | "text") {
            let (inner, end) = group(signs, end);
            for &c in inner {
                self.push(c, false, level);
            }
            return end;
        }
        match COMMANDS.iter().find(|(known, _)| *known == name) {
            Some(&(_, sign)) => self.variable(sign, level),
            None => name.chars().for_each(|c| self.push(c, false, level)),
        }
        end
    }
}

/// The braced group, or else the single sign or command, at a place, and where it ends.
fn group(signs: &[char], at: usize) -> (&[char], usize) {
    match signs.get(at) {
        None => (&[], at),
        Some('{') => {
            let mut depth = 0;
            let close = signs[at..].iter().position(|&c| {
                depth += i32::from(c == '{') - i32::from(c == '}');
                depth == 0
            });
            let end = close.map_or(signs.len(), |n| at + n);
            (&signs[at + 1..end], (end + 1).min(signs.len()))
        }
        Some('\\') => {
            let end =
                at + 1 + signs[at + 1..].iter().take_while(|c| c.is_ascii_alphabetic()).count();
            (&signs[at..end], end)
        }
        Some(_) => (&signs[at..=at], at + 1),
    }
}

const COMMANDS: [(&str, char); 48] = [
    ("alpha", 'α'),
    ("beta", 'β'),
    ("gamma", 'γ'),
    ("delta", 'δ'),
    ("epsilon", 'ε'),
    ("varepsilon", 'ε'),
    ("zeta", 'ζ'),
    ("eta", 'η'),
    ("theta", 'θ'),
    ("kappa", 'κ'),
    ("lambda", 'λ'),
    ("mu", 'μ'),
    ("nu", 'ν'),
    ("xi", 'ξ'),
    ("pi", 'π'),
    ("rho", 'ρ'),
    ("sigma", 'σ'),
    ("tau", 'τ'),
    ("phi", 'φ'),
    ("chi", 'χ'),
    ("psi", 'ψ'),
    ("omega", 'ω'),
    ("Gamma", 'Γ'),
    ("Delta", 'Δ'),
    ("Theta", 'Θ'),
    ("Lambda", 'Λ'),
    ("Sigma", 'Σ'),
    ("Phi", 'Φ'),
    ("Psi", 'Ψ'),
    ("Omega", 'Ω'),
    ("times", '×'),
    ("cdot", '·'),
    ("pm", '±'),
    ("le", '≤'),
    ("leq", '≤'),
    ("ge", '≥'),
    ("geq", '≥'),
    ("ll", '≪'),
    ("gg", '≫'),
    ("approx", '≈'),
    ("sim", '∼'),
    ("ne", '≠'),
    ("propto", '∝'),
    ("infty", '∞'),
    ("to", '→'),
    ("ast", '*'),
    ("sum", '∑'),
    ("sqrt", '√'),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(text: &str) -> String {
        parse(text).iter().map(|symbol| symbol.sign).collect()
    }

    #[test]
    fn letters_slant_and_digits_stand() {
        let symbols = parse(r"x $N = 2\operatorname{rank} X$");
        let slanted: String = symbols.iter().filter(|p| p.italic).map(|p| p.sign).collect();
        assert_eq!(slanted, "NX");
    }

    #[test]
    fn commands_become_signs() {
        assert_eq!(signs(r"$\alpha\times\infty \unknown \,x$"), "α×∞ unknown \u{a0}x");
        assert_eq!(signs(r"$D^\alpha_{i}-1$"), "Dαi−1");
    }

    #[test]
    fn nothing_typed_is_an_error() {
        for odd in ["$", "$$", "a $ b", r"$\$", "$^$", "$x_{$", "$}{$", r"$x^\$", "$_{^{_a}}$", ""]
        {
            parse(odd);
        }
        assert_eq!(signs("cost in $"), "cost in $");
    }
}
