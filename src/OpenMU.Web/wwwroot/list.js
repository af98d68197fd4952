import { getJson } from "./api.js";
import { byId, el, speak } from "./dom.js";
import { byline, count, day, decimal, duration, title } from "./format.js";
import { keyPill } from "./keys.js";
import * as marks from "./marks.js";
import * as search from "./search.js";
import { clear, counts } from "./filters.js";
import * as selection from "./selection.js";
import { choose } from "./uploads.js";

// The list of tracks that the search finds.

const pageSize = 50;
const rows = byId("rows");
const sheet = byId("sheet");
let request;
let shown;
let counted;

export function start() {
  for (const header of document.querySelectorAll("th[data-sort]")) {
    header.firstElementChild.addEventListener("click", () => sortBy(header.dataset.sort));
  }
  marks.start(rows);
  rows.addEventListener("keydown", walk);
  rows.addEventListener("focusin", event => enter(event.target.closest("a")));
  // A row is one large target; the link inside it is what keyboards and screen readers meet.
  rows.addEventListener("click", event => {
    const link = event.target.closest("tr")?.querySelector("a");
    if (link && !event.target.closest("a, .c-mark") && getSelection().isCollapsed) link.click();
  });
  byId("text").addEventListener("keydown", event => {
    if (event.key === "ArrowDown" && entry()) {
      event.preventDefault();
      entry().focus();
    }
  });
  byId("previous").addEventListener("click", () => turn(-1));
  byId("next").addEventListener("click", () => turn(1));
  addEventListener("hashchange", mark);
  search.onChange(() => load());
  skeleton();
  load();
}

/** Asks again without a sign of loading: the analysis has gone on. */
export const refresh = () => load({ quiet: true });

/** Puts the focus back to where a closed track was opened. */
export function focusTrack(id) {
  const link = rows.querySelector(`a[data-id="${CSS.escape(id)}"]`) ?? entry();
  (link ?? byId("tracks")).focus();
}

async function load({ quiet = false } = {}) {
  request?.abort();
  const mine = request = new AbortController();
  const now = search.current();
  const query = search.toQuery(now);
  if (now.text) query.set("relax", "true");
  else query.delete("meaning");
  exportLinks(query);
  sortMarks(now);
  query.set("pageSize", pageSize);
  // Later pages tell no facets again, unless the first was never shown.
  const narrowed = search.toQuery({ ...now, sort: "", descending: "", after: "", before: "" }).toString();
  const isKnown = narrowed === counted && Boolean(now.after || now.before);
  query.set("facets", String(!isKnown));
  const busy = setTimeout(() => { sheet.ariaBusy = "true"; }, quiet ? 10_000 : 150);
  try {
    const found = await getJson(`/v1/tracks?${query}`, mine.signal);
    if (isKnown) ({ facets: found.facets, facetsCountAll: found.facetsCountAll } = shown);
    counted = narrowed;
    show(found, now, quiet);
  } catch (error) {
    if (error.name !== "AbortError" && !quiet) showProblem(error);
  } finally {
    clearTimeout(busy);
    if (request === mine) sheet.ariaBusy = "false";
  }
}

function show(found, now, quiet) {
  const focused = document.activeElement?.closest("#rows a")?.dataset.id;
  rows.replaceChildren(...found.tracks.map(row));
  selection.update(found.tracks);
  counts(found);
  sheet.classList.toggle("empty", found.tracks.length === 0);
  mark();
  enter(rows.querySelector("a[aria-current]") ?? rows.querySelector("a"));
  if (focused) focusTrack(focused);

  shown = found;
  const searched = search.facets(now).length > 0 || Boolean(now.text);
  const total = found.total.toLocaleString("en") + (found.countsAll ? "" : "+");
  const summary = !found.countsAll ? `At least ${count(found.total, "track matches", "tracks match")}`
    : searched ? count(found.total, "track matches", "tracks match") : count(found.total, "track", "tracks");
  if (byId("summary").textContent !== summary) byId("summary").textContent = summary;
  byId("limit").hidden = found.countsAll;
  understood(found);
  byId("pager").hidden = !found.previous && !found.next;
  byId("pages").textContent = found.tracks.length ? `${found.first.toLocaleString("en")}–${(found.first + found.tracks.length - 1).toLocaleString("en")} of ${total}` : "";
  byId("previous").disabled = !found.previous;
  byId("next").disabled = !found.next;

  const message = byId("message");
  message.hidden = found.tracks.length > 0;
  if (found.tracks.length > 0) return;
  if (searched) message.replaceChildren(el("h2", {}, "No track matches"), el("p", {}, "Try fewer words or a wider range."), button("Clear the search", clear));
  else if (now.after || now.before) message.replaceChildren(el("h2", {}, "There is no such page"), button("To the first page", () => search.go({ ...now, after: undefined, before: undefined })));
  else message.replaceChildren(
    el("h2", {}, "Your catalogue is empty"),
    el("p", {}, "Drop audio files anywhere on this page. Each is measured as it arrives: tempo, key, loudness, chords."),
    button("Choose files", choose, "primary"));
  if (!quiet) speak(message.firstChild.textContent);
}

