//! Elements by their labels: pairs of label and value, groups under a heading, repeated groups as tables. Remembers which
//! elements have been shown.

use ksef_offline_core::Language;
use roxmltree::{Document, Node};

use crate::page::text::{Source, Text, pick};
use crate::page::{Align, Block, Cell, Column, Field, Row, Section, Table};
use crate::schema::{self, plan};

/// The elements of a document and which of them have been shown.
pub(super) struct Elements<'a, 'input> {
    language: Language,
    /// By the number of the node.
    shown: Vec<bool>,
    document: core::marker::PhantomData<Node<'a, 'input>>,
}

/// Blocks being made: fields gather until something else comes.
#[derive(Default)]
struct Blocks {
    blocks: Vec<Block>,
    fields: Vec<Field>,
    /// What the document says does not apply.
    denied: Vec<String>,
}

impl Blocks {
    fn flush(&mut self) {
        if !self.fields.is_empty() {
            self.blocks
                .push(Block::Fields(core::mem::take(&mut self.fields)));
        }
    }

    fn push(&mut self, block: Block) {
        self.flush();
        self.blocks.push(block);
    }

    /// The denials in one field, at the end.
    fn finish(mut self, language: Language) -> Vec<Block> {
        if !self.denied.is_empty() {
            let label = pick(language, "Nie dotyczy", "Does not apply");
            self.flush();
            let denied = Field::new(label, Text::plain(&self.denied.join("; ")));
            match self.blocks.last_mut() {
                Some(Block::Fields(fields)) => fields.push(denied),
                _ => self.blocks.push(Block::Fields(vec![denied])),
            }
        }
        self.flush();
        self.blocks
    }
}

impl<'a, 'input> Elements<'a, 'input> {
    pub(super) fn new(document: &Document<'input>, language: Language) -> Self {
        let nodes = document.descendants().count();
        Self {
            language,
            shown: vec![false; nodes],
            document: core::marker::PhantomData,
        }
    }

    pub(super) fn label(&self, node: Node<'a, 'input>) -> String {
        schema::label(node.tag_name().name(), self.language).into_owned()
    }

    /// The value of an element, which is shown by this.
    pub(super) fn value(&mut self, node: Node<'a, 'input>) -> Text {
        self.take(node);
        let mut text = schema::value(node.tag_name().name(), &content(node), self.language);
        for attribute in node.attributes() {
            let label = schema::label(attribute.name(), self.language);
            let value = Text::plain(attribute.value()).shown;
            text.shown.push_str(&format!(" ({label}: {value})"));
            text.source = Source::Same;
        }
        text
    }

    /// Elements of one name as one field. `None` where they hold nothing.
    pub(super) fn field(&mut self, nodes: &[Node<'a, 'input>]) -> Option<Field> {
        let filled: Vec<_> = nodes
            .iter()
            .copied()
            .filter(|node| !self.is_shown(*node) && is_filled(*node))
            .collect();
        let first = *filled.first()?;
        Some(Field {
            label: self.label(first),
            strong: first.tag_name().name() == plan::NAME,
            values: filled.into_iter().map(|node| self.value(node)).collect(),
        })
    }

    /// `nodes` and all that is in them, but for what has been shown already.
    pub(super) fn blocks(&mut self, nodes: &[Node<'a, 'input>]) -> Vec<Block> {
        let mut blocks = Blocks::default();
        self.fill(&mut blocks, nodes);
        blocks.finish(self.language)
    }

    /// Fields alone, however deep they stand.
    pub(super) fn flat(&mut self, node: Node<'a, 'input>) -> Vec<Field> {
        if is_leaf(node) {
            return self.field(&[node]).into_iter().collect();
        }
        children(node).flat_map(|child| self.flat(child)).collect()
    }

