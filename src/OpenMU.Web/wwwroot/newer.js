import { getJson } from "./api.js";
import { el } from "./dom.js";

// How it stands with a newer model's analysis, while the panel shows what an earlier one has said.

const askAgainEvery = 5_000;
const isOpen = job => job.state === "Queued" || job.state === "Analysing";

/** The notice for a track's newer analysis; it follows it, and offers the track anew once it is Ready. */
export function newerAnalysis(trackId, job, reload) {
  const notice = el("div", {});
  show(notice, job);
  if (isOpen(job)) follow(notice, trackId, reload);
  return notice;
}

function show(notice, { modelVersion, state, reason }) {
  const text = {
    Queued: "A newer analysis waits for its turn.",
    Analysing: "A newer analysis is under way.",
    Failed: "A newer analysis failed. An operator can send it again.",
    Rejected: "A newer analysis rejected the file.",
    Ready: "A newer analysis is there and held back until somebody publishes it.",
  }[state];
  notice.className = `verdict newer ${state.toLowerCase()}`;
  notice.replaceChildren(...[
    el("strong", {}, text),
    // A try that failed and is to be repeated leaves its reason too, which is nobody's business yet.
    !isOpen({ state }) && reason && el("p", {}, el("bdi", {}, reason)),
    el("p", { className: "aside" }, "Model ", el("bdi", {}, modelVersion), ". What is shown here is the earlier analysis."),
  ].filter(Boolean));
}

async function follow(notice, trackId, reload) {
  let job;
  do {
    await new Promise(resolve => setTimeout(resolve, document.hidden ? 10 * askAgainEvery : askAgainEvery));
    if (!notice.isConnected) return;
    try {
      job = (await getJson(`/v1/tracks/${trackId}`)).newerAnalysis;
    } catch {
      continue;   // The list of tracks says when the site is away.
    }
    if (job) show(notice, job);
  } while (job === undefined || (job && isOpen(job)));
  if (job || !notice.isConnected) return;
  const button = el("button", { type: "button", className: "link" }, "Show it");
  button.addEventListener("click", reload);
  notice.className = "verdict newer";
  notice.replaceChildren(el("strong", {}, "A newer analysis is there."), " ", button);
}
