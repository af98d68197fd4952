import { getJson } from "./api.js";
import { beatView } from "./beats.js";
import { byId, el, speak } from "./dom.js";
import { fields } from "./fields.js";
import { byline, channels, codecName, decimal, duration, percent, size, title, when } from "./format.js";
import { spoken, wheel } from "./keys.js";
import { lyrics } from "./lyrics.js";
import { newerAnalysis } from "./newer.js";
import * as panels from "./panel.js";
import { questions } from "./questions.js";
import * as search from "./search.js";
import { sectionView } from "./sections.js";
import { similar } from "./similar.js";

// The track that the address names, #/track/12: its player and everything that is known about it.

// Groups of the taxonomy, and who gives a tag.
const sorted = new Set(["genre", "mood", "instrument", "theme", "voice", "energy", "era"]);
const saidBy = { Correction: "correction of", Owner: "owner", File: "the file's tags", Model: "model", Lyrics: "lyrics" };

const panel = byId("track");
const home = document.title;
let shown;      // what the panel shows
let loading;    // id that is being loaded
let closed;     // what to do with the focus afterwards
let changed;    // what to do when somebody has changed a field

export function start(options) {
  closed = options.closed;
  changed = options.changed;
  addEventListener("hashchange", route);
  addEventListener("keydown", event => {
    if (panel.hidden || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && !event.target.matches("input, select")) close();
    if (event.key === " " && !event.target.closest("button, input, select, a, summary, audio, #rows")) playOrPause(event);
    if (event.key === " " && event.target.closest("#rows a")) playOrPause(event);
  });
  route();
}

/** Loads the open track again when it was not finished yet. */
export function refresh() {
  if (panel.querySelector(".edit-lyrics, .edit-field")) return;
  if (shown && (shown.state === "Queued" || shown.state === "Analysing")) load(shown.id, { quiet: true });
}

function route() {
  const id = /^#\/track\/(\d+)$/.exec(location.hash)?.[1];
  if (id) load(Number(id));
  else hide();
}

function close() {
  const id = shown?.id ?? loading;
  panels.close();
  closed(String(id ?? ""));
}

function hide() {
  loading = undefined;
  if (panel.hidden) return;
  panel.querySelector("audio")?.pause();
  panel.hidden = true;
  panel.replaceChildren();
  shown = undefined;
  document.title = home;
  panels.cover();
}

async function load(id, { quiet = false, again = false } = {}) {
  if (!quiet && !again && shown?.id === id) return;
  loading = id;
  const slow = setTimeout(() => { if (!quiet && loading === id) open([heading("Loading…", "")], true); }, 250);
  try {
    const details = await getJson(`/v1/tracks/${id}`);
    if (loading !== id) return;
    show(details, quiet ? { audio: panel.querySelector("audio") } : {}, quiet);
  } catch (problem) {
    if (loading !== id || quiet) return;
    shown = undefined;
    const again = el("button", { type: "button", className: "quiet" }, "Try again");
    again.addEventListener("click", () => load(id));
    open([heading(problem.status === 404 ? "There is no such track" : "The track could not be loaded", ""), problem.status === 404
      ? el("p", {}, "It may have been in another catalogue, or its link is mistyped.")
      : el("p", { className: "note" }, problem.message, " ", again)]);
  } finally {
    clearTimeout(slow);
  }
}

// What is playing or being written goes on where only a field has changed.
function show(details, kept, quiet) {
  const track = { ...details, ...details.summary };
  shown = track;
  open([heading(title(track), byline(track)), ...body(track, kept)], quiet);
  document.title = `${title(track)} · OpenMU`;
}

function showChanged(details, field) {
  const history = panel.querySelector(".history")?.open;
  show(details, { audio: panel.querySelector("audio"), lyrics: panel.querySelector(".lyrics"), questions: panel.querySelector(".ask-about") }, true);
  if (history) panel.querySelector(".history").open = true;
  const row = field && panel.querySelector(`[data-field="${CSS.escape(field)}"] button`);
  (row ?? panel.querySelector(".fields select, .fields button"))?.focus({ preventScroll: true });
  changed();
}

