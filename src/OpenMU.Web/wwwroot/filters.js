import { byId, debounce, el } from "./dom.js";
import { duration, number, seconds } from "./format.js";
import { find, keys, spoken } from "./keys.js";
import * as facetLists from "./facets.js";
import * as search from "./search.js";

// The form of search box and facets: writes what is entered into the search, and shows what the search says.

const form = byId("filters");
const field = name => form.elements[name];

// How each range is read and shown again, and what it is called in a sentence.
const ranges = {
  bpm: { what: "tempo", read: number, show: value => value, hint: "a number such as 120" },
  lufs: { what: "loudness", read: number, show: value => value.replace("-", "−"), hint: "a number such as −14" },
  seconds: { what: "length", read: seconds, show: value => duration(Number(value)), hint: "minutes and seconds such as 3:30" },
};

export function start() {
  for (const key of keys) field("key").append(el("option", { value: key.name }, `${key.camelot} · ${spoken(key.name)}`));

  const typed = debounce(220, () => enter({ replace: true }));
  form.addEventListener("input", event => event.target.closest("#facet-groups") || (event.target.matches("input:not([type=radio], [type=checkbox])") ? typed() : enter({})));
  form.addEventListener("submit", event => event.preventDefault());
  field("text").addEventListener("input", typed);
  field("text").addEventListener("keydown", event => {
    if (event.key === "Enter") enter({ replace: true });
    if (event.key === "Escape") field("text").value ? clearText() : field("text").blur();
  });
  byId("clear").addEventListener("click", clear);
  byId("show-filters").addEventListener("click", () => open(byId("show-filters").ariaExpanded !== "true"));

  search.onChange(show);
  show(search.current());
}

/** Shows how many tracks each choice of state and key would find. */
export function counts(found) {
  const { states, keys: byKey, countsAll } = found;
  facetLists.show(found);
  const more = countsAll ? "" : "+";
  const all = Object.values({ ...states, Missing: 0 }).reduce((sum, n) => sum + n, 0);
  for (const output of form.querySelectorAll("output[data-state]")) {
    output.textContent = (output.dataset.state === "All" ? all : states[output.dataset.state] ?? 0).toLocaleString("en") + more;
  }
  for (const [i, key] of keys.entries()) {
    const n = byKey[key.camelot] ?? 0;
    field("key").options[i + 1].text = `${key.camelot} · ${spoken(key.name)}${n > 0 ? ` (${n.toLocaleString("en")}${more})` : ""}`;
  }
}

/** Forgets words and facets, keeps the order. */
export function clear() {
  const { sort, descending } = search.current();
  search.go({ sort, descending });
}

function clearText() {
  field("text").value = "";
  enter({ replace: true });
}

function open(yes) {
  byId("show-filters").ariaExpanded = String(yes);
  form.classList.toggle("open", yes);
}

function enter(how) {
  const { sort, descending, facet } = search.current();
  const next = { sort, descending, facet, text: field("text").value.trim(), key: field("key").value, state: field("state").value };
  if (next.text && field("meaning").checked) next.meaning = "true";
  if (next.key && field("keyNeighbours").checked) next.keyNeighbours = "true";
  const mistakes = Object.entries(ranges).map(([name, range]) => enterRange(next, name, range)).filter(Boolean);
  byId("filter-error").hidden = mistakes.length === 0;
  byId("filter-error").textContent = mistakes.join(" ");
  if (mistakes.length === 0) search.go(next, how);
}

// Puts a range into the search; returns the sentence for the person when it cannot be read.
function enterRange(next, name, { what, read, hint }) {
  let mistake = "";
  for (const end of ["From", "To"]) {
    const input = field(name + end);
    const value = input.value.trim() === "" ? null : read(input.value.trim());
    const wrong = input.value.trim() !== "" && value === null;
    input.ariaInvalid = String(wrong);
    if (wrong) mistake = `For ${what}, enter ${hint}.`;
    if (value !== null) next[name + end] = String(value);
  }
  if (!mistake && next[`${name}From`] && next[`${name}To`] && Number(next[`${name}From`]) > Number(next[`${name}To`])) {
    mistake = `The ${what} runs from high to low.`;
    for (const end of ["From", "To"]) field(name + end).ariaInvalid = "true";
  }
  return mistake;
}

function show(now) {
  setUnlessFocused(field("text"), now.text ?? "");
  field("key").value = find(now.key)?.name ?? "";
  field("meaning").checked = now.meaning === "true";
  field("keyNeighbours").checked = now.keyNeighbours === "true";
  field("keyNeighbours").disabled = !now.key;
  field("state").value = now.state ?? "";
  for (const [name, range] of Object.entries(ranges)) {
    for (const end of ["From", "To"]) {
      const value = now[name + end];
      setUnlessFocused(field(name + end), value ? range.show(value) : "");
    }
  }
  const facets = search.facets(now);
  byId("clear").hidden = facets.length === 0 && !now.text;
  byId("filter-count").hidden = facets.length === 0;
  byId("filter-count").textContent = facets.length;
  byId("filter-count").ariaLabel = `${facets.length} active`;
  byId("chips").replaceChildren(...chips(now));
}

// What somebody is typing is not rewritten under the cursor, unless the search says something else altogether.
function setUnlessFocused(input, value) {
  if (document.activeElement !== input || value === "") input.value = document.activeElement === input && input.value.trim() === "" ? input.value : value;
}

function chips(now) {
  const made = [];
  for (const [name, { what, show: spell }] of Object.entries(ranges)) {
    const [from, to] = [now[`${name}From`], now[`${name}To`]].map(value => value && spell(value));
    if (!from && !to) continue;
    const text = from && to ? `${from} – ${to}` : from ? `from ${from}` : `up to ${to}`;
    made.push(chip(`${what} ${text}`, [`${name}From`, `${name}To`]));
  }
  if (now.key) made.push(chip(spoken(find(now.key)?.name ?? now.key) + (now.keyNeighbours ? " and neighbours" : ""), ["key", "keyNeighbours"]));
  if (now.state) made.push(chip(now.state.toLowerCase(), ["state"]));
  for (const { text, remove } of facetLists.chips(now)) made.push(chip(text, [], remove));
  return made;
}

function chip(text, names, remove) {
  const button = el("button", { type: "button", ariaLabel: `Remove filter: ${text}` }, text, el("span", { ariaHidden: "true" }, "✕"));
  button.addEventListener("click", () => {
    if (remove) {
      remove();
      byId("tracks").focus({ preventScroll: true });
      return;
    }
    const next = search.current();
    for (const name of [...names, "after", "before"]) delete next[name];
    search.go(next);
    byId("tracks").focus({ preventScroll: true });
  });
  return el("li", {}, button);
}
