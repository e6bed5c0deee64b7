// Tables: a button in each head sorts by its column (descending, ascending, as it was), a field above longer ones filters the rows.
const sortValue = (row, column) => {
  const cell = row.cells[column];
  if (cell.dataset.v !== undefined)
    return Number(cell.dataset.v);
  // what stands beneath in small is not sorted by; what is missing comes last
  const text = [...cell.childNodes].filter((node) => node.nodeName !== "SMALL").map((node) => node.textContent).join("").trim();
  return cell.classList.contains("missing") || cell.classList.contains("words") || text === "–" || text === "" ? null : text;
};

const compareValues = (a, b, direction) => {
  if (a === null || b === null)
    return (a === null) - (b === null);
  const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
  return direction * order;
};

const makeSortable = (table) => {
  const bodies = [...table.tBodies];
  const original = bodies.map((body) => [...body.rows]);
  const heads = [...table.tHead.rows[0].cells];
  const flat = table.dataset.flat !== undefined;
  const show = (column, direction) => {
    heads.forEach((head, i) => head.setAttribute("aria-sort", i !== column || !direction ? "none" : direction > 0 ? "ascending" : "descending"));
    const sorted = (rows) => direction
      ? rows.map((row) => [sortValue(row, column), row]).sort((a, b) => compareValues(a[0], b[0], direction)).map(([, row]) => row)
      : rows;
    const isGroup = (row) => row.classList.contains("group");
    original.forEach((rows, i) => {
      const own = rows.filter((row) => !isGroup(row));
      rows.filter(isGroup).forEach((row) => { row.hidden = flat && direction !== 0; });
      if (!flat || !direction)
        bodies[i].append(...rows.filter(isGroup), ...sorted(own));
    });
    if (flat && direction)
      bodies[0].append(...sorted(original.flat().filter((row) => !isGroup(row))));
    const name = heads[column].querySelector(".name").textContent;
    announce(direction ? `Sorted by ${name}, ${direction > 0 ? "ascending" : "descending"}` : "In the order of the record");
  };

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    const name = document.createElement("span");
    button.type = "button";
    button.className = "sort";
    name.className = "name";
    name.append(...[...head.childNodes].filter((node) => node.nodeName !== "SMALL"));
    button.append(name, ...head.childNodes);
    head.replaceChildren(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const numeric = original.flat().some((row) => row.cells.length > column && row.cells[column].dataset.v !== undefined);
      const order = numeric ? ["none", "descending", "ascending"] : ["none", "ascending", "descending"];
      const next = order[(order.indexOf(head.getAttribute("aria-sort")) + 1) % 3];
      show(column, { none: 0, ascending: 1, descending: -1 }[next]);
    });
  });
};

const makeFilterable = (table) => {
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]).filter((row) => !row.classList.contains("group"));
  const tools = document.createElement("div");
  const label = document.createElement("label");
  const field = document.createElement("input");
  const count = document.createElement("span");
  tools.className = "tools";
  field.type = "search";
  count.className = "count";
  count.setAttribute("role", "status");
  label.append("Filter rows ", field);
  tools.append(label, count);
  table.closest(".scroll").before(tools);
  // a row is found by its own words and by its group's name
  const words = new Map(rows.map((row) => {
    const group = row.parentElement.querySelector(".group");
    return [row, `${row.textContent} ${group ? group.textContent : ""}`.toLowerCase()];
  }));
  const filter = () => {
    const wanted = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    rows.forEach((row) => row.classList.toggle("filtered", !wanted.every((word) => words.get(row).includes(word))));
    for (const body of table.tBodies) {
      const left = [...body.rows].some((row) => !row.classList.contains("group") && !row.classList.contains("filtered"));
      body.querySelectorAll(".group").forEach((row) => row.classList.toggle("filtered", !left));
    }
    count.textContent = wanted.length === 0 ? "" : `${rows.filter((row) => !row.classList.contains("filtered")).length} of ${rows.length} rows`;
  };
  field.addEventListener("input", filter);
};

for (const table of document.querySelectorAll(".scroll > table")) {
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]).filter((row) => !row.classList.contains("group"));
  if (rows.length >= 3)
    makeSortable(table);
  if (rows.length >= 10)
    makeFilterable(table);
}
