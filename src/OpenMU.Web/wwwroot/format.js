// How values are spelled for people.

const minus = text => text.replace("-", "−");

/** Seconds as 3:42 or 1:02:03. */
export function duration(seconds) {
  if (seconds == null) return "";
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${String(m).padStart(2, "0")}:${String(s).padStart(2, "0")}` : `${m}:${String(s).padStart(2, "0")}`;
}

/** Reads 3:42, 1:02:03 or 95 as seconds; null when it is none of them. */
export function seconds(text) {
  if (!/^\d{1,3}(:[0-5]?\d){0,2}(\.\d+)?$/.test(text) && !/^\d+(\.\d+)?$/.test(text)) return null;
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** Reads a number, with either sign for minus and either decimal point; null when it is none. */
export function number(text) {
  const plain = text.trim().replace("−", "-").replace(",", ".");
  return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : null;
}

export function decimal(value, digits = 1) {
  if (value == null) return "";
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : minus(text);
}

export const percent = share => `${Math.round(share * 100)} %`;

export const count = (n, one, many) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

export function size(bytes) {
  const units = ["bytes", "kB", "MB", "GB"];
  let step = 0;
  while (bytes >= 1000 && step < units.length - 1) {
    bytes /= 1000;
    step++;
  }
  return `${bytes.toFixed(step > 1 ? 1 : 0)} ${units[step]}`;
}

const parts = path => path.split("/");

/** What to call a track: its title, or else its file's name without folder and extension. */
export const title = track => track.title?.trim() || parts(track.fileName).at(-1).replace(/\.[^.]{1,5}$/, "");

/** The line under the title: who made it and on what, or else the folder it lies in. */
export function byline(track) {
  const known = [track.artist, track.album].map(text => text?.trim()).filter(Boolean);
  return known.length > 0 ? known.join(" · ") : parts(track.fileName).slice(0, -1).join(" / ");
}

export const codecName = codec => ({ mp3: "MP3", aac: "AAC", alac: "ALAC", flac: "FLAC", opus: "Opus", vorbis: "Vorbis" })[codec]
  ?? (codec.startsWith("pcm_") ? "PCM" : codec);

export const channels = n => ({ 1: "mono", 2: "stereo" })[n] ?? `${n} channels`;

export const when = iso => new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

export const day = iso => new Date(iso).toLocaleDateString(undefined, { dateStyle: "medium" });
