import { byId, el } from "./dom.js";
import * as search from "./search.js";

// What the tracks that are found have in common: a list of values a group, each to be asked for or left out. What is
// chosen stands in the address as the API's own parameter, facet=genre:jazz|blues or facet=-mood:sad.

const names = {
  genre: "Genre", mood: "Mood", instrument: "Instrument", theme: "Theme", voice: "Voice", energy: "Energy", era: "Era",
  tag: "Tag", tempo: "Tempo class", metre: "Metre", language: "Language", explicit: "Explicit", lyrics: "Lyrics",
  quality: "Quality", differs: "Differs from what was measured", source: "Source of data", corrected: "Corrected",
  approved: "Approved", locked: "Locked",
};
const shownAtFirst = 6;
const home = byId("facet-groups");
const opened = new Set(["genre", "mood", "instrument"]);
const whole = new Set();
let last;

/** Reads facet=… of the address into groups: { genre: { any: ["jazz"], none: [] } }. */
export function chosen(now) {
  const groups = {};
  for (const text of now.facet ?? []) {
    const [, minus, group, values] = /^(-?)([^:]+):(.*)$/.exec(text) ?? [];
    if (!group) continue;
    groups[group] ??= { any: [], none: [] };
    groups[group][minus ? "none" : "any"].push(...values.split("|"));
  }
  return groups;
}

const written = groups => Object.entries(groups).flatMap(([group, { any, none }]) => [
  ...(any.length ? [`${group}:${any.join("|")}`] : []), ...(none.length ? [`-${group}:${none.join("|")}`] : [])]);

export const nameOf = group => names[group] ?? group.replace(/^x\./, "");

/** Asks for a value, leaves it out, or neither. */
function choose(group, value, how) {
  const now = search.current();
  const groups = chosen(now);
  const at = groups[group] ??= { any: [], none: [] };
  const was = at[how]?.includes(value);
  for (const list of [at.any, at.none]) if (list.includes(value)) list.splice(list.indexOf(value), 1);
  if (how && !was) at[how].push(value);
  search.go({ ...now, facet: written(groups), after: undefined, before: undefined });
}

/** What narrows the search, as chips: text and how to take it away. */
export const chips = now => Object.entries(chosen(now)).flatMap(([group, { any, none }]) => [
  ...any.map(value => ({ text: `${nameOf(group)}: ${value}`, remove: () => choose(group, value) })),
  ...none.map(value => ({ text: `not ${nameOf(group).toLowerCase()}: ${value}`, remove: () => choose(group, value) }))]);

/** Shows the values of an answer. */
export function show(found) {
  last = found;
  const focus = document.activeElement?.closest("#facet-groups [data-at]")?.dataset.at;
  const groups = chosen(search.current());
  const order = [...Object.keys(names), ...Object.keys(found.facets).filter(group => !(group in names)).sort()];
  home.replaceChildren(...order.map(group => list(group, found, groups[group])).filter(Boolean));
  byId("facet-limit").hidden = found.facetsCountAll;
  if (focus) home.querySelector(`[data-at="${CSS.escape(focus)}"]`)?.focus();
}

function list(group, found, at = { any: [], none: [] }) {
  const counted = found.facets[group] ?? [];
  const selected = [...at.any, ...at.none];
  const values = [...counted, ...selected.filter(value => !counted.some(one => one.value === value)).map(value => ({ value, count: 0 }))];
  if (values.length === 0) return null;
  const all = whole.has(group);
  const shown = values.filter((one, i) => all || i < shownAtFirst || selected.includes(one.value));
  const more = values.length - shown.length;
  const details = el("details", { open: opened.has(group) || selected.length > 0 },
    el("summary", { "data-at": group }, nameOf(group), selected.length > 0 && el("span", { className: "count" }, String(selected.length))),
    el("ul", {}, ...shown.map(one => item(group, one, at, found.facetsCountAll))),
    more > 0 && moreButton(group, more));
  details.addEventListener("toggle", () => (details.open ? opened.add(group) : opened.delete(group)));
  return details;
}

function item(group, { value, count, label }, at, isAll) {
  const box = el("input", { type: "checkbox", checked: at.any.includes(value), "data-at": `${group}:${value}` });
  box.addEventListener("change", () => choose(group, value, "any"));
  const isOut = at.none.includes(value);
  const out = el("button", {
    type: "button", className: "leave-out", ariaPressed: String(isOut), ariaLabel: `Leave out ${nameOf(group).toLowerCase()} ${value}`,
    title: "Leave out", "data-at": `-${group}:${value}`,
  }, "−");
  out.addEventListener("click", () => choose(group, value, "none"));
  return el("li", { className: isOut ? "out" : "" },
    el("label", {}, box, el("bdi", {}, label ?? value), el("output", {}, count.toLocaleString("en") + (isAll ? "" : "+"))), out);
}

function moreButton(group, more) {
  const button = el("button", { type: "button", className: "link", "data-at": `${group} more` }, `${more} more`);
  button.addEventListener("click", () => {
    whole.add(group);
    show(last);
    home.querySelector(`[data-at="${CSS.escape(group)}"]`)?.focus();
  });
  return button;
}
