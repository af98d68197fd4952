import { getJson } from "./api.js";
import { byId, speak } from "./dom.js";
import { count } from "./format.js";

// The header that shows how far the analysis is; asks often while something moves and seldom while nothing does.

const listeners = [];
let last;
let timer;

/** Calls back when the counts have changed: rows of the list and an open track are out of date. */
export const onProgress = listener => listeners.push(listener);

export function start() {
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  ask();
}

/** Asks now, such as after an upload. */
export async function ask() {
  clearTimeout(timer);
  let wait = 15_000;
  try {
    const counts = await getJson("/v1/status");
    show(counts);
    if (counts.queued + counts.analysing > 0) wait = 1_500;
  } catch {
    // The list says that the site is away; this header only waits for its return.
  }
  if (!document.hidden) timer = setTimeout(ask, wait);
}

/** Asks soon and often for a while: something was sent that the catalogue does not know yet. */
export function expect() {
  for (const delay of [500, 2_000, 4_000, 8_000]) setTimeout(ask, delay);
}

function show(counts) {
  const open = counts.queued + counts.analysing;
  const done = counts.total - open;
  byId("progress").hidden = open === 0;
  byId("progress-what").textContent = `Analysing ${count(open, "track", "tracks")}`;
  byId("progress-detail").textContent = [`${done.toLocaleString("en")} of ${counts.total.toLocaleString("en")} done`,
    counts.rejected && `${counts.rejected} rejected`, counts.failed && `${counts.failed} failed`].filter(Boolean).join(" · ");
  byId("progress-bar").max = counts.total || 1;
  byId("progress-bar").value = done;

  const changed = last && JSON.stringify(last) !== JSON.stringify(counts);
  if (last && last.queued + last.analysing > 0 && open === 0) speak("The analysis is complete.");
  last = counts;
  if (changed) for (const listener of listeners) listener(counts);
}
