//! Links, buttons, tiles, frames and refreshes: which elements are controls, where they lead, what stands around them.

use ego_tree::NodeId;
use html5ever::ns;
use scraper::node::Element;

use super::element::{self, Attributes};
use super::forms::{Forms, Owner};
use super::target::{Here, is_vague, refresh_url};
use super::text::{clip, fold};
use super::{Control, ControlKind, Destination, Region, Visibility};

/// Characters of a label and of a hint.
pub(super) const LABEL: usize = 300;
/// Characters of a context.
const CONTEXT: usize = 400;
/// Characters of the heading that a context starts with.
const HEADING: usize = 120;
/// Bytes of text before and after a control that its context shows when the block around it is long.
const BEFORE: usize = 150;
/// Images of one control.
const IMAGES: usize = 10;
/// Characters of an image's address.
const IMAGE: usize = 500;

/// The script by which a page of ASP.NET is sent back to its server, which then says where to go.
const POST_BACK: &str = "__doPostBack";

/// A stretch of the page's text, in bytes.
pub(super) type Stretch = (usize, usize);

/// A control while the walk goes on.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) control: Control,
    attributes: Attributes<'a>,
    /// The form it submits.
    owner: Owner<'a>,
    /// True when its destination is its form's.
    submits: bool,
    /// Its own part of the page's text.
    pub(super) own: Stretch,
    /// The text of the nearest box that says more than the control does.
    pub(super) near: Option<Stretch>,
    /// The text of the item, paragraph, card or section around it.
    pub(super) unit: Option<Stretch>,
    /// The last heading before it, in the same part of the page.
    heading: Option<Stretch>,
    /// Not a control after all.
    dropped: bool,
}

/// What an element that may be a control is, before it becomes one.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    kind: ControlKind,
    destination: Destination,
    owner: Owner<'a>,
    submits: bool,
}

/// Where the walk stands when it meets a control.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) node: NodeId,
    pub(super) region: Region,
    pub(super) visibility: Visibility,
    pub(super) selector: String,
    pub(super) at: usize,
    pub(super) heading: Option<Stretch>,
}

/// Reads an element as a control; `None` when it is none.
pub(super) fn candidate<'a>(
    element: &'a Element,
    attributes: &Attributes<'a>,
    owner: Owner<'a>,
    here: &Here<'_>,
) -> Option<Candidate<'a>> {
    let name = if element::is_html(element) {
        element.name()
    } else if element.name.ns == ns!(svg) && element.name() == "a" {
        "a"
    } else {
        ""
    };
    let plain = |kind, destination| Some(Candidate { kind, destination, owner: Owner::None, submits: false });
    let kind = attributes.kind.trim();
    match name {
        "a" | "area" => plain(ControlKind::Link, link(attributes, here)),
        "button" if kind.eq_ignore_ascii_case("button") || kind.eq_ignore_ascii_case("reset") => {
            plain(ControlKind::Button, plain_button(attributes, here))
        }
        "button" => Some(submit(attributes, owner, here)),
        "input" if kind.eq_ignore_ascii_case("submit") || kind.eq_ignore_ascii_case("image") => {
            Some(submit(attributes, owner, here))
        }
        "input" if kind.eq_ignore_ascii_case("button") => plain(ControlKind::Button, plain_button(attributes, here)),
        "iframe" | "frame" => {
            let source = if attributes.src.trim().is_empty() || attributes.src.starts_with("about:") {
                attributes.data_src
            } else {
                attributes.src
            };
            let destination = here.address(source);
            if is_vague(&destination) { None } else { plain(ControlKind::Frame, destination) }
        }
        "meta" => {
            if !attributes.http_equiv.trim().eq_ignore_ascii_case("refresh") {
                return None;
            }
            plain(ControlKind::Refresh, here.address(refresh_url(attributes.content)?))
        }
        _ if attributes.has_role("button") => plain(ControlKind::Button, plain_button(attributes, here)),
        // Fields and the page itself react to clicks in many ways; only a clear address makes them a way somewhere.
        "html" | "body" | "form" | "label" | "input" | "select" | "textarea" | "option" => {
            match (!attributes.onclick.is_empty()).then(|| here.script(attributes.onclick))? {
                url @ Destination::Url(_) => plain(ControlKind::Tile, url),
                _ => None,
            }
        }
        _ if attributes.onclick.is_empty() && attributes.data_target.is_empty() => None,
        _ => match pressed(attributes, here)? {
            Destination::Nowhere => None,
            destination => plain(ControlKind::Tile, titled(destination, attributes, here)),
        },
    }
}

