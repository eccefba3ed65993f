//! The structure of a tagged PDF while it is laid out: elements in reading order, whose content is drawn later.

use core::num::NonZeroU16;

use krilla::tagging::{
    Identifier, ListNumbering, Node, TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};

/// An element.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Element(usize);

/// What an element is.
pub(super) enum Role {
    Heading(u8, String),
    Paragraph,
    List,
    Item,
    Label,
    Body,
    Table,
    Caption,
    Head,
    Rows,
    Foot,
    Row,
    HeadCell,
    Cell,
    Figure(String),
    Link,
    Part,
}

struct Entry {
    role: Role,
    children: Vec<Element>,
    content: Vec<Identifier>,
}

/// All elements; the first is the whole document.
pub(super) struct Structure {
    entries: Vec<Entry>,
}

impl Structure {
    pub(super) fn new() -> Self {
        Self {
            entries: vec![Entry::new(Role::Part)],
        }
    }

    pub(super) fn root(&self) -> Element {
        Element(0)
    }

    /// A new last child of `parent`.
    pub(super) fn add(&mut self, parent: Element, role: Role) -> Element {
        let element = Element(self.entries.len());
        self.entries.push(Entry::new(role));
        if let Some(parent) = self.entries.get_mut(parent.0) {
            parent.children.push(element);
        }
        element
    }

    /// What was drawn belongs to `element`.
    pub(super) fn drawn(&mut self, element: Element, content: Identifier) {
        if let Some(entry) = self.entries.get_mut(element.0) {
            entry.content.push(content);
        }
    }

    pub(super) fn into_tree(mut self, language: &str) -> TagTree {
        let root = self.group(Element(0));
        TagTree::from(root.children).with_lang(Some(language.to_owned()))
    }

    fn group(&mut self, element: Element) -> TagGroup {
        let Some(entry) = self.entries.get_mut(element.0) else {
            return TagGroup::new(Tag::NonStruct);
        };
        let content = core::mem::take(&mut entry.content);
        let children = core::mem::take(&mut entry.children);
        let mut group = TagGroup::new(entry.role.tag());
        group.children = content.into_iter().map(Node::from).collect();
        for child in children {
            group.push(self.group(child));
        }
        group
    }
}

impl Entry {
    fn new(role: Role) -> Self {
        Self {
            role,
            children: Vec::new(),
            content: Vec::new(),
        }
    }
}

impl Role {
    fn tag(&self) -> TagKind {
        match self {
            Self::Heading(level, title) => {
                let level = NonZeroU16::new(u16::from(*level)).unwrap_or(NonZeroU16::MIN);
                Tag::Hn(level, Some(title.clone())).into()
            }
            Self::Paragraph => Tag::P.into(),
            Self::List => Tag::L(ListNumbering::None).into(),
            Self::Item => Tag::LI.into(),
            Self::Label => Tag::Lbl.into(),
            Self::Body => Tag::LBody.into(),
            Self::Table => Tag::Table.into(),
            Self::Caption => Tag::Caption.into(),
            Self::Head => Tag::THead.into(),
            Self::Rows => Tag::TBody.into(),
            Self::Foot => Tag::TFoot.into(),
            Self::Row => Tag::TR.into(),
            Self::HeadCell => Tag::TH(TableHeaderScope::Column).into(),
            Self::Cell => Tag::TD.into(),
            Self::Figure(alt) => Tag::Figure(Some(alt.clone())).into(),
            Self::Link => Tag::Link.into(),
            Self::Part => Tag::Part.into(),
        }
    }
}
