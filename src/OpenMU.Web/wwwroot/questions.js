import { getJson, postJson } from "./api.js";
import { el, speak } from "./dom.js";
import { count, duration } from "./format.js";

// The box under a track, or under several: ask in words, see the answers arrive. Texts of people and of the model are
// only ever text.

const maxLength = 500;
const askAgainEvery = 1_500;

/** The section for a track that is Ready; without a model it says so and takes no question. */
export function questions(trackId, { hasModel }) {
  const box = questionBox({
    label: "Your question about this track",
    placeholder: "Which instruments play?",
    ask: text => postJson(`/v1/tracks/${trackId}/questions`, { text }),
    load: () => getJson(`/v1/tracks/${trackId}/questions`),
    note: !hasModel && "No model is loaded, so questions cannot be answered.",
  });
  box.enable(hasModel);
  box.follow();
  return box.section;
}

/**
 * A box to ask in, with what was asked below it, the newest first.
 * @param ask sends a question and returns it as the API shows it
 * @param load returns all questions as they stand now
 * @param nameOf the name of a track by its id, where it is known
 */
export function questionBox({ label, placeholder, ask, load, note, nameOf = () => undefined }) {
  const list = el("ol", { className: "questions", ariaLabel: "Questions and answers" });
  const problem = el("p", { className: "error-text", role: "alert", hidden: true });
  const box = el("input", { name: "question", maxLength, autocomplete: "off", placeholder, ariaLabel: label });
  const send = el("button", { className: "quiet" }, "Ask");
  const form = el("form", { className: "ask" }, box, send);
  const section = el("section", { className: "ask-about" }, el("h3", {}, "Questions"), form, problem,
    note && el("p", { className: "note" }, note), list);
  let enabled = true;
  const follow = () => followAll(section, list, load, nameOf);

  form.addEventListener("submit", async event => {
    event.preventDefault();
    if (box.value.trim() === "") return;
    send.disabled = true;
    try {
      const asked = await ask(box.value);
      box.value = "";
      problem.hidden = true;
      show(list, [asked, ...known(list).filter(question => question.id !== asked.id)], nameOf);
      speak("The question waits for its answer.");
      follow();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    } finally {
      send.disabled = !enabled;
      box.focus();
    }
  });
  const enable = yes => { enabled = yes; box.disabled = send.disabled = !yes; };
  return { section, follow, enable };
}

// What the list shows now, newest first.
const shown = new WeakMap();
const known = list => shown.get(list) ?? [];
export const isOpen = question => ["Waiting", "Queued", "Analysing"].includes(question.state);
const following = new WeakSet();

// Asks until no question is open; ends by itself when the panel shows something else.
async function followAll(section, list, load, nameOf) {
  if (following.has(list)) return;
  following.add(list);
  do {
    try {
      show(list, await load(), nameOf);
    } catch {
      // The next round asks again; the list of tracks says when the site is away.
    }
    if (!known(list).some(isOpen)) break;
    await new Promise(resolve => setTimeout(resolve, document.hidden ? 10 * askAgainEvery : askAgainEvery));
  } while (section.isConnected);
  following.delete(list);
}

function show(list, questions, nameOf) {
  const before = new Map(known(list).map(question => [question.id, question]));
  shown.set(list, questions);
  if (JSON.stringify([...before.values()]) === JSON.stringify(questions)) return;
  list.replaceChildren(...questions.map(question => line(question, nameOf)));
  for (const question of questions) {
    if (before.has(question.id) && isOpen(before.get(question.id)) && !isOpen(question)) speak(question.answer ? `Answer: ${question.answer.text}` : `No answer: ${question.reason}`);
  }
}

function line(question, nameOf) {
  const several = question.trackIds.length > 1;
  return el("li", {},
    el("p", { className: "asked" }, el("bdi", {}, question.text)),
    several && el("p", { className: "aside" }, "About ", question.trackIds.flatMap((id, i) => [i > 0 && ", ", citation(id, i, nameOf)])),
    ...said(question));
}

// A track by its place in the question, as answers cite it.
const citation = (id, place, nameOf) =>
  el("a", { href: `#/track/${id}` }, `[${place + 1}]`, nameOf(id) && el("bdi", {}, ` ${nameOf(id)}`));

// An answer about several tracks names each by its place, which leads to the track.
function cited(text, { trackIds }) {
  if (trackIds.length < 2) return [text];
  return text.split(/(\[\d\])/).map(part => {
    const id = /^\[\d\]$/.test(part) ? trackIds[Number(part[1]) - 1] : undefined;
    return id === undefined ? part : el("a", { href: `#/track/${id}` }, part);
  });
}

// From where to where in the track, and how surely.
const measured = reading => [
  reading?.toSeconds && `, from ${duration(reading.fromSeconds)} to ${duration(reading.toSeconds)}`,
  reading?.confidence && `, ${Math.round(100 * reading.confidence)} % sure`].filter(Boolean).join("");

function said(question) {
  if (question.state === "Waiting") return [el("p", { className: "state" }, "Waiting for its track")];
  if (question.state === "Queued") return [el("p", { className: "state" }, "Waiting for its turn")];
  if (question.state === "Analysing") return [el("p", { className: "state analysing" }, "Listening")];
  if (!question.answer) return [el("p", { className: `state ${question.state.toLowerCase()}` }, question.reason ?? question.state)];
  const { text, outcome, droppedSentences, toolCalls, modelVersion, promptVersion, secondsHeard } = question.answer;
  return [
    el("p", { className: outcome === "Answered" ? "answer" : "answer unsure" }, el("bdi", {}, ...cited(text, question))),
    el("p", { className: "aside" }, [
      secondsHeard > 0 ? `${modelVersion} heard ${duration(secondsHeard)}` : modelVersion,
      `rules ${promptVersion}`,
      droppedSentences > 0 && `${count(droppedSentences, "sentence", "sentences")} left out: measurements or tags speak against it`].filter(Boolean).join(" · ")),
    toolCalls.length > 0 && el("details", { className: "aside" }, el("summary", {}, count(toolCalls.length, "measurement used", "measurements used")),
      el("ul", {}, ...toolCalls.map(call => el("li", {}, el("bdi", {}, `${call.name}: ${call.value}`), ` at ${new Date(call.at).toLocaleTimeString()}`, measured(call.reading))))),
  ];
}