/// Where a link leads. An address in `href` is what the browser follows; without one, scripts and `data-` attributes
/// are asked.
fn link(attributes: &Attributes<'_>, here: &Here<'_>) -> Destination {
    let href = attributes.href.map_or(Destination::Nowhere, |href| here.address(href));
    if matches!(href, Destination::Url(_) | Destination::Other(_)) {
        return href;
    }
    let destination = match pressed(attributes, here) {
        Some(url @ Destination::Url(_)) => url,
        Some(other) if is_vague(&href) => other,
        _ => href,
    };
    titled(destination, attributes, here)
}

/// What a button does that submits nothing.
fn plain_button(attributes: &Attributes<'_>, here: &Here<'_>) -> Destination {
    titled(pressed(attributes, here).unwrap_or(Destination::Nowhere), attributes, here)
}

/// The cards of PeopleWeb post back by script and hold the address they lead to in their title.
fn titled(destination: Destination, attributes: &Attributes<'_>, here: &Here<'_>) -> Destination {
    let unsaid = match &destination {
        Destination::Nowhere => true,
        Destination::Script(code) => code.contains(POST_BACK),
        _ => false,
    };
    if unsaid { here.title(attributes.title).unwrap_or(destination) } else { destination }
}

/// Where a press leads apart from `href` and forms; `None` when nothing says.
fn pressed(attributes: &Attributes<'_>, here: &Here<'_>) -> Option<Destination> {
    let script = (!attributes.onclick.is_empty()).then(|| here.script(attributes.onclick));
    if let Some(Destination::Url(_)) = script {
        return script;
    }
    let data = (!attributes.data_target.is_empty()).then(|| here.data(attributes.data_target)).flatten();
    data.or(script)
}

/// A button that submits its form, unless its script goes elsewhere.
fn submit<'a>(attributes: &Attributes<'a>, owner: Owner<'a>, here: &Here<'_>) -> Candidate<'a> {
    let pressed = pressed(attributes, here);
    let goes = matches!(pressed, Some(Destination::Url(_)));
    if goes || owner == Owner::None {
        let destination = titled(pressed.unwrap_or(Destination::Nowhere), attributes, here);
        return Candidate { kind: ControlKind::Button, destination, owner: Owner::None, submits: false };
    }
    let destination = attributes.formaction.map_or(Destination::Nowhere, |action| here.action(Some(action)));
    Candidate { kind: ControlKind::Button, destination, owner, submits: true }
}

impl<'a> Draft<'a> {
    pub(super) fn new(candidate: Candidate<'a>, attributes: &Attributes<'a>, place: Place) -> Self {
        Self {
            control: Control {
                node: place.node,
                kind: candidate.kind,
                label: String::new(),
                hint: String::new(),
                destination: candidate.destination,
                data_element: fold(attributes.data_element, LABEL).to_lowercase(),
                images: Vec::new(),
                region: place.region,
                visibility: place.visibility,
                post: false,
                fields: Vec::new(),
                context: String::new(),
                selector: place.selector,
            },
            attributes: *attributes,
            owner: candidate.owner,
            submits: candidate.submits,
            own: (place.at, place.at),
            near: None,
            unit: None,
            heading: place.heading,
            dropped: false,
        }
    }

