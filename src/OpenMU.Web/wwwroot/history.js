import { askJson, getJson } from "./api.js";
import { el, speak } from "./dom.js";
import { when } from "./format.js";

// What was changed of a track's fields, by whom and when, and the way back.

const said = values => (values === null ? "–" : values.length > 0 ? values.join("; ") : "none");
const sentence = change => ({
  approved: change.after ? "approved" : "approval withdrawn",
  locked: change.after ? "locked" : "unlocked",
}[change.field] ?? `${change.field}: ${said(change.before)} → ${said(change.after)}`);

/**
 * A part that is closed at first; what is in it is asked for when it is opened.
 * @param undone Called when something was taken back.
 * @param locked Nothing can be taken back.
 */
export function history(trackId, { undone, locked }) {
  const body = el("div", {});
  const part = el("details", { className: "history" }, el("summary", {}, "History"), body);
  part.addEventListener("toggle", () => { if (part.open) load(); });
  return part;

  async function load(before) {
    try {
      const changes = await getJson(`/v1/tracks/${trackId}/history${before ? `?before=${before}` : ""}`);
      if (!before) body.replaceChildren(...(changes.length > 0 ? [] : [el("p", { className: "note" }, "Nobody has changed anything.")]));
      body.querySelector(".more")?.remove();
      body.append(...batches(changes).map(entry));
      if (changes.length < 200) return;
      const more = el("button", { type: "button", className: "link more" }, "Earlier changes");
      more.addEventListener("click", () => load(changes.at(-1).id));
      body.append(more);
    } catch (error) {
      complain(body, error.message);
    }
  }

  // What was changed at once stands together.
  function batches(changes) {
    const groups = [];
    for (const change of changes) {
      if (groups.at(-1)?.[0].batch === change.batch) groups.at(-1).push(change);
      else groups.push([change]);
    }
    return groups;
  }

  function entry(changes) {
    const [first] = changes;
    const isUndone = changes.every(change => change.isUndone || isNoField(change)) && !changes.every(isNoField);
    const undo = el("button", { type: "button", className: "link" }, "Take back");
    const made = el("div", { className: isUndone ? "change undone" : "change" },
      el("p", { className: "aside" }, el("bdi", {}, `${first.by}, ${when(first.at)}, ${first.via}${first.undoes ? ", taking back" : ""}${isUndone ? ", taken back" : ""}`)),
      el("ul", {}, changes.map(change => el("li", {}, el("bdi", {}, sentence(change))))),
      !isUndone && !locked && !changes.every(isNoField) && undo);
    undo.addEventListener("click", async () => {
      try {
        const { refusals } = await askJson(`/v1/corrections/${first.batch}/undo?track=${trackId}`, { method: "POST", headers: { accept: "application/json" } });
        speak(refusals.length > 0 ? refusals[0].reason : "It is taken back.");
        undone();
      } catch (error) {
        complain(made, error.message);
      }
    });
    return made;
  }
}

const isNoField = change => change.field === "approved" || change.field === "locked";

function complain(place, message) {
  place.querySelector(".error-text")?.remove();
  place.append(el("p", { className: "error-text", role: "alert" }, message));
}
