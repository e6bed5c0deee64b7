// Draws the page's figures with plotly.js in the page's own colours, and again when these change (dark mode, printing).
(() => {
  "use strict";
  const root = document.documentElement;
  const config = {
    responsive: true,
    displaylogo: false,
    showSendToCloud: false,
    plotlyServerURL: "", // nothing leaves the page
    modeBarButtons: [["toImage", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
  };
  const figures = [...document.querySelectorAll("script.figure")].map((script) => ({
    plot: script.parentElement.querySelector(".plot"),
    figure: JSON.parse(script.textContent),
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

  const draw = () => {
    const theme = getComputedStyle(root);
    for (const { plot, figure } of figures) {
      const { data, layout } = resolve(figure, theme);
      Plotly.react(plot, data, layout, config);
    }
  };

  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

  // paper is light, whatever the screen is
  addEventListener("beforeprint", () => {
    root.dataset.theme = "light";
    draw();
  });
  addEventListener("afterprint", () => {
    delete root.dataset.theme;
    draw();
  });
})();
