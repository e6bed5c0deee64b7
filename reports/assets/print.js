// On paper everything is open, and figures are as wide as a page.
const paperWidth = 660;
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  closed.forEach((details) => { details.open = true; });
  drawAllFigures(paperWidth);
  galleryDrawers.forEach((draw) => draw());
});
addEventListener("afterprint", () => {
  closed.forEach((details) => { details.open = false; });
  figures.forEach((entry) => drawFigure(entry));
});
