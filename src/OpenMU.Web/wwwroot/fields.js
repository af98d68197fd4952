import { askJson, getJson } from "./api.js";
import { el, speak } from "./dom.js";
import { when } from "./format.js";
import { history } from "./history.js";

// Every field of a track: what holds, who says so, what others say; edited where it stands. What is typed is kept until
// it is saved: when somebody else was faster, that is told, and nothing of theirs is overwritten unseen.

const measured = new Set(["bpm", "key", "metre", "duration"]);
const saysIt = (origin, name) => ({
  Correction: "corrected",
  Owner: "owner's data",
  File: "file's tags",
  Found: measured.has(name) ? "measured" : "heard",
}[origin]);

const spelled = values => (values.length > 0 ? values.join("; ") : "none");

let kinds;      // the fields that can be added, asked for once
const allKinds = () => kinds ??= getJson("/v1/fields").catch(error => { kinds = undefined; throw error; });

/**
 * The section for a track as the API shows it.
 * @param changed Called with the track as it is after a change, and the name of the field to go on at.
 * @param reload Called to show the track as others have left it.
 */
export function fields(track, { changed, reload }) {
  const address = `/v1/tracks/${track.id}`;
  const standing = track.correction;
  const locked = Boolean(standing?.lockedBy);
  const rows = el("div", { className: "field-rows" }, track.fields.map(row));
  return el("section", { className: "fields", ariaLabel: "Data" },
    el("header", {}, el("h3", {}, "Data"), actions()),
    standing?.approvedBy && el("p", { className: "aside" }, el("bdi", {}, `Approved by ${standing.approvedBy}, ${when(standing.approvedAt)}`)),
    locked && el("p", { className: "aside" }, el("bdi", {}, `Locked by ${standing.lockedBy}: unlock it to change something.`)),
    rows,
    !locked && adder(),
    history(track.id, { undone: reload, locked }));

  function actions() {
    const act = (text, what, method, said) => {
      const button = el("button", { type: "button", className: "link" }, text);
      button.addEventListener("click", async () => {
        try {
          const done = await send(`${address}/${what}`, method);
          speak(said);
          changed(done.track);
        } catch (error) {
          complain(button.parentElement.parentElement, error);
        }
      });
      return button;
    };
    return el("p", { className: "field-actions" },
      standing?.approvedBy ? act("Withdraw approval", "approval", "DELETE", "The approval is withdrawn.") : act("Approve", "approval", "PUT", "Approved."),
      locked ? act("Unlock", "lock", "DELETE", "Unlocked.") : act("Lock", "lock", "PUT", "Locked."));
  }

  function row(field) {
    const others = field.claims.filter(claim => claim.origin !== field.origin);
    const value = el(locked ? "span" : "button", { className: "field-value", ...(!locked && { type: "button", title: "Change" }) },
      el("bdi", {}, spelled(field.values)));
    const made = el("div", { className: "field" },
      el("span", { className: "field-name" }, field.label),
      el("div", { className: "field-says" }, value, " ",
        el("span", { className: "aside" }, saysIt(field.origin, field.name)),
        others.length > 0 && el("p", { className: field.differences.length > 0 ? "aside differs" : "aside" },
          el("bdi", {}, others.map(claim => `${saysIt(claim.origin, field.name)}: ${spelled(claim.values)}${difference(field, claim)}`).join(" · ")))));
    made.dataset.field = field.name;
    if (!locked) {
      value.ariaLabel = `${field.label}: ${spelled(field.values)}. Change`;
      value.addEventListener("click", () => edit(made, field));
    }
    return made;
  }

  function edit(made, field) {
    const says = made.querySelector(".field-says");
    const before = [...says.childNodes];
    const input = inputOf(field);
    const button = (text, action) => {
      const one = el("button", { type: "button", className: "link" }, text);
      one.addEventListener("click", action);
      return one;
    };
    const form = el("form", { className: "edit-field" }, input,
      el("p", { className: "field-actions" },
        el("button", { className: "link" }, "Save"),
        button("Cancel", close),
        field.values.length > 0 && button("There is none", () => save([])),
        field.origin === "Correction" && button("Withdraw correction", () => save(null))));
    form.addEventListener("submit", event => {
      event.preventDefault();
      save(field.type === "List" ? input.value.split(";") : input.value.trim() === "" ? [] : input.value);
    });
    form.addEventListener("keydown", event => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close();
    });
    says.replaceChildren(form);
    input.focus();
    input.select?.();

    function close() {
      if (!field.claims) made.remove();
      else says.replaceChildren(...before);
      made.querySelector("button")?.focus();
    }

    async function save(value) {
      input.ariaInvalid = null;
      try {
        const done = await send(address, "PATCH", { [field.name]: value });
        speak(done.batch ? `${field.label} is saved.` : `${field.label} is as it was.`);
        changed(done.track, field.name);
      } catch (error) {
        if (error.status === 400) input.ariaInvalid = "true";
        complain(form, error, error.status === 412);
        input.focus();
      }
    }
  }

  // The chosen field is written at the end of the list.
  function adder() {
    const choice = el("select", { ariaLabel: "Add a field" }, el("option", { value: "" }, "Add a field…"));
    choice.addEventListener("focus", fill);
    choice.addEventListener("pointerdown", fill);
    choice.addEventListener("change", async () => {
      const kind = (await allKinds()).find(known => known.name === choice.value);
      choice.value = "";
      if (!kind) return;
      const field = { ...kind, values: [], origin: undefined };
      const made = el("div", { className: "field" },
        el("span", { className: "field-name" }, field.label), el("div", { className: "field-says" }));
      made.dataset.field = field.name;
      rows.append(made);
      edit(made, field);
    });
    const made = el("p", { className: "field-add" }, choice);
    fill();
    return made;

    async function fill() {
      if (choice.options.length > 1) return;
      try {
        const known = await allKinds();
        const shown = new Set(track.fields.map(field => field.name));
        choice.append(...known.filter(kind => !shown.has(kind.name)).map(kind => el("option", { value: kind.name }, kind.label)));
      } catch (error) {
        complain(made, error);
      }
    }
  }

  function complain(place, error, stale = false) {
    place.querySelector(".error-text")?.remove();
    const theirs = el("button", { type: "button", className: "link" }, "Show theirs");
    theirs.addEventListener("click", reload);
    place.append(el("p", { className: "error-text", role: "alert" }, error.message, stale && " ", stale && theirs));
  }

  function send(to, method, value) {
    return askJson(to, {
      method,
      headers: {
        accept: "application/json",
        "if-match": track.etag,
        ...(value && { "content-type": "application/merge-patch+json" }),
      },
      body: value && JSON.stringify(value),
    });
  }
}

// How what owner or file say is related to what was measured.
const relations = {
  Octave: "the same beat at another level", Relative: "the relative key", Parallel: "the parallel key", Fifth: "a fifth away",
  Other: "not as measured",
};

function difference(field, claim) {
  const kind = field.differences.find(one => one.origin === claim.origin)?.kind;
  return kind ? ` (${relations[kind]})` : "";
}

function inputOf(field) {
  const name = `${field.label}${field.type === "List" ? ", separated by ;" : ""}`;
  if (field.type === "YesNo") {
    const choice = el("select", { ariaLabel: name },
      ["", "true", "false"].map(value => el("option", { value }, { "": "none", true: "yes", false: "no" }[value])));
    choice.value = field.values[0] ?? "";
    return choice;
  }
  const input = el("input", {
    ariaLabel: name, spellcheck: false, autocomplete: "off", maxLength: 4000,
    inputMode: field.type === "Number" ? "decimal" : field.type === "WholeNumber" ? "numeric" : "text",
    placeholder: { Date: "2024-05-31", Key: "Am, C# minor or 8A", List: "one; two" }[field.type] ?? "",
  });
  input.value = field.values.join("; ");
  return input;
}
