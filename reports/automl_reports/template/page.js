(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  root.classList.add("js");

  byId("theme").onclick = () => {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  };

  function copySelected(text, button) {
    const area = document.createElement("textarea");
    area.value = text;
    button.after(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    button.focus();
    return copied;
  }

  async function copy(text, button) {
    const name = button.dataset.name ??= button.textContent;
    // Over plain http there is no clipboard, and in a frame it may be refused.
    const written = navigator.clipboard?.writeText(text).then(() => true, () => false);
    const copied = await written || copySelected(text, button);
    button.textContent = copied ? "Copied" : "Not copied";
    setTimeout(() => { button.textContent = name; }, 1500);
  }
  for (const button of document.querySelectorAll(".copy")) {
    button.onclick = () => copy(button.nextElementSibling.textContent, button);
  }

  const table = byId("trials");
  if (!table) return;
  const { csv, cells, axes } = JSON.parse(byId("rows").textContent);
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const size = Number(table.dataset.size) || Infinity;
  const boxes = [...document.querySelectorAll("[name=status]")];
  const search = byId("filter");
  const pareto = byId("pareto");
  const details = byId("hyperparameters");

  const all = [...body.rows].map((row, place) => ({
    row,
    place,
    ranked: row.cells[0].textContent !== "–",
    text: [...row.cells].map((cell) => cell.textContent)
      .concat(cells[place] || []).join(" ").toLowerCase(),
  }));
  const marks = new Map(all.map(({ row }) => [row.dataset.t, []]));
  for (const mark of document.querySelectorAll("[data-t]")) {
    if (mark.parentNode !== body) marks.get(mark.dataset.t)?.push(mark);
  }
  const dimmed = new Set();
  let order = all;
  let kept = all;
  let page = 0;

  const cost = () => document.querySelector("[name=cost]:checked")?.value;
  const ranges = makeRanges(axes, () => filter());

  function draw() {
    const pages = Math.max(1, Math.ceil(kept.length / size));
    page = Math.min(Math.max(page, 0), pages - 1);
    const shown = new Set(
      size === Infinity ? kept : kept.slice(page * size, (page + 1) * size));
    for (const item of all) item.row.hidden = !shown.has(item);
    byId("count").textContent = `${kept.length} of ${all.length} trials`;
    if (!byId("page")) return;
    byId("page").textContent = `page ${page + 1} of ${pages}`;
    byId("back").disabled = page === 0;
    byId("next").disabled = page === pages - 1;
  }

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/);
    const statuses = new Set(boxes.filter((b) => b.checked).map((b) => b.value));
    kept = order.filter(({ row, text, place }) => statuses.has(row.dataset.s)
      && (!pareto.checked || (row.dataset.f || "").split(" ").includes(cost()))
      && ranges.keeps(place)
      && words.every((word) => text.includes(word)));
    const trials = new Set(kept.map(({ row }) => row.dataset.t));
    for (const [trial, list] of marks) {
      if (dimmed.has(trial) !== trials.has(trial)) continue;
      if (!dimmed.delete(trial)) dimmed.add(trial);
      for (const mark of list) mark.classList.toggle("off", dimmed.has(trial));
    }
    page = 0;
    draw();
  }

  function sort(column, ascending) {
    const number = "n" in heads[column].dataset;
    const key = ({ row }) => {
      const cell = row.cells[column];
      const text = cell.dataset.v ?? cell.textContent;
      return text === "–" || text === "" ? null : number ? Number(text) : text;
    };
    const keys = new Map(all.map((item) => [item, key(item)]));
    const sign = ascending ? 1 : -1;
    order = [...all].sort((one, other) => {
      if (one.ranked !== other.ranked) return other.ranked - one.ranked;
      const a = keys.get(one);
      const b = keys.get(other);
      if (a === null || b === null) return (a === null) - (b === null);
      return sign * (number ? a - b : a.localeCompare(b));
    });
    body.append(...order.map(({ row }) => row));
    heads.forEach((head, place) => head.setAttribute("aria-sort",
      place !== column ? "none" : ascending ? "ascending" : "descending"));
    filter();
  }

  heads.forEach((head, column) => {
    head.firstElementChild.onclick = () => {
      const now = head.getAttribute("aria-sort");
      sort(column, now === "none" ? !("d" in head.dataset) : now === "descending");
    };
  });

  function fill() {
    if (!cells.length) return;
    for (const { row, place } of all) {
      for (const text of cells[place].splice(0)) {
        const cell = row.insertCell();
        cell.className = "hp";
        cell.textContent = text;
      }
    }
  }

  search.oninput = filter;
  for (const box of [...boxes, pareto, ...document.querySelectorAll("[name=cost]")]) {
    box.onchange = filter;
  }
  details.onchange = fill;
  if (details.checked) fill();  // a browser may restore the tick on reload
  byId("reset").onclick = () => {
    search.value = "";
    pareto.checked = false;
    for (const box of boxes) box.checked = true;
    ranges.clear();
    sort(0, true);
  };
  byId("csv").onclick = (event) => copy(
    [csv[0], ...kept.map(({ place }) => csv[place + 1])].join("\n") + "\n", event.target);
  if (byId("page")) {
    byId("back").onclick = () => { page -= 1; draw(); };
    byId("next").onclick = () => { page += 1; draw(); };
  }
  let lit = [];
  document.querySelector("main").onmouseover = (event) => {
    for (const mark of lit) mark.classList.remove("on");
    const trial = event.target.closest("[data-t]:not(details)")?.dataset.t;
    const row = trial && body.querySelector(`[data-t="${CSS.escape(trial)}"]`);
    lit = row ? [row, ...marks.get(trial)] : [];
    for (const mark of lit) mark.classList.add("on");
  };
  filter();
})();
