import { askJson } from "./api.js";
import { byId, el, speak } from "./dom.js";
import { count } from "./format.js";
import * as panels from "./panel.js";

// The panel #/import: a table of the owner's is tried first, which changes nothing, and then taken in. What cannot be
// taken comes back as a file, to be mended and sent again.

const panel = byId("import");
let changed;   // what to do when something was taken in

export function start(options) {
  changed = options.changed;
  panels.at("#/import", panel, open, options.closed);
}

function open(leave) {
  const file = el("input", { type: "file", id: "table", accept: ".csv,.tsv,.txt,.jsonl,.json,text/csv" });
  const replace = el("input", { type: "checkbox" });
  const keep = el("input", { type: "checkbox" });
  const attempt = el("button", { type: "button", className: "primary" }, "Try it");
  const take = el("button", { type: "button", className: "primary", hidden: true }, "Take it in");
  const result = el("div", { role: "status" });
  panel.replaceChildren(
    panels.heading("import-title", "Import a table", "", "the import", leave),
    el("p", { className: "note" }, "CSV with a header, or JSON Lines. Each row finds its track by your id, ISRC, file or hash; what a row says is kept beside what the file says and what was measured."),
    el("p", { className: "import-file" }, el("label", { htmlFor: "table" }, "File"), file),
    el("label", { className: "check" }, replace, " Replace values of an earlier import"),
    el("label", { className: "check" }, keep, " Keep rows whose track is still to come"),
    el("p", { className: "field-actions" }, attempt, take), result);

  // Another file, or another way, has to be tried anew.
  for (const input of [file, replace, keep]) {
    input.addEventListener("change", () => {
      take.hidden = true;
      result.replaceChildren();
    });
  }
  attempt.addEventListener("click", () => send(true));
  take.addEventListener("click", () => send(false));

  async function send(isTrial) {
    const table = file.files[0];
    if (!table) {
      result.replaceChildren(el("p", { className: "error-text" }, "Choose a file first."));
      file.focus();
      return;
    }
    attempt.disabled = take.disabled = true;
    result.replaceChildren(el("p", { className: "note" }, "Reading…"));
    const how = new URLSearchParams({ dryRun: isTrial, replace: replace.checked, keepUnmatched: keep.checked });
    try {
      const answer = await askJson(`/v1/import?${how}`, {
        method: "POST", headers: { accept: "application/json", "content-type": "application/octet-stream" }, body: table,
      });
      result.replaceChildren(...report(answer, table.name));
      take.hidden = !isTrial || answer.summary.changed + answer.summary.waiting === 0;
      if (!isTrial) changed();
    } catch (error) {
      take.hidden = true;
      result.replaceChildren(el("p", { className: "error-text" }, error.message));
    } finally {
      attempt.disabled = take.disabled = false;
    }
    if (!take.hidden) take.focus();
    speak(result.textContent);
  }
}

function report({ summary, badRowsFile }, name) {
  const { dryRun } = summary;
  const parts = [`${count(summary.changed, "row", "rows")} ${dryRun ? "would be taken in" : "taken in"}`];
  if (summary.unchanged > 0) parts.push(`${summary.unchanged.toLocaleString("en")} said what is there`);
  if (summary.waiting > 0) parts.push(`${summary.waiting.toLocaleString("en")} ${dryRun ? "would wait" : "wait"} for their track`);
  const back = summary.bad + summary.conflicts;
  return [
    el("p", { className: "verdict" }, el("strong", {}, `${parts.join(", ")}.`)),
    back > 0 && badRows(summary, back, badRowsFile, name),
    Object.keys(summary.columns).length > 0 && el("details", { className: "history" }, el("summary", {}, "What the columns were taken for"),
      el("dl", {}, Object.entries(summary.columns).flatMap(([column, use]) => [el("dt", {}, el("bdi", {}, column)), el("dd", {}, use)]))),
    summary.examples.length > 0 && el("details", { className: "history" }, el("summary", {}, dryRun ? "What would change, for example" : "What was changed, for example"),
      el("ul", {}, summary.examples.map(example => el("li", {}, el("bdi", {}, `${example.file}: ${example.field} = ${example.after.join("; ") || "none"}`))))),
  ].filter(Boolean);
}

function badRows(summary, back, text, name) {
  const shown = 10;
  return el("section", { className: "verdict rejected" },
    el("strong", {}, `${count(back, "row comes", "rows come")} back.`),
    el("ul", {}, summary.badRows.slice(0, shown).map(row => el("li", {}, el("bdi", {}, `Row ${row.row}: ${row.error}`)))),
    summary.badRows.length > shown && el("p", {}, `… and ${(back - shown).toLocaleString("en")} more.`),
    text && download(text, name));
}

function download(text, name) {
  const at = name.lastIndexOf(".");
  const link = el("a", {
    href: URL.createObjectURL(new Blob([text], { type: "application/octet-stream" })),
    download: at > 0 ? `${name.slice(0, at)}.bad${name.slice(at)}` : `${name}.bad`,
  }, "Download them with the reasons");
  return el("p", {}, link);
}
