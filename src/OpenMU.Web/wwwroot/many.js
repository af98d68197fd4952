import { getJson, postJson } from "./api.js";
import { byId, el, speak } from "./dom.js";
import { count } from "./format.js";
import * as panels from "./panel.js";
import * as search from "./search.js";
import * as selection from "./selection.js";

// The panel #/many: what is done with all tracks that are selected, or that the search finds. They are exported, a field
// of theirs is changed, they are approved, locked, analysed again or deleted. Nothing is deleted without being asked.

const panel = byId("many");
const mostExported = 1000;   // ids in one address, as the API takes them

// As the API names them.
const formats = {
  csv: "CSV, with commas", "csv-semicolon": "CSV for European spreadsheets", tsv: "table with tabs", jsonl: "JSON lines: everything",
  parquet: "Parquet", jams: "JAMS (zip)", acousticbrainz: "AcousticBrainz (zip)", "audio-features": "audio features (JSON)",
  mead: "DDEX MEAD fields", m3u8: "playlist (M3U8)", rekordbox: "rekordbox collection", traktor: "Traktor collection, for Mixxx too",
  lrc: "lyrics (zip of LRC)",
};
const numbers = ["bpmFrom", "bpmTo", "lufsFrom", "lufsTo", "secondsFrom", "secondsTo"];

let changed;   // what to do when tracks have changed
let total;     // tracks that the search finds, in words

export function start(options) {
  changed = options.changed;
  panels.at("#/many", panel, leave => open(leave), options.closed);
  selection.onChange(() => { if (!panel.hidden) name(); });
  search.onChange(() => { if (!panel.hidden) name(); });
}

function open(leave) {
  panel.replaceChildren(
    panels.heading("many-title", "Many tracks", "", "the panel", leave),
    scope(), exporting(), editing(), acting());
  name();
}

const isSelected = () => panel.querySelector("[name=scope]:checked")?.value === "selected";
const what = () => (isSelected() ? count(selection.all().length, "selected track", "selected tracks") : `all tracks of the list${total ? ` (${total})` : ""}`);

// The same everywhere: by their ids, by the search as the list shows it, or all where that leaves none out.
function chosen() {
  if (isSelected()) return { ids: selection.all().map(track => track.id) };
  const { sort, descending, after, before, ...query } = search.current();
  for (const name of numbers) if (query[name]) query[name] = Number(query[name]);
  if (query.keyNeighbours) query.keyNeighbours = true;
  if (query.meaning) query.meaning = true;
  if (query.text) query.relax = true;
  return Object.keys(query).some(name => name !== "meaning" && name !== "keyNeighbours") ? { query } : { all: true };
}

function scope() {
  const choice = (value, checked) => el("label", { className: "check" },
    el("input", { type: "radio", name: "scope", value, checked }), el("span", {}));
  const made = el("fieldset", { className: "scope" }, el("legend", {}, "Which tracks"), choice("selected"), choice("found"));
  made.addEventListener("change", name);
  return made;
}

// Both numbers change while the panel is open.
async function name() {
  const [selected, found] = panel.querySelectorAll("[name=scope]");
  const marked = selection.all().length;
  selected.disabled = marked === 0;
  if (marked === 0) found.checked = true;
  else if (!selected.checked && !found.checked) selected.checked = true;
  selected.nextSibling.textContent = `The ${count(marked, "track", "tracks")} that I have selected`;
  found.nextSibling.textContent = `All that the list finds${total ? ` (${total})` : ""}`;
  address();
  try {
    const query = search.toQuery(search.current());
    for (const name of ["after", "before"]) query.delete(name);
    query.set("pageSize", 1);
    if (query.has("text")) query.set("relax", "true");
    const list = await getJson(`/v1/tracks?${query}`);
    total = list.total.toLocaleString("en") + (list.countsAll ? "" : "+");
    found.nextSibling.textContent = `All that the list finds (${total})`;
  } catch {
    // The list says itself what is wrong with the search.
  }
}

function exporting() {
  const choice = el("select", { id: "format", ariaLabel: "Format" },
    Object.entries(formats).map(([value, text]) => el("option", { value }, text)));
  choice.addEventListener("change", address);
  return el("section", {}, el("h3", {}, "Export"),
    el("div", { className: "ask" }, choice, el("a", { id: "export", className: "button primary", download: "" }, "Download")),
    el("p", { id: "export-limit", className: "note", hidden: true }, `At most ${mostExported.toLocaleString("en")} selected tracks can be exported at once.`));
}

function address() {
  const query = isSelected() ? new URLSearchParams({ ids: selection.all().map(track => track.id).join(",") }) : search.toQuery(search.current());
  for (const name of ["after", "before"]) query.delete(name);
  if (query.has("text")) query.set("relax", "true");
  const isTooMany = isSelected() && selection.all().length > mostExported;
  byId("export-limit").hidden = !isTooMany;
  byId("export").hidden = isTooMany;
  byId("export").href = `/v1/tracks.${byId("format").value}${query.size ? `?${query}` : ""}`;
}