    fn fill(&mut self, blocks: &mut Blocks, nodes: &[Node<'a, 'input>]) {
        let nodes: Vec<_> = nodes
            .iter()
            .copied()
            .filter(|node| !self.is_shown(*node))
            .collect();
        for run in nodes.chunk_by(|a, b| a.tag_name().name() == b.tag_name().name()) {
            let Some(first) = run.first() else { continue };
            let name = first.tag_name().name();
            if run.iter().all(|node| is_leaf(*node)) {
                self.leaves(blocks, name, run);
            } else if let Some((key, value)) = key_and_value(name, run) {
                for node in run {
                    self.pair(blocks, *node, key, value);
                }
            } else if plan::ADDRESSES.contains(&name) {
                for node in run {
                    self.address(blocks, *node);
                }
            } else if run.len() > 1 && (plan::is_table(name) || run.iter().all(|n| is_flat(*n))) {
                let caption = self.label(*first);
                let table = self.table(caption, run);
                blocks.push(Block::Table(table));
            } else if plan::is_transparent(name) {
                for node in run {
                    let inside: Vec<_> = children(*node).collect();
                    self.fill(blocks, &inside);
                }
            } else {
                for node in run {
                    self.group(blocks, *node);
                }
            }
        }
    }

    fn leaves(&mut self, blocks: &mut Blocks, name: &str, run: &[Node<'a, 'input>]) {
        if plan::is_paragraph(name) {
            for node in run.iter().copied().filter(|node| is_filled(*node)) {
                let text = self.value(node);
                blocks.push(Block::Paragraph(text));
            }
            return;
        }
        let mut told = Vec::with_capacity(run.len());
        for node in run {
            if self.announces(*node) {
                self.take(*node);
            } else if schema::is_denial(name, &content(*node)) {
                let label = self.label(*node);
                self.take(*node);
                blocks.denied.push(label);
            } else {
                told.push(*node);
            }
        }
        blocks.fields.extend(self.field(&told));
    }

    fn announces(&self, node: Node<'a, 'input>) -> bool {
        let follows = node.next_sibling_element();
        follows.is_some_and(|follows| {
            is_filled(follows)
                && content(node) == "1"
                && schema::is_announcement(node.tag_name().name(), follows.tag_name().name())
        })
    }

    /// A key with its value as a field of that label.
    fn pair(&mut self, blocks: &mut Blocks, node: Node<'a, 'input>, key: &str, value: &str) {
        let (Some(key), Some(value)) = (child(node, key), child(node, value)) else {
            return;
        };
        let label = self.value(key).shown;
        blocks.fields.push(Field::new(label, self.value(value)));
    }

    /// An address as lines of one field, the country last.
    fn address(&mut self, blocks: &mut Blocks, node: Node<'a, 'input>) {
        let values: Vec<Text> = plan::ADDRESS_LINES
            .iter()
            .filter_map(|name| child(node, name))
            .filter(|line| is_leaf(*line) && is_filled(*line))
            .map(|line| self.value(line))
            .collect();
        if !values.is_empty() {
            blocks.fields.push(Field {
                label: self.label(node),
                values,
                strong: false,
            });
        }
        let rest: Vec<_> = children(node).collect();
        self.fill(blocks, &rest);
    }

    fn group(&mut self, blocks: &mut Blocks, node: Node<'a, 'input>) {
        let inside: Vec<_> = children(node).collect();
        let content = self.blocks(&inside);
        if !content.is_empty() {
            let title = self.label(node);
            blocks.push(Block::Group(Section::new(title, content)));
        }
    }

    /// Repeated groups of the same name: one row each, one column for every element that any of them has.
    fn table(&mut self, caption: String, rows: &[Node<'a, 'input>]) -> Table {
        let mut names: Vec<&str> = Vec::new();
        for row in rows {
            // A column that is new goes behind the one it follows in its row, as in the schema.
            let mut place = 0;
            for field in children(*row) {
                let name = field.tag_name().name();
                if self.announces(field) {
                    self.take(field);
                } else if let Some(known) = names.iter().position(|known| *known == name) {
                    place = place.max(known + 1);
                } else {
                    names.insert(place, name);
                    place += 1;
                }
            }
        }
        let columns = names.iter().map(|name| self.column(name)).collect();
        let rows = rows
            .iter()
            .map(|row| {
                let mut cells: Vec<Cell> = names.iter().map(|_| Cell::default()).collect();
                for field in children(*row) {
                    let name = field.tag_name().name();
                    let place = names.iter().position(|known| *known == name);
                    if let Some(cell) = place.and_then(|place| cells.get_mut(place)) {
                        self.fill_cell(cell, field);
                    }
                }
                Row {
                    cells,
                    former: false,
                }
            })
            .collect();
        Table {
            caption,
            shows_caption: true,
            columns,
            rows,
            foot: Vec::new(),
        }
    }

