import { el } from "./dom.js";

// Beats and chords running past a fixed line while the track plays, so that the ear can check what was found.

const windowSeconds = 8;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** A strip over the beats of a playing track; a click goes to that moment. The player's own controls do the same by keyboard. */
export function beatView(audio, { beats, chords }) {
  const canvas = el("canvas", { className: "beats", ariaHidden: "true" });
  let frame = 0;

  // Where the window begins: it runs with the music, or for those who want calm it turns like a page.
  const begin = () => (calm.matches ? Math.floor(audio.currentTime / windowSeconds) * windowSeconds : Math.max(0, audio.currentTime - windowSeconds / 4));

  const draw = () => {
    if (canvas.clientWidth === 0) return;
    paint(canvas, begin(), audio.currentTime, beats, chords);
  };
  const run = () => {
    draw();
    frame = audio.paused || !canvas.isConnected ? 0 : requestAnimationFrame(run);
  };

  for (const event of ["play", "seeked", "loadedmetadata", "pause"]) audio.addEventListener(event, () => { if (!frame) run(); });
  canvas.addEventListener("click", event => {
    audio.currentTime = Math.max(0, begin() + event.offsetX / canvas.clientWidth * windowSeconds);
  });
  new ResizeObserver(draw).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  return el("div", { className: "beat-view" }, canvas);
}

function paint(canvas, start, now, beats, chords) {
  const scale = devicePixelRatio;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  const style = getComputedStyle(canvas);
  // The canvas's own text colour is the way to what a variable is here and now, in light or dark.
  const colour = name => {
    canvas.style.color = `var(${name})`;
    return style.color;
  };
  const x = seconds => (seconds - start) / windowSeconds * width;
  const within = (from, to) => to >= start && from <= start + windowSeconds;
  const top = chords.length > 0 ? 24 : 8;

  pen.font = `600 12px ${style.fontFamily}`;
  pen.textBaseline = "middle";
  for (const chord of chords) {
    if (!within(chord.start, chord.end) || chord.label === "N") continue;
    const here = chord.start <= now && now < chord.end;
    const [left, right] = [Math.max(0, x(chord.start)), Math.min(width, x(chord.end))];
    pen.fillStyle = colour(here ? "--accent-soft" : "--sunken");
    pen.beginPath();
    pen.roundRect(left + 1, 2, Math.max(0, right - left - 2), 18, 4);
    pen.fill();
    pen.fillStyle = colour(here ? "--accent-ink" : "--muted");
    const name = chordName(chord.label);
    if (right - left > pen.measureText(name).width + 10) pen.fillText(name, left + 6, 11.5);
  }

  for (const beat of beats) {
    if (!within(beat.seconds, beat.seconds)) continue;
    const first = beat.number === 1;
    const fresh = now >= beat.seconds && now - beat.seconds < 0.14;
    pen.fillStyle = colour(fresh || first ? "--accent" : "--tick");
    const tall = (height - top) * (first || fresh ? 1 : 0.55);
    pen.fillRect(Math.round(x(beat.seconds)) - (first ? 1 : 0.5), height - tall, first || fresh ? 2 : 1, tall);
  }

  pen.fillStyle = colour("--ink");
  pen.fillRect(Math.round(x(now)), 0, 1.5, height);
}

const qualities = { maj: "", min: "m", maj7: "maj7", min7: "m7", 7: "7", dim: "°", dim7: "°7", hdim7: "ø7", aug: "+", minmaj7: "m(maj7)", maj6: "6", min6: "m6", 5: "5" };

// Harte's "A:min7/5" as musicians write it.
function chordName(label) {
  const [, root, quality = "maj", bass] = /^([A-G][b#]*)(?::([^/]*))?(?:\/(.*))?$/.exec(label) ?? [null, label, "maj"];
  return root.replace("#", "♯").replace("b", "♭") + (qualities[quality] ?? quality) + (bass ? `/${bass}` : "");
}
