import { getJson, postJson } from "./api.js";
import { byId, el } from "./dom.js";
import { count, title } from "./format.js";
import * as panels from "./panel.js";
import { isOpen, questionBox } from "./questions.js";
import * as selection from "./selection.js";

// The bar that says how many tracks are selected, and the panel #/selection where they are asked about: an answer cites
// each by its place in the question.

const most = 8;   // as the API takes them
const bar = byId("selection-bar");
const panel = byId("selection");
const names = new Map();   // of all tracks that were ever selected, by id
const chosen = el("ol", { className: "chosen", ariaLabel: "Selected tracks" });
const hint = el("p", { className: "note" });
let asked = [];   // what was asked here, the newest first
let closed;       // what to do with the focus afterwards

const box = questionBox({
  label: "Your question about these tracks",
  placeholder: "Which is faster?",
  ask: async text => {
    const question = await postJson("/v1/questions", { text, trackIds: selection.all().map(track => track.id) });
    asked = [question, ...asked];
    return question;
  },
  load: async () => {
    const known = await Promise.all(asked.map(question => (isOpen(question) ? getJson(`/v1/questions/${question.id}`) : question)));
    // One that was asked meanwhile stands before them.
    asked = [...asked.slice(0, asked.length - known.length), ...known];
    return asked;
  },
  nameOf: id => names.get(id),
});

export function start(options) {
  closed = options.closed;
  byId("ask-selected").addEventListener("click", () => { location.hash = "#/selection"; });
  byId("clear-selection").addEventListener("click", clear);
  addEventListener("hashchange", route);
  addEventListener("keydown", event => {
    if (event.key === "Escape" && !panel.hidden && !event.target.matches("input, select, textarea")) close();
  });
  selection.onChange(show);
  route();
  show();
}

function clear() {
  selection.clear();
  if (panel.hidden) closed("");
}

function close() {
  panels.close();
  closed("");
}

function route() {
  if (location.hash !== "#/selection") {
    if (panel.hidden) return;
    panel.hidden = true;
    panels.cover();
    return;
  }
  if (!panel.hidden) return;
  panel.replaceChildren(panels.heading("selection-title", "", "", "the selection", close), chosen, hint, box.section);
  show();
  panels.show(panel);
  box.follow();
}

function show() {
  const tracks = selection.all();
  for (const track of tracks) names.set(track.id, title(track));
  bar.hidden = tracks.length === 0;
  byId("selected").textContent = `${tracks.length.toLocaleString("en")} selected`;
  if (panel.hidden && !panel.querySelector("h2")) return;

  panel.querySelector("h2").textContent = `${count(tracks.length, "track", "tracks")} selected`;
  chosen.replaceChildren(...tracks.map(line));
  const refusal = refusalOf(tracks);
  hint.textContent = refusal ?? "";
  hint.hidden = !refusal;
  box.enable(!refusal);
}

function refusalOf(tracks) {
  if (tracks.length === 0) return "Select tracks in the list to ask about them.";
  if (tracks.length > most) return `One question is about ${most} tracks at most.`;
  const lost = tracks.filter(track => ["Failed", "Rejected", "Missing"].includes(track.state)).length;
  return lost > 0 ? `Tracks that are Failed, Rejected or Missing cannot be asked about; ${lost} ${lost === 1 ? "is" : "are"}.` : null;
}

function line(track, place) {
  const remove = el("button", { type: "button", className: "quiet", ariaLabel: `Take ${title(track)} out of the selection` }, "✕");
  remove.addEventListener("click", () => {
    selection.set([track], false);
    // The button is gone; the next thing to do is with the others.
    (chosen.children[Math.min(place, chosen.children.length - 1)]?.querySelector("button") ?? panel.querySelector("h2")).focus();
  });
  return el("li", {},
    el("a", { href: `#/track/${track.id}` }, el("bdi", {}, title(track))),
    track.state !== "Ready" && el("span", { className: `state ${track.state.toLowerCase()}` }, track.state),
    remove);
}