    /// The column of the elements of this name.
    pub(super) fn column(&self, name: &str) -> Column {
        let numeric = schema::is_number(name);
        Column {
            head: Text::plain(&schema::label(name, self.language)),
            align: if numeric { Align::Number } else { Align::Start },
            grows: !numeric,
        }
    }

    /// Shows `node` in `cell`.
    pub(super) fn fill_cell(&mut self, cell: &mut Cell, node: Node<'a, 'input>) {
        if self.is_shown(node) {
            return;
        }
        if !is_leaf(node) {
            cell.details.extend(self.flat(node));
        } else if is_filled(node) {
            let value = self.value(node);
            cell.values.push(value);
        }
    }

    /// Whatever has not been shown: texts and attributes, under the labels that lead to them.
    pub(super) fn left_over(&mut self, root: Node<'a, 'input>) -> Vec<Field> {
        let mut fields = Vec::new();
        for node in root.descendants().filter(Node::is_element) {
            let has_attributes = node.attributes().len() > 0 && is_leaf(node);
            if self.is_shown(node) || (content(node).is_empty() && !has_attributes) {
                continue;
            }
            let mut labels: Vec<String> = node
                .ancestors()
                .filter(|ancestor| ancestor.is_element() && *ancestor != root)
                .map(|ancestor| self.label(ancestor))
                .collect();
            labels.reverse();
            let value = self.value(node);
            fields.push(Field::new(labels.join(" / "), value));
        }
        fields
    }

    pub(super) fn take(&mut self, node: Node<'a, 'input>) {
        if let Some(shown) = self.shown.get_mut(node.id().get_usize()) {
            *shown = true;
        }
    }

    pub(super) fn is_shown(&self, node: Node<'a, 'input>) -> bool {
        self.shown
            .get(node.id().get_usize())
            .is_some_and(|shown| *shown)
    }
}

/// The elements that are the key and the value of these groups, if they are nothing but that.
fn key_and_value(name: &str, run: &[Node<'_, '_>]) -> Option<(&'static str, &'static str)> {
    let (key, value) = plan::key_and_value(name)?;
    let is_pair = |node: &Node<'_, '_>| {
        let names: Vec<&str> = children(*node)
            .map(|child| child.tag_name().name())
            .collect();
        names == [key, value] && children(*node).all(|child| is_leaf(child) && is_filled(child))
    };
    run.iter().all(is_pair).then_some((key, value))
}

pub(super) fn child<'a, 'input>(parent: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    children(parent).find(|node| node.tag_name().name() == name)
}

pub(super) fn children<'a, 'input>(
    parent: Node<'a, 'input>,
) -> impl Iterator<Item = Node<'a, 'input>> {
    parent.children().filter(Node::is_element)
}

/// The text of an element, without that of its children and without white space at its ends.
pub(super) fn content(node: Node<'_, '_>) -> String {
    let text: String = node
        .children()
        .filter(Node::is_text)
        .filter_map(|text| text.text())
        .collect();
    text.trim().to_owned()
}

pub(super) fn is_leaf(node: Node<'_, '_>) -> bool {
    children(node).next().is_none()
}

/// Whether it holds values only.
fn is_flat(node: Node<'_, '_>) -> bool {
    !is_leaf(node) && children(node).all(is_leaf)
}

fn is_filled(node: Node<'_, '_>) -> bool {
    !content(node).is_empty() || node.attributes().len() > 0
}
