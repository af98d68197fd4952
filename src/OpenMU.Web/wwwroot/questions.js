import { getJson, postJson } from "./api.js";
import { el, speak } from "./dom.js";
import { count, duration } from "./format.js";

// The box under a track: ask in words, see the answers arrive. Texts of people and of the model are only ever text.

const maxLength = 500;
const askAgainEvery = 1_500;

/** The section for a track that is Ready; without a model it says so and takes no question. */
export function questions(trackId, { hasModel }) {
  const list = el("ol", { className: "questions", ariaLabel: "Questions and answers" });
  const problem = el("p", { className: "error-text", role: "alert", hidden: true });
  const box = el("input", { name: "question", maxLength, autocomplete: "off", placeholder: "Which instruments play?", ariaLabel: "Your question about this track", disabled: !hasModel });
  const send = el("button", { className: "quiet", disabled: !hasModel }, "Ask");
  const form = el("form", { className: "ask" }, box, send);
  const section = el("section", { className: "ask-about" }, el("h3", {}, "Questions"), form, problem,
    !hasModel && el("p", { className: "note" }, "No model is loaded, so questions cannot be answered."), list);

  form.addEventListener("submit", async event => {
    event.preventDefault();
    if (box.value.trim() === "") return;
    send.disabled = true;
    try {
      const asked = await postJson(`/api/tracks/${trackId}/questions`, { text: box.value });
      box.value = "";
      problem.hidden = true;
      show(list, [asked, ...known(list)]);
      speak("The question waits for its answer.");
      follow(trackId, section, list);
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    } finally {
      send.disabled = false;
      box.focus();
    }
  });
  follow(trackId, section, list);
  return section;
}

// What the list shows now, newest first.
const shown = new WeakMap();
const known = list => shown.get(list) ?? [];
const open = question => question.state === "Queued" || question.state === "Analysing";
const following = new WeakSet();

// Asks until no question is open; ends by itself when the panel shows something else.
async function follow(trackId, section, list) {
  if (following.has(list)) return;
  following.add(list);
  do {
    try {
      show(list, await getJson(`/api/tracks/${trackId}/questions`));
    } catch {
      // The next round asks again; the list of tracks says when the site is away.
    }
    if (!known(list).some(open)) break;
    await new Promise(resolve => setTimeout(resolve, document.hidden ? 10 * askAgainEvery : askAgainEvery));
  } while (section.isConnected);
  following.delete(list);
}

function show(list, questions) {
  const before = new Map(known(list).map(question => [question.id, question]));
  shown.set(list, questions);
  if (JSON.stringify([...before.values()]) === JSON.stringify(questions)) return;
  list.replaceChildren(...questions.map(line));
  for (const question of questions) {
    if (before.has(question.id) && open(before.get(question.id)) && !open(question)) speak(question.answer ? `Answer: ${question.answer.text}` : `No answer: ${question.reason}`);
  }
}

function line(question) {
  return el("li", {}, el("p", { className: "asked" }, el("bdi", {}, question.text)), ...said(question));
}

function said(question) {
  if (question.state === "Queued") return [el("p", { className: "state" }, "Waiting for its turn")];
  if (question.state === "Analysing") return [el("p", { className: "state analysing" }, "Listening")];
  if (!question.answer) return [el("p", { className: `state ${question.state.toLowerCase()}` }, question.reason ?? question.state)];
  const { text, outcome, droppedSentences, toolCalls, modelVersion, promptVersion, secondsHeard } = question.answer;
  return [
    el("p", { className: outcome === "Answered" ? "answer" : "answer unsure" }, el("bdi", {}, text)),
    el("p", { className: "aside" }, [
      `${modelVersion} heard ${duration(secondsHeard)}`,
      `rules ${promptVersion}`,
      droppedSentences > 0 && `${count(droppedSentences, "sentence", "sentences")} left out: measurements or tags speak against it`].filter(Boolean).join(" · ")),
    toolCalls.length > 0 && el("details", { className: "aside" }, el("summary", {}, count(toolCalls.length, "measurement used", "measurements used")),
      el("ul", {}, ...toolCalls.map(call => el("li", {}, el("bdi", {}, `${call.name}: ${call.value}`), ` at ${new Date(call.at).toLocaleTimeString()}`)))),
  ];
}
