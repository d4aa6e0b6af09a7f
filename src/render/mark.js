// Outlines what was recognised, for the picture. Runs in the world of the reading, which remembers what it wrote: places are
// paths in that text, so it is parsed again, inert, and what a path selects there is the element that was written there.
((places, color) => {
  'use strict';
  const drawn = globalThis.riscontroDrawn;
  const told = { boxes: 0, first: 0, height: document.documentElement?.scrollHeight ?? 0 };
  if (!drawn) return JSON.stringify(told);
  const inert = new DOMParser().parseFromString(drawn.html, 'text/html');
  const order = new Map([...inert.querySelectorAll('*')].map((element, place) => [element, place]));
  const host = document.createElement('div');
  host.style.cssText = 'all:initial;position:absolute;left:0;top:0;width:0;height:0;z-index:2147483647;pointer-events:none';
  const root = host.attachShadow({ mode: 'closed' });
  document.documentElement.append(host);
  const origin = host.getBoundingClientRect();
  const marked = new Set();
  for (const place of places) {
    let found = null;
    try {
      found = inert.querySelector(place);
    } catch {
      continue;
    }
    const live = found && drawn.written[order.get(found)];
    // A text that another parser reads as another tree: better no outline than one around something else.
    if (!live || live.localName !== found.localName || marked.has(live)) continue;
    const box = live.getBoundingClientRect();
    if (!(box.width >= 1 && box.height >= 1)) continue;
    marked.add(live);
    const line = document.createElement('div');
    line.style.cssText =
      'all:initial;position:absolute;box-sizing:border-box;border:3px solid ' + color +
      ';outline:2px solid #fff;left:' + (box.left - origin.left - 4) + 'px;top:' + (box.top - origin.top - 4) +
      'px;width:' + (box.width + 8) + 'px;height:' + (box.height + 8) + 'px';
    root.append(line);
    const top = box.top + scrollY;
    told.first = told.boxes === 0 ? top : Math.min(told.first, top);
    told.boxes += 1;
  }
  return JSON.stringify(told);
})