async function reload() {
  try {
    showChanged(await getJson(`/v1/tracks/${shown.id}`));
  } catch (error) {
    speak(error.message);
  }
}

function open(children, quiet) {
  panel.replaceChildren(...children);
  if (!quiet) {
    panels.show(panel);
    return;
  }
  panel.hidden = false;
  panels.cover();
}

const heading = (name, under) => panels.heading("track-title", name, under, "the track", close);

function body(track, kept) {
  const audio = kept.audio ?? el("audio", { controls: true, preload: "metadata", src: `/v1/tracks/${track.id}/audio`, ariaLabel: `Player: ${title(track)}` });
  const silent = el("p", { className: "note", hidden: true }, "This browser cannot play the file. ", el("a", { href: `/v1/tracks/${track.id}/audio`, download: "" }, "Download it"), " instead.");
  audio.addEventListener("error", () => { audio.hidden = true; silent.hidden = false; });
  const facts = track.analysis;
  return [
    track.state !== "Ready" && verdict(track),
    track.newerAnalysis && newerAnalysis(track.id, track.newerAnalysis, () => load(track.id, { again: true })),
    track.state !== "Missing" && el("div", { className: "player" }, audio, silent, facts && (facts.beats.length > 0 || facts.chords.length > 0) && beatView(audio, facts), facts?.sections.length > 1 && sectionView(audio, facts.sections)),
    facts && measures(track, facts),
    facts && words(track, facts),
    fields(track, { changed: showChanged, reload }),
    facts && (kept.lyrics ?? lyrics(track.id, track.lyrics, track.state !== "Missing" && audio)),
    facts && hasModel(facts) && similar(track.id),
    facts && (kept.questions ?? questions(track.id, { hasModel: hasModel(facts) })),
    particulars(track, facts),
    facts && facts.sources.length > 0 && sources(facts.sources),
  ].filter(Boolean);
}

function verdict(track) {
  const text = {
    Queued: "This track waits for its analysis.",
    Analysing: "This track is being analysed.",
    Rejected: "This file was rejected: it cannot be used as it is.",
    Missing: "The file of this track was deleted. What is known about it is kept for a while: if the file comes back, all is as before.",
    Failed: "The analysis failed, although the file looks sound. An operator can send it again.",
  }[track.state];
  return el("div", { className: `verdict ${track.state.toLowerCase()}` }, el("strong", {}, text), track.reason && el("p", {}, track.reason));
}

function measures(track, facts) {
  return el("section", { className: "measures", ariaLabel: "Measured" }, tempo(track, facts), key(track, facts), loudness(facts));
}

const card = (name, ...children) => el("div", { className: "card" }, el("h3", {}, name), ...children);
const big = (value, unit) => el("p", { className: "big" }, value, unit && el("span", { className: "unit" }, ` ${unit}`));
const sure = confidence => confidence != null && el("span", { className: "sure" }, `${percent(confidence)} sure`);

function link(text, change) {
  const button = el("button", { type: "button", className: "link" }, text);
  button.addEventListener("click", () => {
    const { sort, descending } = search.current();
    search.go({ sort, descending, ...change });
    if (panels.narrow.matches) close();
    speak("The list shows these tracks.");
  });
  return button;
}

// What a person has put right stands first; what was measured is told below it.
const corrected = (track, field, measured) => track.correction && track[field] !== measured
  && el("p", { className: "aside" }, `set by ${track.correction.by}; measured ${measured == null ? "none" : typeof measured === "number" ? decimal(measured) : spoken(measured)}`);

