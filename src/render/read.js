// Runs in a world of its own: the page's scripts can neither see nor replace anything here, and what this writes into
// the result is all that leaves the page. Gives back one string, at most `limit` characters long.
((limit) => {
  'use strict';
  const DEPTH = 600;
  const MARK = 'data-riscontro';
  const VOID = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));
  const RAW = new Set(['script', 'style']);
  // Elements without a box of their own, whatever the layout.
  const BOXLESS = new Set(
    'html head title base link meta script style template noscript br wbr option optgroup datalist area map source track param col colgroup slot'.split(' '),
  );
  const seen = new WeakSet();
  const upward = (element) => element.parentElement || (element.getRootNode().host ?? null);
  const show = (element) => {
    for (let at = element; at && !seen.has(at); at = upward(at)) seen.add(at);
  };
  const all = [];
  const gather = (root) => {
    for (const element of root.querySelectorAll('*')) {
      all.push(element);
      if (element.shadowRoot) gather(element.shadowRoot);
    }
  };
  gather(document);
  for (const element of all) {
    if (BOXLESS.has(element.localName)) continue;
    if (element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) show(element);
  }
  // What opens when a citizen presses something that is seen is seen: menus, dialogues, drawers, the list of providers.
  const open = (element) => {
    if (!element || seen.has(element)) return;
    show(element);
    const below = [...element.children];
    while (below.length) {
      const child = below.pop();
      if (seen.has(child) || getComputedStyle(child).display === 'none') continue;
      show(child);
      below.push(...child.children);
    }
  };
  const named = (value) => (value || '').split(/[\s,]+/).map((word) => word.replace(/^[#.]/, '')).filter(Boolean);
  const opens = ['aria-controls', 'aria-owns', 'data-bs-target', 'data-target', 'data-toggle-target', 'spid-idp-button', 'popovertarget', 'href'];
  // Twice, for a menu inside a drawer.
  for (let round = 0; round < 2; round += 1) {
    for (const element of all) {
      if (!seen.has(element)) continue;
      for (const attribute of opens) {
        const value = element.getAttribute(attribute);
        if (!value || (attribute === 'href' && !/^#./.test(value))) continue;
        for (const name of named(value)) open(document.getElementById(name));
      }
      if (element.getAttribute('aria-expanded') === 'false' || element.hasAttribute('aria-haspopup')) {
        open(element.nextElementSibling);
      }
      if (element.localName === 'details') open(element);
      const menu = element.matches('ul, ol, menu, [role=menu], .dropdown-menu, .submenu');
      // A list beside a link, shown when the pointer is over both.
      if (!menu && element.matches('li, .dropdown, .nav-item')) {
        for (const child of element.children) {
          if (child.matches('ul, ol, menu, [role=menu], .dropdown-menu, .submenu')) open(child);
        }
      }
    }
  }
  const out = [];
  // The elements in the order in which they are written; none where a mark is written in place of an element.
  const written = [];
  let size = 0;
  let cut = false;
  const put = (text) => {
    if (size + text.length > limit) {
      cut = true;
      return;
    }
    size += text.length;
    out.push(text);
  };
  const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
  const write = (node, depth, around) => {
    if (cut) return;
    if (node.nodeType === 3) {
      put(escape(node.data));
      return;
    }
    if (node.nodeType !== 1) return;
    const name = node.localName;
    // Scripts ran: what is for browsers without them is not on this page.
    if (name === 'noscript' || !/^[a-z][\w.:-]*$/i.test(name)) return;
    if (depth > DEPTH) {
      cut = true;
      return;
    }
    let tag = '<' + name;
    for (const attribute of node.attributes) {
      if (attribute.name.startsWith(MARK) || !/^[^\s"'<>\/=]+$/.test(attribute.name)) continue;
      tag += ' ' + attribute.name + '="' + escape(attribute.value) + '"';
    }
    const hidden = !BOXLESS.has(name) && !seen.has(node);
    if (hidden && !around) tag += ' ' + MARK + '="hidden"';
    put(tag + '>');
    written.push(node);
    if (VOID.has(name)) return;
    if (RAW.has(name)) {
      put(node.textContent.replace(/<\/(?=script|style)/gi, '<\\/'));
    } else {
      if (node.shadowRoot) {
        put('<div ' + MARK + '="shadow">');
        written.push(null);
        for (const child of node.shadowRoot.childNodes) write(child, depth + 1, around || hidden);
        put('</div>');
      }
      for (const child of node.childNodes) write(child, depth + 1, around || hidden);
    }
    // Written also past the limit, so that what is kept stays a tree.
    out.push('</' + name + '>');
  };
  put('<!doctype html>\n');
  if (document.documentElement) write(document.documentElement, 0, false);
  const socket = document.documentElement?.hasAttribute(MARK + '-socket') ?? false;
  // For whoever outlines what was recognised in this text.
  const html = out.join('');
  globalThis.riscontroDrawn = { html, written };
  return JSON.stringify({ url: location.href, cut, socket, html });
})
