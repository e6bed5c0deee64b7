// Draws the page's figures with plotly.js in the page's own colours: each when it comes near the screen, again when the theme changes.
const figureConfig = {
  responsive: true,
  displaylogo: false,
  showSendToCloud: false,
  plotlyServerURL: "", // nothing leaves the page
  modeBarButtons: [["toImage", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
};
const figures = [...document.querySelectorAll("script.figure")].map((script) => ({
  plot: script.parentElement.querySelector(".plot"),
  figure: JSON.parse(script.textContent),
  drawn: false,
}));

// var(--name) anywhere in a figure stands for the theme's value of that property
const resolve = (value, theme) => {
  if (typeof value === "string")
    return value.replace(/var\((--[\w-]+)\)/g, (_, name) => theme.getPropertyValue(name).trim());
  if (Array.isArray(value))
    return value.map((item) => resolve(item, theme));
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, theme)]));
  return value;
};

const drawFigure = (entry, width) => {
  const { data, layout } = resolve(entry.figure, getComputedStyle(document.documentElement));
  if (width)
    Object.assign(layout, { width });
  Plotly.react(entry.plot, data, layout, figureConfig);
  entry.drawn = true;
};

const drawAllFigures = (width) => figures.forEach((entry) => drawFigure(entry, width));

const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    const entry = figures.find((f) => f.plot === target);
    if (isIntersecting && !entry.drawn)
      drawFigure(entry);
  }
}, { rootMargin: "800px" });
figures.forEach((entry) => near.observe(entry.plot));

addEventListener("themechange", () => figures.filter((f) => f.drawn).forEach((f) => drawFigure(f)));

// heat maps with several values: one is shown at a time
for (const group of document.querySelectorAll(".switch")) {
  const entry = figures.find((f) => group.parentElement.contains(f.plot));
  const buttons = [...group.querySelectorAll("button")];
  group.hidden = false;
  buttons.forEach((button, chosen) => button.addEventListener("click", () => {
    buttons.forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
    entry.figure.data.forEach((trace, i) => { trace.visible = i === chosen; });
    drawFigure(entry);
    announce(`${button.textContent} is shown`);
  }));
}