function editing() {
  const field = el("select", { ariaLabel: "Field" }, el("option", { value: "" }, "Choose a field…"));
  const how = el("select", { ariaLabel: "How to change it" });
  const value = el("input", { ariaLabel: "Value", spellcheck: false, autocomplete: "off", maxLength: 4000 });
  const says = el("p", { className: "note", role: "status" });
  let kinds = [];
  getJson("/v1/fields").then(known => {
    kinds = known;
    field.append(...known.map(kind => el("option", { value: kind.name }, kind.label)));
  }, error => { says.textContent = error.message; });

  const ways = { set: "set to", add: "add", remove: "take away", none: "there is none", withdraw: "withdraw the correction" };
  const kindOf = () => kinds.find(kind => kind.name === field.value);
  const waysOf = kind => Object.keys(ways).filter(way => kind?.type === "List" || !["add", "remove"].includes(way));
  const suit = () => {
    how.replaceChildren(...waysOf(kindOf()).map(way => el("option", { value: way }, ways[way])));
    hide();
  };
  const hide = () => {
    value.hidden = ["none", "withdraw"].includes(how.value);
    value.placeholder = { Date: "2024-05-31", Key: "Am, C# minor or 8A", List: "one; two", YesNo: "yes or no" }[kindOf()?.type] ?? "";
  };
  field.addEventListener("change", suit);
  how.addEventListener("change", hide);
  suit();

  const form = el("form", { className: "change-many" }, field, how, value, el("button", { className: "primary" }, "Change"));
  form.addEventListener("submit", event => {
    event.preventDefault();
    const kind = kindOf();
    if (!kind) {
      says.textContent = "Choose a field first.";
      return;
    }
    const given = kind.type === "List" ? value.value.split(";") : value.value;
    if (!value.hidden && value.value.trim() === "") {
      says.textContent = "Give a value, or say that there is none.";
      value.focus();
      return;
    }
    const edit = {
      set: { fields: { [kind.name]: given } }, add: { add: { [kind.name]: given } }, remove: { remove: { [kind.name]: given } },
      none: { fields: { [kind.name]: [] } }, withdraw: { fields: { [kind.name]: null } },
    }[how.value];
    run(form, says, () => changeAll(edit, says));
  });
  return el("section", {}, el("h3", {}, "Change a field"), form, says);
}

// The server changes some thousand at a time, and says where to go on.
async function changeAll(edit, says) {
  const tracks = chosen();
  let done = await postJson("/v1/corrections", { ...tracks, ...edit });
  while (done.next) {
    says.textContent = `${count(done.tracks, "track", "tracks")} so far…`;
    const more = await postJson("/v1/corrections", { ...tracks, ...edit, batch: done.batch, after: done.next });
    done = { ...more, tracks: done.tracks + more.tracks, changed: done.changed + more.changed,
      unchanged: done.unchanged + more.unchanged, refused: done.refused + more.refused, refusals: [...done.refusals, ...more.refusals] };
  }
  const undo = el("button", { type: "button", className: "link" }, "Undo");
  undo.addEventListener("click", () => run(panel, says, async () => {
    const back = await postJson(`/v1/corrections/${done.batch}/undo`);
    return [`Taken back in ${count(back.changed, "track", "tracks")}.`];
  }));
  const parts = [`${count(done.changed, "track", "tracks")} changed`];
  if (done.unchanged > 0) parts.push(`${done.unchanged.toLocaleString("en")} so already`);
  if (done.refused > 0) parts.push(`${done.refused.toLocaleString("en")} refused: ${done.refusals[0].reason}`);
  return [`${parts.join(", ")}. `, done.changed > 0 && undo];
}

function acting() {
  const says = el("p", { className: "note", role: "status" });
  const buttons = el("p", { className: "field-actions" });
  const act = (text, action, told) => {
    const button = el("button", { type: "button", className: "quiet" }, text);
    button.addEventListener("click", () => run(buttons, says, () => actOnAll(action, told, says)));
    return button;
  };
  const remove = el("button", { type: "button", className: "quiet danger" }, "Delete…");
  remove.addEventListener("click", confirm);
  buttons.append(
    act("Approve", "approve", "approved"), act("Lock", "lock", "locked"), act("Unlock", "unlock", "unlocked"),
    act("Analyse again", "retry", "queued"), remove);
  return el("section", {}, el("h3", {}, "All of them"), buttons, says);

  function confirm() {
    const yes = el("button", { type: "button", className: "quiet danger" }, "Delete them");
    const no = el("button", { type: "button", className: "quiet" }, "Keep them");
    const question = el("div", { className: "verdict failed", role: "group", ariaLabel: "Delete?" },
      el("strong", {}, `Delete ${what()}?`),
      el("p", {}, "Their files in the storage go. What is known about them is kept for a while, in case a file comes back."),
      el("p", { className: "field-actions" }, yes, no));
    const back = () => {
      question.replaceWith(buttons);
      remove.focus();
    };
    no.addEventListener("click", back);
    yes.addEventListener("click", () => {
      back();
      run(buttons, says, () => actOnAll("delete", "deleted", says));
    });
    buttons.replaceWith(question);
    no.focus();
  }
}

async function actOnAll(action, told, says) {
  const tracks = chosen();
  let [done, refusals, after] = [0, []];
  do {
    const some = await postJson(`/v1/selection/${action}`, { ...tracks, ...(after && { after }) });
    done += some.done;
    refusals = [...refusals, ...some.refusals];
    after = some.next;
    says.textContent = `${count(done, "track", "tracks")} so far…`;
  } while (after);
  if (action === "delete") selection.clear();
  return [`${count(done, "track", "tracks")} ${told}${refusals.length > 0 ? `, ${refusals.length} not: ${refusals[0].reason}` : ""}.`];
}

// One thing at a time; what came of it is told where it was asked for, and to those who listen.
async function run(place, says, work) {
  const buttons = [...panel.querySelectorAll("section button")];
  for (const button of buttons) button.disabled = true;
  says.className = "note";
  says.textContent = "Working…";
  try {
    says.replaceChildren(...(await work()).filter(Boolean));
    changed();
  } catch (error) {
    says.className = "error-text";
    says.textContent = error.message;
  } finally {
    for (const button of buttons) button.disabled = false;
  }
  speak(says.textContent);
}
