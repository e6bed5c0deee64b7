// Says what a control did to those who do not see it.
const announce = (text) => {
  document.getElementById("announce").textContent = text;
};
