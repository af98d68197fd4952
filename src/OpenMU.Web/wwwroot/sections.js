import { el } from "./dom.js";
import { duration } from "./format.js";

// The parts of a song's form side by side, each as wide as it is long; a click plays from there.

/** A strip of sections; those of one letter have one colour. */
export function sectionView(audio, sections) {
  const letters = [...new Set(sections.map(({ label }) => label))];
  return el("ol", { className: "sections", ariaLabel: "Sections" }, sections.map(part => {
    const name = part.function ? `${part.label} ${part.function}` : part.label;
    const button = el("button", { type: "button", title: `${name}, ${duration(part.start)} to ${duration(part.end)}` }, name);
    button.style.setProperty("--hue", Math.round(360 * letters.indexOf(part.label) / letters.length));
    button.addEventListener("click", () => { audio.currentTime = part.start; });
    const item = el("li", {}, button);
    item.style.flexGrow = String(part.end - part.start);
    return item;
  }));
}
