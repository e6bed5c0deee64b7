// The gallery: draws on each frame which patches one token holds and how deep pruning lets it live.
const svgElement = (name, attributes, text) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  if (text)
    element.textContent = text;
  return element;
};

// neighbouring numbers get hues far apart; outlines, not hues, tell groups apart
const groupColor = (group) => `hsl(${Math.round(group * 137.508) % 360} 75% 50%)`;

// the borders between patches of different tokens, as one path
const borders = ({ rows, columns, groups }) => {
  const at = (r, c) => (r < 0 || c < 0 || r >= rows || c >= columns ? null : groups[r * columns + c]);
  const parts = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      if (at(r, c) !== at(r, c + 1) && c + 1 < columns)
        parts.push(`M${c + 1} ${r}v1`);
      if (at(r, c) !== at(r + 1, c) && r + 1 < rows)
        parts.push(`M${c} ${r + 1}h1`);
    }
  }
  return parts.join("");
};

const lifeOf = (last, layers) => {
  if (last < 0)
    return "dropped before the LLM";
  return last === layers - 1 ? "kept to the last layer" : `last seen by layer ${last}`;
};

// what draws each gallery's open samples, for printing
const galleryDrawers = [];

for (const gallery of document.querySelectorAll(".gallery")) {
  const tools = gallery.querySelector(".tools");
  const [setting, groups, depth, which] = ["setting", "groups", "depth", "which"].map((name) => tools.querySelector(`.${name}`));
  const count = tools.querySelector(".count");
  const layers = depth.options.length - 2;
  const samples = [...gallery.querySelectorAll(".sample")].map((element) => ({
    element,
    frames: [...element.querySelectorAll(".frame")],
    settings: JSON.parse(element.querySelector(".provenance").textContent),
    said: element.querySelector(".patch"),
  }));

  const darkness = (last) => {
    if (depth.value === "none")
      return last < 0 ? 0.6 : 0;
    if (depth.value === "all")
      return last >= layers - 1 ? 0 : 0.2 + 0.6 * (1 - (last + 1) / layers);
    return last >= Number(depth.value) ? 0 : 0.75;
  };

  const drawFrame = (sample, frame, grid) => {
    frame.querySelector("svg")?.remove();
    if (!grid)
      return;
    const svg = svgElement("svg", { viewBox: `0 0 ${grid.columns} ${grid.rows}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    grid.groups.forEach((group, i) => {
      const place = { x: i % grid.columns, y: Math.floor(i / grid.columns), width: 1, height: 1 };
      if (groups.checked && group >= 0 && sample.sizes.get(group) > 1)
        svg.append(svgElement("rect", { ...place, fill: groupColor(group), "fill-opacity": 0.24 }));
      const dark = darkness(grid.last[i]);
      if (dark > 0)
        svg.append(svgElement("rect", { ...place, fill: "#000", "fill-opacity": dark.toFixed(2) }));
      svg.append(svgElement("rect", { ...place, class: "hit", "data-group": group, "data-last": grid.last[i] }));
    });
    if (groups.checked) {
      const path = borders(grid);
      svg.append(svgElement("path", { d: path, class: "halo" }), svgElement("path", { d: path, class: "border" }));
    }
    frame.append(svg);
  };

  const drawSample = (sample) => {
    const data = sample.settings[setting.value];
    sample.sizes = new Map();
    for (const group of (data?.frames ?? []).flatMap((frame) => frame.groups))
      sample.sizes.set(group, (sample.sizes.get(group) ?? 0) + 1);
    sample.frames.forEach((frame, i) => drawFrame(sample, frame, data?.frames[i]));
    const layer = depth.value;
    const tokens = !data ? "no record for this setting"
      : layer === "none" || layer === "all" ? `${data.tokens[0]} visual tokens enter the first layer, ${data.tokens.at(-1)} the last`
        : `${data.tokens[layer]} visual tokens enter layer ${layer}`;
    sample.rest = `${setting.selectedOptions[0]?.textContent ?? "no setting"}: ${tokens}. Point at a patch to see its token.`;
    sample.said.textContent = sample.rest;
  };

  const drawOpen = () => samples.filter((sample) => sample.element.open).forEach(drawSample);

  const choose = () => {
    const [kind, right] = [which.value.startsWith("kind:") ? which.value.slice(5) : null, which.value];
    for (const { element } of samples) {
      const answers = element.dataset.right;
      element.hidden = kind !== null ? element.dataset.kind !== kind
        : right === "differ" ? !(answers.includes("0") && answers.includes("1"))
          : right === "lost" ? !(answers[0] === "1" && answers.slice(1).includes("0") && !answers.slice(1).includes("1")) : false;
    }
    count.textContent = `${samples.filter(({ element }) => !element.hidden).length} of ${samples.length} samples`;
  };

  for (const sample of samples) {
    sample.element.addEventListener("toggle", () => sample.element.open && drawSample(sample));
    const list = sample.element.querySelector(".frames");
    list.addEventListener("pointerover", ({ target }) => {
      list.querySelectorAll(".lit").forEach((patch) => patch.classList.remove("lit"));
      if (!target.classList.contains("hit")) {
        sample.said.textContent = sample.rest;
        return;
      }
      const { group, last } = target.dataset;
      if (group === "-1") {
        sample.said.textContent = "This patch was dropped before the LLM.";
        return;
      }
      list.querySelectorAll(`.hit[data-group="${group}"]`).forEach((patch) => patch.classList.add("lit"));
      const patches = sample.sizes.get(Number(group));
      sample.said.textContent = `Token ${group}: ${patches} ${patches === 1 ? "patch" : "patches"}, ${lifeOf(Number(last), layers)}.`;
    });
    list.addEventListener("pointerleave", () => {
      list.querySelectorAll(".lit").forEach((patch) => patch.classList.remove("lit"));
      sample.said.textContent = sample.rest;
    });
  }

  [setting, groups, depth].forEach((control) => control.addEventListener("change", drawOpen));
  which.addEventListener("change", choose);
  // a reduced setting shows more than the unreduced one
  setting.selectedIndex = Math.min(1, setting.options.length - 1);
  tools.hidden = false;
  galleryDrawers.push(drawOpen);
  choose();
  drawOpen();
}