// The first few: a ramp has many.
const changes = parts => parts.slice(0, 4).map((part, i) => i ? `${decimal(part.bpm)} from ${duration(part.start)}` : decimal(part.bpm)).join(", ")
  + (parts.length > 4 ? ` and ${parts.length - 4} more` : "");

function tempo(track, facts) {
  if (track.bpm == null) return card("Tempo", big("–"), el("p", { className: "aside" }, listened(facts, "Bpm") ? "No steady beat was found." : "Not measured."));
  const others = facts.bpmAlternatives.filter(reading => Math.abs(reading.bpm - track.bpm) > 0.05);
  return card("Tempo",
    big(decimal(track.bpm), "BPM"), corrected(track, "bpm", facts.bpm) || sure(facts.bpmConfidence),
    facts.metre && el("p", { className: "aside" }, `${facts.metre} beats to the bar`),
    facts.tempoSegments.length > 1 && el("p", { className: "aside" }, `changes: ${changes(facts.tempoSegments)}`),
    others.length > 0 && el("p", { className: "aside" }, "or ", others.map(reading => el("span", { className: "together" }, `${decimal(reading.bpm)} (${percent(reading.confidence)})`)).flatMap((reading, i) => (i ? [", ", reading] : [reading]))),
    link("Tracks at this tempo", { bpmFrom: (track.bpm * 0.97).toFixed(1), bpmTo: (track.bpm * 1.03).toFixed(1) }));
}

function key(track, facts) {
  if (track.key == null) return card("Key", big("–"), el("p", { className: "aside" }, listened(facts, "Key") ? "No key was found." : "Not measured."));
  const name = card("Key",
    big(spoken(track.key)), corrected(track, "key", facts.key) || sure(facts.keyConfidence),
    el("p", { className: "aside" }, [track.camelot && `Camelot ${track.camelot}`, track.key === facts.key && facts.openKey && `Open Key ${facts.openKey}`].filter(Boolean).join(" · ")),
    facts.keySegments.length > 1 && el("p", { className: "aside" }, `changes ${facts.keySegments.length - 1} times`),
    link("Tracks that mix well", { key: track.key, keyNeighbours: "true" }));
  if (track.camelot) name.append(wheel(track.camelot));
  name.classList.add("with-wheel");
  return name;
}

function loudness(facts) {
  if (facts.integratedLufs == null) return card("Loudness", big("–"), el("p", { className: "aside" }, "The track is silent."));
  return card("Loudness",
    big(decimal(facts.integratedLufs), "LUFS"),
    level(facts.integratedLufs),
    el("p", { className: "aside" }, [
      facts.truePeakDbtp != null && `true peak ${decimal(facts.truePeakDbtp)} dBTP`,
      facts.loudnessRangeLu != null && `range ${decimal(facts.loudnessRangeLu)} LU`].filter(Boolean).join(" · ")));
}

// A bar from -40 to 0 LUFS; the number above it says the same in words.
function level(lufs) {
  const bar = el("i");
  bar.style.width = `${Math.min(100, Math.max(0, 100 + lufs * 2.5))}%`;
  return el("div", { className: "level", ariaHidden: "true" }, bar);
}

// Whether a tool or model has answered for a field at all; a missing value then means that there was nothing to find.
const listened = (facts, field) => facts.sources.some(source => source.field === field);

const hasModel = facts => Boolean(facts.modelProblem) || listened(facts, "Caption");

// Which words are no model's, and what it said that did not agree with tags and measurements.
function wordsNote(track, facts) {
  const plain = field => facts.sources.some(source => source.field === field && source.source === "facts");
  const ours = track.caption === facts.caption && plain("Caption");
  const parts = [
    (ours || plain("Description")) && `${[ours && "Caption", plain("Description") && "description"].filter(Boolean).join(" and ").replace(/^d/, "D")} written from tags and measurements`,
    facts.droppedSentences > 0 && `${facts.droppedSentences} ${facts.droppedSentences === 1 ? "sentence" : "sentences"} of the model left out, because they contradict tags or measurements`,
  ].filter(Boolean);
  return parts.length > 0 && el("p", { className: "aside" }, `${parts.join("; ")}.`);
}

