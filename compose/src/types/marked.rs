//! Text that marks one part of what it says.

use std::ops::Range;

use super::Part;

/// WIT as it is written, with a mark on the part that a way leads to.
#[derive(Default)]
pub(super) struct MarkedText<'w> {
    text: String,
    /// What is left of the way, as long as what is being written stands on it.
    way: Option<&'w [Part]>,
    mark: Option<Range<usize>>,
    beyond: Option<(String, &'w [Part])>,
}

impl<'w> MarkedText<'w> {
    /// Text without a mark.
    pub(super) fn plain() -> MarkedText<'w> {
        MarkedText::default()
    }

    /// Text with a mark at the end of `way`, or as far along it as the text goes.
    pub(super) fn with_way(way: &'w [Part]) -> MarkedText<'w> {
        MarkedText { way: Some(way), ..MarkedText::default() }
    }

    /// Appends `text`.
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Appends what `write` writes, which is `part` of what is around it.
    pub(super) fn part(&mut self, part: Part, write: impl FnOnce(&mut Self)) {
        let way = self.way;
        self.way = match way {
            Some([first, rest @ ..]) if *first == part => Some(rest),
            _ => None,
        };
        let (start, on_way) = (self.text.len(), self.way.is_some());
        write(self);
        if on_way {
            self.mark_from(start);
        }
        self.way = way;
    }

    /// Appends the head of what is being written: it stands for the whole, and for what is missing there.
    pub(super) fn head(&mut self, head: &str) {
        let start = self.text.len();
        self.push(head);
        if matches!(self.way, Some([] | [Part::Missing(_)])) {
            self.mark_from(start);
        }
    }

    /// Appends what `write` writes: all of what is being written.
    pub(super) fn whole(&mut self, write: impl FnOnce(&mut Self)) {
        let start = self.text.len();
        write(self);
        if self.way.is_some() {
            self.mark_from(start);
        }
    }

    /// Appends the name of a member.
    pub(super) fn member(&mut self, name: &str) {
        let start = self.text.len();
        self.push(name);
        if matches!(self.way, Some([Part::Name(wanted)]) if wanted == name) {
            self.mark_from(start);
        }
    }

    /// Appends the name of a member that is nothing but its name: `part`, too, if the way leads there.
    pub(super) fn bare_member(&mut self, part: Part, name: &str) {
        match self.way {
            Some([first, ..]) if *first == part => self.part(part, |text| text.push(name)),
            _ => self.member(name),
        }
    }

    /// Appends the name of a type that is declared elsewhere, where the way may go on.
    pub(super) fn type_name(&mut self, name: &str) {
        self.push(name);
        if let Some(rest @ [_, ..]) = self.way {
            self.beyond.get_or_insert((name.to_owned(), rest));
        }
    }

    /// The text, and the place of the mark in bytes: all of it, if the way led nowhere.
    pub(super) fn finish(self) -> (String, Range<usize>) {
        let all = 0..self.text.len();
        (self.text, self.mark.unwrap_or(all))
    }

    /// The type that the way goes on in, by its name, and the rest of the way.
    pub(super) fn beyond(&self) -> Option<(&str, &'w [Part])> {
        self.beyond.as_ref().map(|(name, rest)| (name.as_str(), *rest))
    }

    /// Marks what was written since `start`, unless something inside of it is marked: the innermost counts.
    fn mark_from(&mut self, start: usize) {
        self.mark.get_or_insert(start..self.text.len());
    }
}