    /// Takes a control inside this one into it, when the two are one for the reader (`<button>` inside `<a>`);
    /// gives it back when it is one of its own.
    pub(super) fn merge(&mut self, inner: Candidate<'a>, attributes: &Attributes<'a>) -> Option<Candidate<'a>> {
        let is_outer = matches!(self.control.kind, ControlKind::Link | ControlKind::Button);
        let is_inner = matches!(inner.kind, ControlKind::Link | ControlKind::Button | ControlKind::Tile);
        if !is_inner {
            return Some(inner);
        }
        if !is_outer {
            // A card that leads where its link leads is said once, by the link.
            self.dropped |= self.control.kind == ControlKind::Tile && self.control.destination == inner.destination;
            return Some(inner);
        }
        let outer_leads = self.submits || !is_vague(&self.control.destination);
        let inner_leads = inner.submits || !is_vague(&inner.destination);
        if outer_leads && inner_leads {
            let outer_is_url = matches!(self.control.destination, Destination::Url(_));
            let weaker = inner.submits || matches!(inner.destination, Destination::Script(_) | Destination::InPage(_));
            if self.control.destination != inner.destination && !(outer_is_url && weaker) {
                return Some(inner);
            }
        } else if inner_leads {
            self.control.destination = inner.destination;
            self.owner = inner.owner;
            self.submits = inner.submits;
            self.attributes.formaction = attributes.formaction;
            self.attributes.formmethod = attributes.formmethod;
        }
        if self.control.data_element.is_empty() {
            self.control.data_element = fold(attributes.data_element, LABEL).to_lowercase();
        }
        None
    }

    /// Adds an image inside the control.
    pub(super) fn image(&mut self, address: &str) {
        let address = address.trim();
        if !address.is_empty() && self.control.images.len() < IMAGES {
            self.control.images.push(clip(address, IMAGE).to_owned());
        }
    }

    /// A card that posts back may hold the address it leads to in a hidden field inside it.
    pub(super) fn hidden_field(&mut self, value: &str, here: &Here<'_>) {
        let posts_back = matches!(&self.control.destination, Destination::Script(code) if code.contains(POST_BACK));
        if let Some(destination) = posts_back.then(|| here.title(value)).flatten() {
            self.control.destination = destination;
        }
    }

    /// Called when the walk leaves the element, with the text inside.
    pub(super) fn close(&mut self, label: String, end: usize) {
        self.own.1 = end;
        let control = &mut self.control;
        let without_text = label.is_empty();
        control.label = undoubled(label);
        if without_text && self.attributes.aria_hidden && control.visibility == Visibility::Visible {
            control.visibility = Visibility::Hidden;
        }
        let title = fold(self.attributes.title, LABEL);
        let aria = fold(self.attributes.aria_label, LABEL);
        if without_text {
            control.label.clone_from(&aria);
        }
        control.hint = if title.contains(&aria) {
            title
        } else if aria.contains(&title) {
            aria
        } else {
            clip(&format!("{title} {aria}"), LABEL).to_owned()
        };
        // `<a name="...">` marks a place; nobody presses it.
        let anchor = control.kind == ControlKind::Link
            && self.attributes.href.is_none()
            && is_vague(&control.destination)
            && control.label.is_empty();
        self.dropped |= anchor;
    }

    /// The control, once the whole page is known; `None` when it is none after all.
    pub(super) fn finish(mut self, text: &str, forms: &Forms<'a>) -> Option<Control> {
        if self.dropped {
            return None;
        }
        if self.submits
            && let Some(form) = forms.resolve(self.owner)
        {
            if self.attributes.formaction.is_none_or(|action| action.trim().is_empty()) {
                self.control.destination = form.destination.clone();
            }
            self.control.post = match self.attributes.formmethod.trim() {
                "" => form.post,
                method => method.eq_ignore_ascii_case("post"),
            };
            self.control.fields = form.fields.iter().map(|(name, _, _)| name.clone()).collect();
        }
        self.control.context = self.context(text);
        Some(self.control)
    }

    /// The text around the control: of the unit it is in, or, where that is long, of the nearest box, or of a window
    /// around it; after the heading that speaks for it.
    fn context(&self, text: &str) -> String {
        let (own_start, own_end) = self.own;
        let fits = |stretch: &Stretch| slice(text, stretch.0, stretch.1).chars().nth(CONTEXT).is_none();
        let around = self.unit.filter(fits).or(self.near).or(self.unit).unwrap_or(self.own);
        let around = if fits(&around) {
            around
        } else {
            (around.0.max(own_start.saturating_sub(BEFORE)), around.1.min(own_end + BEFORE))
        };
        let mut context = String::new();
        if let Some((from, to)) = self.heading.filter(|(_, to)| *to <= around.0) {
            let heading = clip(slice(text, from, to), HEADING);
            if !heading.is_empty() {
                context.push_str(heading);
                context.push('\n');
            }
        }
        context.push_str(slice(text, around.0, around.1));
        clip(context.trim(), CONTEXT).to_owned()
    }
}

/// A stretch of the text, widened to whole characters and cut to what there is.
fn slice(text: &str, start: usize, end: usize) -> &str {
    let start = text.floor_char_boundary(start.min(text.len()));
    let end = text.floor_char_boundary(end.min(text.len()));
    text.get(start..end.max(start)).unwrap_or_default().trim()
}

/// An image's `alt` that repeats the text beside it is read once.
fn undoubled(label: String) -> String {
    match label.split_at_checked(label.len() / 2) {
        Some((first, second)) if second.strip_prefix(' ').is_some_and(|second| second == first) => first.to_owned(),
        _ => label,
    }
}
