import { getJson } from "./api.js";
import { el } from "./dom.js";
import { title } from "./format.js";

// Tracks that sound like the one that is shown, found when somebody asks for them.

/** The section of a track that a model has heard. */
export function similar(trackId) {
  const found = el("div", { ariaLive: "polite" });
  const button = el("button", { type: "button", className: "quiet" }, "Find similar tracks");
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const { tracks } = await getJson(`/v1/tracks/${trackId}/similar?count=10`);
      found.replaceChildren(tracks.length > 0
        ? el("ol", { className: "similar-tracks" }, ...tracks.map(line))
        : el("p", { className: "note" }, "No other track was heard by the same model."));
      button.hidden = true;
    } catch (problem) {
      found.replaceChildren(el("p", { className: "error-text", role: "alert" }, problem.message));
    } finally {
      button.disabled = false;
    }
  });
  return el("section", { className: "similar" }, el("h3", {}, "Similar"), button, found);
}

const line = track => el("li", {},
  el("a", { href: `#/track/${track.id}` }, el("bdi", {}, title(track))),
  el("span", { className: "aside" }, ` ${track.reasons.join(" · ")}`));
