import { askJson, getJson } from "./api.js";
import { el, speak } from "./dom.js";
import { duration } from "./format.js";

// The words of a track: where they come from, what they say, and a box to set them right. They are a stranger's text
// and only ever text here.

const sourceOf = lyrics => ({
  Owner: "set by hand",
  LrcFile: `from ${lyrics.origin}`,
  TextFile: `from ${lyrics.origin}`,
  Tags: `from the file's tags (${lyrics.origin})`,
  Transcription: `transcribed by ${lyrics.origin}`,
}[lyrics.source]);

/** The section for a track and its lyrics, null where none are known. The player jumps to a line that is pressed. */
export function lyrics(trackId, known, audio) {
  const address = `/v1/tracks/${trackId}/lyrics`;
  const body = el("div", {});
  const section = el("section", { className: "lyrics" }, el("h3", {}, "Lyrics"), body);

  const problem = message => el("p", { className: "error-text", role: "alert" }, message);
  const button = (text, action) => {
    const made = el("button", { type: "button", className: "quiet" }, text);
    made.addEventListener("click", action);
    return made;
  };

  async function load() {
    try {
      show((await getJson(`/v1/tracks/${trackId}`)).lyrics);
    } catch (error) {
      body.replaceChildren(problem(error.message));
    }
  }

  function show(found) {
    if (!found) {
      body.replaceChildren(
        el("p", { className: "note" }, "No lyrics are known for this track."),
        button("Add lyrics", () => edit(null)));
      return;
    }
    const facts = [sourceOf(found), found.language && `language ${found.language}`, found.explicit && "explicit"];
    body.replaceChildren(...[
      el("p", { className: "aside" }, el("bdi", {}, facts.filter(Boolean).join(" · "))),
      found.themes.length > 0 && el("p", { className: "aside" }, el("bdi", {}, `about ${found.themes.join(", ")}`)),
      found.summary && el("p", { className: "description" }, el("bdi", {}, found.summary)),
      el("ol", { className: "lines", lang: found.language ?? "", ariaLabel: "Lyrics" }, ...found.lines.map(line)),
      el("p", { className: "lyrics-actions" },
        button("Edit", () => edit(found)),
        found.source === "Owner" && button("Remove", () => change("DELETE", found)),
        el("a", { href: `${address}.lrc`, download: "" }, "Download LRC")),
    ].filter(Boolean));
  }

  function line({ seconds, text }) {
    if (seconds == null || !audio) return el("li", {}, el("bdi", {}, text || "\u00a0"));
    const jump = el("button", { type: "button", className: "link", title: "Play from here" }, duration(seconds));
    jump.addEventListener("click", () => { audio.currentTime = seconds; audio.play().catch(() => speak("The file cannot be played.")); });
    return el("li", {}, jump, " ", el("bdi", {}, text));
  }

  async function edit(found) {
    const box = el("textarea", { rows: 12, spellcheck: false, ariaLabel: "Lyrics, plain or as LRC", maxLength: 300_000 });
    if (found) box.value = await fetch(`${address}.lrc`).then(answer => answer.text());
    const form = el("form", { className: "edit-lyrics" }, box,
      el("p", { className: "aside" }, "A line each; [01:02.50] before a line tells when it is sung."),
      el("p", { className: "lyrics-actions" }, el("button", { className: "quiet" }, "Save"), button("Cancel", load)));
    form.addEventListener("submit", event => {
      event.preventDefault();
      change("PUT", found, { text: box.value }, form);
    });
    body.replaceChildren(form);
    box.focus();
  }

  async function change(method, found, value, form = body) {
    try {
      const changed = await askJson(address, {
        method,
        headers: {
          accept: "application/json",
          ...(value && { "content-type": "application/json" }),
          ...(found && { "if-match": found.etag }),
        },
        body: value && JSON.stringify(value),
      });
      speak(method === "PUT" ? "The lyrics are saved." : "The lyrics are removed.");
      if (method === "PUT") show(changed);
      else await load();
    } catch (error) {
      form.querySelector(".error-text")?.remove();
      form.append(problem(error.status === 412 ? "Somebody has changed the lyrics meanwhile: cancel to see theirs." : error.message));
    }
  }

  show(known);
  return section;
}
