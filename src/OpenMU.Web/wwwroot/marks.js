import { el, speak } from "./dom.js";
import { count, title } from "./format.js";
import * as selection from "./selection.js";

// The boxes before the rows of the list. A click with the shift key marks all rows from the one that was last marked;
// on the keyboard x marks the row that has the focus, and shift with an arrow the next one too.

const tracks = new WeakMap();   // by box
let rows;
let last;                       // id of the row that a range begins at

export function start(list) {
  rows = list;
  // Text would be selected as well.
  rows.addEventListener("mousedown", event => { if (event.shiftKey && event.target.closest("tr")) event.preventDefault(); });
  rows.addEventListener("click", clicked, { capture: true });
  rows.addEventListener("keydown", pressed);
  selection.onChange(show);
}

/** The cell with the box of a track. */
export function cell(track) {
  const box = el("input", { type: "checkbox", tabIndex: -1, checked: selection.has(track.id), ariaLabel: `Select ${title(track)}` });
  tracks.set(box, track);
  return el("td", { className: "c-mark" }, el("label", {}, box));
}

const boxes = () => [...rows.querySelectorAll(".c-mark input")];
const boxOf = element => element.closest("tr")?.querySelector(".c-mark input");

function clicked(event) {
  const box = boxOf(event.target);
  if (!box || !(event.shiftKey || event.target === box)) return;
  if (event.target !== box) event.preventDefault();
  event.stopPropagation();
  mark(event.shiftKey ? range(box) : [box], event.target === box ? box.checked : true);
  last = tracks.get(box).id;
  // The keyboard goes on from this row.
  box.closest("tr").querySelector("a").focus({ preventScroll: true });
}

// From the row that was last marked to this one; that row may be on another page.
function range(box) {
  const all = boxes();
  const [from, to] = [all.findIndex(other => tracks.get(other).id === last), all.indexOf(box)];
  return from < 0 ? [box] : all.slice(Math.min(from, to), Math.max(from, to) + 1);
}

function pressed(event) {
  const box = event.target.matches("a") && boxOf(event.target);
  if (!box || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "x" || event.key === "X") {
    event.preventDefault();
    mark([box], !selection.has(tracks.get(box).id));
    last = tracks.get(box).id;
  }
  const step = event.shiftKey && { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    const next = boxes()[boxes().indexOf(box) + step];
    mark(next ? [box, next] : [box], true);
    last = tracks.get(next ?? box).id;
  }
}

function mark(those, yes) {
  selection.set(those.map(box => tracks.get(box)), yes);
  speak(`${count(selection.all().length, "track", "tracks")} selected.`);
}

function show() {
  for (const box of boxes()) box.checked = selection.has(tracks.get(box).id);
}