// What of the words was understood as more than words, and what else whoever searched should know.
function understood({ understood: phrases, notes }) {
  byId("understood").hidden = phrases.length + notes.length === 0;
  byId("understood").replaceChildren(
    ...phrases.map(({ phrase, means }) => el("span", { className: "means" }, el("bdi", {}, phrase), ` is understood as ${means}`)),
    ...notes.map(note => el("span", {}, el("bdi", {}, note))));
}

function showProblem(error) {
  rows.replaceChildren();
  sheet.classList.add("empty");
  byId("summary").textContent = "";
  byId("pager").hidden = true;
  const message = byId("message");
  message.hidden = false;
  message.replaceChildren(
    el("h2", {}, error.status === 400 ? "This search cannot be done" : "The list could not be loaded"),
    el("p", {}, error.message),
    error.status === 400 ? button("Clear the search", clear) : button("Try again", () => load()));
  speak(`${message.firstChild.textContent}. ${error.message}`);
}

const button = (text, action, className = "quiet") => {
  const made = el("button", { type: "button", className }, text);
  made.addEventListener("click", action);
  return made;
};

function row(track) {
  const link = el("a", { href: `#/track/${track.id}`, tabIndex: -1, className: "name", ariaKeyShortcuts: "x" }, el("bdi", {}, title(track)));
  link.dataset.id = track.id;
  const under = byline(track);
  const facts = track.state === "Ready";
  return el("tr", {},
    marks.cell(track),
    el("td", { className: "c-title" },
      link,
      facts
        ? under && el("span", { className: "byline" }, el("bdi", {}, under))
        : el("span", { className: `state ${track.state.toLowerCase()}` }, track.state, track.reason ? el("span", { className: "reason" }, ` · ${track.reason}`) : "")),
    el("td", { className: "c-number c-bpm" }, facts ? decimal(track.bpm) : ""),
    el("td", { className: "c-key" }, facts && track.key ? keyPill(track.key, track.camelot) : ""),
    el("td", { className: "c-number c-lufs" }, facts ? decimal(track.lufs) : ""),
    el("td", { className: "c-number c-length" }, duration(track.seconds)),
    el("td", { className: "c-added" }, day(track.uploadedAt)));
}

function skeleton() {
  rows.replaceChildren(...Array.from({ length: 8 }, () => el("tr", { className: "ghost", ariaHidden: "true" },
    el("td", { className: "c-mark" }), el("td", { className: "c-title" }, el("i"), el("i")), ...["c-number", "c-key", "c-number c-lufs", "c-number", "c-added"].map(name => el("td", { className: name }, el("i"))))));
}

// One row at a time is in the order of tabs; arrows move among them.
const entry = () => rows.querySelector('a[tabindex="0"]');

function enter(link) {
  if (!link) return;
  for (const other of rows.querySelectorAll('a[tabindex="0"]')) other.tabIndex = -1;
  link.tabIndex = 0;
}

function walk(event) {
  const links = [...rows.querySelectorAll("a.name")];
  const at = links.indexOf(event.target);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
  if (at < 0 || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  if (to < 0) byId("text").focus();
  else links[to]?.focus();
}

// The track that is open stands out in the list.
function mark() {
  const id = /^#\/track\/(\d+)$/.exec(location.hash)?.[1];
  for (const link of rows.querySelectorAll("a.name")) {
    if (link.dataset.id === id) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// First ascending (the newest first for dates), then descending, then as the catalogue orders by itself.
function sortBy(column) {
  const now = search.current();
  const first = column === "UploadedAt";
  const next = { ...now, after: undefined, before: undefined, sort: column, descending: first ? "true" : undefined };
  if (now.sort === column) {
    if ((now.descending === "true") === first) next.descending = first ? undefined : "true";
    else next.sort = next.descending = undefined;
  }
  search.go(next);
}

function sortMarks(now) {
  for (const header of document.querySelectorAll("th[data-sort]")) {
    if (header.dataset.sort === now.sort) header.ariaSort = now.descending === "true" ? "descending" : "ascending";
    else header.removeAttribute("aria-sort");
  }
}

function exportLinks(query) {
  query = new URLSearchParams(query);
  for (const name of ["after", "before"]) query.delete(name);
  for (const format of ["csv", "jsonl"]) byId(format).href = `/v1/tracks.${format}${query.size ? `?${query}` : ""}`;
}

function turn(step) {
  search.go({ ...search.current(), after: step > 0 ? shown?.next : undefined, before: step < 0 ? shown?.previous : undefined });
  sheet.scrollIntoView({ block: "start" });
}
