import { byId, el } from "./dom.js";

// The column beside the list: a track, or the questions about several. The address says which. On a small screen it
// covers the page, and what it covers is out of reach.

export const narrow = matchMedia("(max-width: 1180px)");

narrow.addEventListener("change", cover);

/** To be called whenever a panel has been shown or hidden. */
export function cover() {
  const covered = narrow.matches && [...document.querySelectorAll(".panel")].some(panel => !panel.hidden);
  document.body.classList.toggle("covered", covered);
  for (const part of [document.querySelector(".bar"), document.querySelector(".facets"), byId("tracks")]) part.inert = covered;
}

/** Shows a panel from its top, with the focus on its title. */
export function show(panel) {
  panel.hidden = false;
  cover();
  panel.scrollTop = 0;
  panel.querySelector("h2").focus({ preventScroll: !narrow.matches });
}

/** Closes whatever panel the address names. */
export function close() {
  history.pushState(null, "", location.pathname + location.search);
  dispatchEvent(new HashChangeEvent("hashchange"));
}

/**
 * A panel that an address such as #/import opens, with a way to close it.
 * @param {() => void} fill writes its children anew each time that it is opened
 * @param {() => void} closed says what to do with the focus afterwards
 */
export function at(address, panel, fill, closed) {
  const leave = () => {
    close();
    closed("");
  };
  const route = () => {
    if (location.hash === address && panel.hidden) {
      fill(leave);
      show(panel);
    } else if (location.hash !== address && !panel.hidden) {
      panel.hidden = true;
      cover();
    }
  };
  addEventListener("hashchange", route);
  addEventListener("keydown", event => {
    if (event.key === "Escape" && !panel.hidden && !event.target.matches("input, select, textarea")) leave();
  });
  route();
}

/** The head of a panel: what it shows, a line under that, and a cross. */
export function heading(id, name, under, what, close) {
  const button = el("button", { type: "button", className: "quiet close", ariaLabel: `Close ${what}` }, "✕");
  button.addEventListener("click", close);
  return el("header", {},
    el("div", {}, el("h2", { id, tabIndex: -1 }, el("bdi", {}, name)), under && el("p", { className: "byline" }, el("bdi", {}, under))),
    button);
}
