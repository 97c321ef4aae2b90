//! Walks the tokens of a file once and notes what the rules ask for.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use super::{Code, NamedPath, Word};

/// The state of a walk through one file.
#[derive(Default)]
pub(crate) struct Reader {
    code: Code,
    /// The inline modules around the current token.
    inside: Vec<String>,
}

impl Reader {
    /// The facts in these tokens.
    pub(crate) fn read(tokens: TokenStream) -> Code {
        let mut reader = Self::default();
        reader.walk(tokens, false);
        reader.code
    }

    fn walk(&mut self, tokens: TokenStream, mut in_test: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        // Set by `#[cfg(test)]`, until the item that it stands before has ended.
        let mut test_item = false;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let in_test_now = in_test || test_item;
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    let inner = is_punct(tokens.get(at + 1), '!');
                    let group = tokens.get(at + 1 + usize::from(inner));
                    if let Some(TokenTree::Group(attribute)) = group {
                        let only_test = self.attribute(attribute, in_test_now);
                        test_item |= only_test && !inner;
                        in_test |= only_test && inner;
                        at += 1 + usize::from(inner);
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == ';' => test_item = false,
                TokenTree::Punct(_) => {}
                TokenTree::Ident(ident) => at += self.ident(ident, &tokens, at, in_test_now),
                TokenTree::Literal(literal) => self.literal(literal, in_test_now),
                TokenTree::Group(group) => {
                    self.group(group, &tokens[..at], in_test_now);
                    test_item &= group.delimiter() != Delimiter::Brace;
                }
            }
            at += 1;
        }
    }

    /// Notes what an attribute says; true when it is `cfg(test)` or narrower.
    fn attribute(&mut self, attribute: &Group, in_test: bool) -> bool {
        let tokens: Vec<TokenTree> = attribute.stream().into_iter().collect();
        let Some(TokenTree::Ident(name)) = tokens.first() else {
            return false;
        };
        if name == "doc" {
            return false;
        }
        self.note_allows(&tokens);
        self.walk(attribute.stream(), in_test);
        let condition = match tokens.get(1) {
            Some(TokenTree::Group(condition)) if name == "cfg" => condition.stream(),
            _ => return false,
        };
        is_test_condition(condition)
    }

    /// `allow(..)` may hide inside `cfg_attr(.., allow(..))`.
    fn note_allows(&mut self, tokens: &[TokenTree]) {
        for (at, token) in tokens.iter().enumerate() {
            match (token, tokens.get(at + 1)) {
                (TokenTree::Ident(ident), Some(TokenTree::Group(_))) if ident == "allow" => {
                    self.code.allows.push(ident.span().start().line);
                }
                (TokenTree::Group(group), _) => {
                    self.note_allows(&group.stream().into_iter().collect::<Vec<_>>());
                }
                _ => {}
            }
        }
    }

    fn literal(&mut self, literal: &proc_macro2::Literal, in_test: bool) {
        let text = literal.to_string();
        if text.contains('"') {
            self.code.strings.push(Word {
                text,
                line: literal.span().start().line,
                in_test,
            });
        }
    }

    fn group(&mut self, group: &Group, before: &[TokenTree], in_test: bool) {
        let module = match before {
            [.., TokenTree::Ident(keyword), TokenTree::Ident(name)]
                if keyword == "mod" && group.delimiter() == Delimiter::Brace =>
            {
                Some(name.to_string())
            }
            _ => None,
        };
        let depth = self.inside.len();
        self.inside.extend(module);
        self.walk(group.stream(), in_test);
        self.inside.truncate(depth);
    }

    /// Notes a macro call or a path that starts here, and returns how many tokens more it takes.
    fn ident(&mut self, ident: &Ident, tokens: &[TokenTree], at: usize, in_test: bool) -> usize {
        let line = ident.span().start().line;
        let next = tokens.get(at + 1);
        if ident == "use" && !is_punct(next, '<') {
            let rest = &tokens[at + 1..];
            let end = rest.iter().position(|token| is_punct(Some(token), ';'));
            let tree = &rest[..end.unwrap_or(rest.len())];
            self.use_tree(tree, &[], in_test);
            return tree.len();
        }
        let called = matches!(
            tokens.get(at + 2),
            Some(TokenTree::Group(_) | TokenTree::Ident(_))
        );
        if is_punct(next, '!') && called {
            self.code.macros.push(Word {
                text: ident.to_string(),
                line,
                in_test,
            });
            return 1;
        }
        // In `<T as Trait>::name` the name belongs to the type before it.
        let associated =
            at >= 3 && is_colons(&tokens[at - 2..at]) && is_punct(tokens.get(at - 3), '>');
        let segments = path(&tokens[at..]);
        let taken = (segments.len() - 1) * 3;
        if segments.len() > 1 && !associated {
            self.name(segments, line, in_test);
        }
        taken
    }

    fn name(&mut self, segments: Vec<String>, line: usize, in_test: bool) {
        let inside = self.inside.clone();
        self.code.paths.push(NamedPath {
            segments,
            line,
            in_test,
            inside,
        });
    }

    /// `a::{b::c, d}` is `a::b::c` and `a::d`.
    fn use_tree(&mut self, tree: &[TokenTree], before: &[String], in_test: bool) {
        let tree = if is_colons(tree.get(..2).unwrap_or_default()) {
            &tree[2..]
        } else {
            tree
        };
        let Some(first) = tree.first() else {
            return;
        };
        let line = first.span().start().line;
        let names = path(tree);
        let mut segments = before.to_vec();
        segments.extend(
            names
                .iter()
                .filter(|name| *name != "self" || before.is_empty())
                .cloned(),
        );
        let taken = if names.is_empty() {
            0
        } else {
            names.len() * 3 - 2
        };
        let rest = &tree[taken..];
        let rest = if is_colons(rest.get(..2).unwrap_or_default()) {
            &rest[2..]
        } else {
            rest
        };
        match rest.first() {
            Some(TokenTree::Group(group)) => {
                let branches: Vec<TokenTree> = group.stream().into_iter().collect();
                for branch in branches.split(|token| is_punct(Some(token), ',')) {
                    self.use_tree(branch, &segments, in_test);
                }
            }
            Some(TokenTree::Punct(star)) if star.as_char() == '*' => {
                segments.push("*".to_owned());
                self.name(segments, line, in_test);
            }
            // The end, or `as` and another name.
            _ => self.name(segments, line, in_test),
        }
    }
}

/// The names of `a::b::c` at the start of these tokens, as far as they are joined by colons.
fn path(tokens: &[TokenTree]) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = tokens;
    while let Some(TokenTree::Ident(name)) = rest.first() {
        names.push(name.to_string());
        match rest.get(1..3) {
            Some(colons) if is_colons(colons) => rest = &rest[3..],
            _ => break,
        }
    }
    names
}

fn is_colons(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [first, second] if is_punct(Some(first), ':') && is_punct(Some(second), ':'))
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

/// `test`, or `all(..)` with it. `any(test, ..)` and `not(test)` are compiled elsewhere too.
fn is_test_condition(condition: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = condition.into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(name)] => name == "test",
        [TokenTree::Ident(name), TokenTree::Group(all)] if name == "all" => all
            .stream()
            .into_iter()
            .any(|token| is_test_condition(token.into())),
        _ => false,
    }
}
