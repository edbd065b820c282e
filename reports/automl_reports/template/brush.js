"use strict";
// Ranges of the parallel coordinates. The fields hold what is asked for, whether it
// was typed or drawn: drawing a range writes into them.
function makeRanges(axes, changed) {
  const TOP = 34, BOTTOM = 300, HALF = 7;
  const svg = document.querySelector(".parallel svg");
  if (!svg) return { keeps: () => true, clear: () => {} };
  const fields = axes.map((_, n) => [...document.querySelectorAll(`input[data-axis="${n}"]`)]);
  const groups = axes.map((_, n) => svg.querySelector(`g[data-axis="${n}"]`));
  let active = [];

  const share = (axis, value) => axis.log
    ? Math.log(value / axis.low) / Math.log(axis.high / axis.low)
    : (value - axis.low) / (axis.high - axis.low);
  const valueAt = (axis, part) => axis.log
    ? axis.low * (axis.high / axis.low) ** part
    : axis.low + part * (axis.high - axis.low);
  const height = (axis, value) => BOTTOM - share(axis, value) * (BOTTOM - TOP);
  const inside = (part) => Math.min(1, Math.max(0, part));

  function rangeOf(n) {
    const [min, max] = fields[n].map((f) => (f.value === "" ? null : Number(f.value)));
    return min === null && max === null ? null : [min ?? -Infinity, max ?? Infinity];
  }

  function testOf(n) {
    const { values, size } = axes[n];
    if (size) {
      const on = new Set(fields[n].filter((f) => f.checked).map((f) => Number(f.value)));
      return on.size === size ? null : (place) => on.has(values[place]);
    }
    const range = rangeOf(n);
    return range && ((place) => values[place] !== null
      && values[place] >= range[0] && values[place] <= range[1]);
  }

  function marksOf(n) {
    const axis = axes[n];
    if (axis.size) {
      const on = fields[n].filter((f) => f.checked);
      return on.length === axis.size ? []
        : on.map((f) => height(axis, Number(f.value))).map((y) => [y - HALF, y + HALF]);
    }
    const range = rangeOf(n);
    if (!range) return [];
    const [min, max] = range.map((v) => Math.min(axis.high, Math.max(axis.low, v)));
    return [[height(axis, max), height(axis, min)]];
  }

  function show(n) {
    for (const old of groups[n].querySelectorAll(".brush")) old.remove();
    const x = Number(groups[n].querySelector("line").getAttribute("x1"));
    for (const [top, bottom] of marksOf(n)) {
      const mark = document.createElementNS(svg.namespaceURI, "rect");
      const sizes = { x: x - 8, width: 16, y: top, height: Math.max(2, bottom - top), class: "brush" };
      for (const [name, value] of Object.entries(sizes)) mark.setAttribute(name, value);
      groups[n].insertBefore(mark, groups[n].lastElementChild);
    }
  }

  function apply(n) {
    show(n);
    active = axes.map((_, place) => testOf(place)).filter(Boolean);
    changed();
  }

  function write(n, one, other) {
    const [min, max] = [Math.min(one, other), Math.max(one, other)];
    const axis = axes[n];
    if (axis.size) {
      for (const f of fields[n]) {
        const y = share(axis, Number(f.value));
        f.checked = y >= min && y <= max;
      }
      return;
    }
    fields[n][0].value = Number(valueAt(axis, inside(min)).toPrecision(4));
    fields[n][1].value = Number(valueAt(axis, inside(max)).toPrecision(4));
  }

  function clear(n) {
    for (const f of fields[n]) {
      if (axes[n].size) f.checked = true;
      else f.value = "";
    }
  }

  groups.forEach((group, n) => {
    const hit = group.querySelector(".hit");
    let start = null;
    let waiting = false;
    const partAt = (event) => {
      const { y } = new DOMPoint(event.clientX, event.clientY)
        .matrixTransform(svg.getScreenCTM().inverse());
      return (BOTTOM - y) / (BOTTOM - TOP);
    };
    hit.onpointerdown = (event) => {
      start = partAt(event);
      hit.setPointerCapture(event.pointerId);
    };
    hit.onpointermove = (event) => {
      if (start === null || Math.abs(partAt(event) - start) < 0.01) return;
      write(n, start, partAt(event));
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; apply(n); });
    };
    hit.onpointerup = hit.onpointercancel = () => { start = null; };
    hit.ondblclick = () => { clear(n); apply(n); };
    for (const field of fields[n]) field.oninput = () => apply(n);
  });

  return {
    keeps: (place) => active.every((test) => test(place)),
    clear: () => {
      axes.forEach((_, n) => { clear(n); show(n); });
      active = [];
    },
  };
}
