// The claims of the first page, filtered by verdict.
for (const filter of document.querySelectorAll(".filter")) {
  const claims = [...filter.parentElement.querySelectorAll("li[data-verdict]")];
  const buttons = [...filter.querySelectorAll("button")];
  const count = filter.querySelector(".count");
  buttons.forEach((button) => button.addEventListener("click", () => {
    const wanted = button.dataset.verdict;
    buttons.forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
    claims.forEach((claim) => { claim.hidden = wanted !== "all" && claim.dataset.verdict !== wanted; });
    count.textContent = wanted === "all" ? "" : `${claims.filter((claim) => !claim.hidden).length} of ${claims.length} claims`;
  }));
}

// a link into a closed section opens it
const openTarget = () => {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let at = target; at; at = at.parentElement?.closest("details")) {
    if (at.nodeName === "DETAILS")
      at.open = true;
  }
  if (target)
    target.scrollIntoView();
};
addEventListener("hashchange", openTarget);
if (location.hash)
  openTarget();