function words(track, facts) {
  const tags = tagsOf(track, facts);
  const nothing = !track.caption && !facts.description && tags.length === 0;
  return el("section", { className: "words" },
    el("h3", {}, "In words"),
    track.caption && el("p", { className: "caption" }, track.caption),
    facts.description && el("p", { className: "description" }, facts.description),
    wordsNote(track, facts),
    tags.length > 0 && el("ul", { className: "tags", ariaLabel: "Tags" }, tags.map(tag => el("li", {}, tagged(tag)))),
    facts.modelProblem ? el("p", { className: "note" }, facts.modelProblem) : nothing && el("p", { className: "note" }, hasModel(facts)
      ? "The model had nothing to say about this track."
      : "No model is loaded, so captions and tags are empty."));
}

// Those that the taxonomy sorts by, then tags of other groups and a person's own, which come without confidence.
function tagsOf(track, facts) {
  const own = track.fields.find(({ name }) => name === "tags")?.values ?? [];
  return [...track.terms, ...facts.tags.filter(({ group }) => !sorted.has(group)).map(({ tag, ...rest }) => ({ label: tag, ...rest })),
    ...own.map(label => ({ label }))];
}

function tagged({ group, label, confidence, source, by, parents }) {
  const button = link(label, source ? { facet: [`${group}:${label.toLowerCase()}`] } : { text: label });
  button.className = "tag";
  button.title = [["Find more", group && `by ${group}`].filter(Boolean).join(" "),
    parents?.length > 0 && `a kind of ${parents.join(", ")}`, source && `by ${saidBy[source]}${by ? ` ${by}` : ""}`].filter(Boolean).join(" · ");
  if (confidence != null) button.append(el("span", { className: "unit" }, ` ${percent(confidence)}`));
  return button;
}

function particulars(track, facts) {
  const list = el("dl", {});
  const add = (name, value) => { if (value) list.append(el("dt", {}, name), el("dd", {}, el("bdi", {}, value))); };
  if (facts) {
    add("Length", duration(facts.durationSeconds));
    add("Format", `${codecName(facts.codec)} · ${(facts.sampleRate / 1000).toLocaleString("en")} kHz · ${channels(facts.channels)}`);
    add("Tuning", facts.tuningCents != null && `${facts.tuningCents >= 0 ? "+" : ""}${decimal(facts.tuningCents, 0)} cents from A = 440 Hz`);
    add("Quality", facts.qualityFlags.join(", "));
  }
  add("File", track.fileName);
  add("Size", size(track.sizeBytes));
  add("Added", when(track.uploadedAt));
  add("Analysed", facts && when(facts.analysedAt));
  return el("section", { className: "particulars" }, el("h3", {}, "File"), list);
}

// One line for all fields that share a source: people ask who said it, then how sure.
function sources(all) {
  const table = el("table", {}, el("thead", {}, el("tr", {}, ...["Field", "Source", "Licence", "Heard", "Sure"].map(name => el("th", { scope: "col" }, name)))),
    el("tbody", {}, ...all.map(source => el("tr", {},
      el("th", { scope: "row" }, source.field),
      el("td", {}, `${source.source} ${source.version}`),
      el("td", {}, source.licenceClass),
      el("td", {}, duration(source.secondsHeard)),
      el("td", {}, source.confidence == null ? "–" : percent(source.confidence))))));
  return el("details", { className: "sources" }, el("summary", {}, "Where this comes from"), el("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: "Sources" }, table));
}

function playOrPause(event) {
  const audio = panel.querySelector("audio");
  if (!audio || audio.hidden) return;
  event.preventDefault();
  if (audio.paused) audio.play().catch(() => speak("The file cannot be played."));
  else audio.pause();
}
