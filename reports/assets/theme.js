// Light or dark: the reader's choice where there is one, else the system's. It runs before the page is drawn.
(() => {
  "use strict";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try {
    chosen = localStorage.getItem("aim-theme");
  } catch {
    // a page from disk may have no storage: the choice then lasts as long as the page
  }

  const apply = () => {
    root.dataset.theme = chosen ?? (system.matches ? "dark" : "light");
    const button = document.getElementById("theme");
    if (button) {
      button.hidden = false;
      button.textContent = root.dataset.theme === "dark" ? "Light" : "Dark";
      button.setAttribute("aria-label", `Show the page ${root.dataset.theme === "dark" ? "light" : "dark"}`);
    }
    dispatchEvent(new Event("themechange"));
  };

  apply();
  system.addEventListener("change", apply);
  addEventListener("DOMContentLoaded", () => {
    apply();
    document.getElementById("theme").addEventListener("click", () => {
      chosen = root.dataset.theme === "dark" ? "light" : "dark";
      try {
        localStorage.setItem("aim-theme", chosen);
      } catch {
        // as above
      }
      apply();
    });
  });

  // paper is light, whatever the screen is
  addEventListener("beforeprint", () => {
    root.dataset.theme = "light";
  });
  addEventListener("afterprint", apply);
})();
