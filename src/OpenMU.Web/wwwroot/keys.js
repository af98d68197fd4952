import { el, svg } from "./dom.js";

// Keys round the Camelot wheel: one step is a fifth, A is minor and B its relative major. Neighbours mix well.
const minor = ["G# minor", "Eb minor", "Bb minor", "F minor", "C minor", "G minor", "D minor", "A minor", "E minor", "B minor", "F# minor", "C# minor"];
const major = ["B major", "F# major", "C# major", "Ab major", "Eb major", "Bb major", "F major", "C major", "G major", "D major", "A major", "E major"];

/** Every key with its place on the wheel, in the order of the wheel. */
export const keys = minor.flatMap((name, i) => [
  { name, camelot: `${i + 1}A` },
  { name: major[i], camelot: `${i + 1}B` },
]);

/** Finds a key by either of its spellings, A minor or 8A. */
export const find = text => keys.find(key => [key.name, key.camelot].some(name => name.toLowerCase() === text?.toLowerCase()));

export const spoken = name => name.replace("#", "♯").replace(/^([A-G])b/, "$1♭");

const hue = camelot => (Number.parseInt(camelot, 10) - 1) * 30;

const neighbours = camelot => {
  const [step, letter] = [Number.parseInt(camelot, 10), camelot.at(-1)];
  return [`${(step + 10) % 12 + 1}${letter}`, `${step % 12 + 1}${letter}`, `${step}${letter === "A" ? "B" : "A"}`];
};

/** A key as a small coloured pill, with its place on the wheel. */
export function keyPill(key, camelot) {
  const pill = el("span", { className: "key-pill" }, el("b", {}, camelot ?? ""), el("span", {}, spoken(key)));
  if (camelot) pill.style.setProperty("--hue", hue(camelot));
  return pill;
}

/** The wheel with one key marked and its neighbours lit. A picture beside the words, hidden from those who listen. */
export function wheel(camelot) {
  const lit = neighbours(camelot);
  const drawing = svg("svg", { viewBox: "-60 -60 120 120", class: "wheel", "aria-hidden": "true" });
  for (const key of keys) {
    const [inner, outer] = key.camelot.endsWith("A") ? [24, 40] : [41, 57];
    const middle = hue(key.camelot) + 30;
    const segment = svg("path", { d: ring(inner, outer, middle - 14.4, middle + 14.4) });
    segment.style.setProperty("--hue", hue(key.camelot));
    segment.setAttribute("class", key.camelot === camelot ? "here" : lit.includes(key.camelot) ? "near" : "far");
    drawing.append(segment);
    if (key.camelot === camelot || lit.includes(key.camelot)) {
      const [x, y] = point((inner + outer) / 2, middle);
      drawing.append(svg("text", { x, y, class: key.camelot === camelot ? "here" : "near" }, key.camelot));
    }
  }
  return drawing;
}

function ring(inner, outer, from, to) {
  const [a, b, c, d] = [point(outer, from), point(outer, to), point(inner, to), point(inner, from)];
  return `M${a}A${outer} ${outer} 0 0 1 ${b}L${c}A${inner} ${inner} 0 0 0 ${d}Z`;
}

// Degrees clockwise from the top.
function point(radius, degrees) {
  const radians = degrees * Math.PI / 180;
  return [(radius * Math.sin(radians)).toFixed(2), (-radius * Math.cos(radians)).toFixed(2)];
}
