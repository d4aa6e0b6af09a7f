//! Forms and their fields.

use std::collections::HashMap;

use ego_tree::NodeId;

use super::element::Attributes;
use super::encoded::ENCODED;
use super::target::Here;
use super::text::clip;
use super::{Destination, Form, Visibility};

/// Fields of a form that are kept.
const FIELDS: usize = 50;
/// Forms of a page that are kept.
const FORMS: usize = 500;
/// Characters of a hidden field's value, and of any field's name.
const VALUE: usize = 300;

/// The form that an element belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner<'a> {
    /// None.
    None,
    /// The one at this place of the list.
    Form(usize),
    /// The one with this id, which may stand later in the page.
    Id(&'a str),
}

/// The forms met so far.
#[derive(Debug, Default)]
pub(super) struct Forms<'a> {
    pub(super) list: Vec<Form>,
    by_node: HashMap<NodeId, usize>,
    by_id: HashMap<&'a str, usize>,
    /// Fields that name their form by id.
    elsewhere: Vec<(&'a str, (String, String, String))>,
}

impl<'a> Forms<'a> {
    /// Adds a form and returns its place; `None` when there are too many.
    pub(super) fn open(
        &mut self,
        node: NodeId,
        attributes: &Attributes<'a>,
        here: &Here<'_>,
        visibility: Visibility,
        selector: String,
    ) -> Option<usize> {
        if self.list.len() >= FORMS {
            return None;
        }
        let place = self.list.len();
        let destination = if attributes.method.trim().eq_ignore_ascii_case("dialog") {
            Destination::Nowhere
        } else {
            here.action(attributes.action)
        };
        self.list.push(Form {
            node,
            destination,
            post: attributes.method.trim().eq_ignore_ascii_case("post"),
            fields: Vec::new(),
            text: String::new(),
            visibility,
            selector,
        });
        self.by_node.insert(node, place);
        if !attributes.id.is_empty() {
            self.by_id.entry(attributes.id).or_insert(place);
        }
        Some(place)
    }

    /// The form of an element: by its `form` attribute, else as the parser says, else the one around it.
    pub(super) fn owner(
        &self,
        attributes: &Attributes<'a>,
        parser: Option<&NodeId>,
        around: Option<usize>,
    ) -> Owner<'a> {
        if !attributes.form.is_empty() {
            return self.by_id.get(attributes.form).map_or(Owner::Id(attributes.form), |place| Owner::Form(*place));
        }
        let place = around.or_else(|| parser.and_then(|node| self.by_node.get(node)).copied());
        place.map_or(Owner::None, Owner::Form)
    }

    /// The form, once the whole page is known.
    pub(super) fn resolve(&self, owner: Owner<'a>) -> Option<&Form> {
        let place = match owner {
            Owner::None => return None,
            Owner::Form(place) => place,
            Owner::Id(id) => *self.by_id.get(id)?,
        };
        self.list.get(place)
    }

    /// Adds a field.
    pub(super) fn field(&mut self, owner: Owner<'a>, kind: &str, attributes: &Attributes<'a>) {
        if attributes.name.is_empty() {
            return;
        }
        let kind = kind.to_ascii_lowercase();
        // A signed authentication request carries a certificate: cut, it could not be read at all.
        let cap = if attributes.name.eq_ignore_ascii_case("SAMLRequest") { ENCODED } else { VALUE };
        let value = if kind == "hidden" { clip(attributes.value, cap).to_owned() } else { String::new() };
        let field = (clip(attributes.name, VALUE).to_owned(), kind, value);
        match owner {
            Owner::None => {}
            Owner::Form(place) => self.add(place, field),
            Owner::Id(id) => {
                if self.elsewhere.len() < FIELDS {
                    self.elsewhere.push((id, field));
                }
            }
        }
    }

    /// Hands the fields that came before their form to it.
    pub(super) fn settle(&mut self) {
        for (id, field) in std::mem::take(&mut self.elsewhere) {
            if let Some(place) = self.by_id.get(id) {
                self.add(*place, field);
            }
        }
    }

    fn add(&mut self, place: usize, field: (String, String, String)) {
        if let Some(form) = self.list.get_mut(place)
            && form.fields.len() < FIELDS
        {
            form.fields.push(field);
        }
    }
}
