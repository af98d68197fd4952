import { Problem, postJson, problemFrom } from "./api.js";
import { byId, el, speak } from "./dom.js";
import { count, percent } from "./format.js";
import { expect } from "./status.js";

// Files dropped or chosen go up one after the other; the tray in the corner shows how far each is.

const waiting = [];
let sending = false;

export function start() {
  byId("upload").addEventListener("click", choose);
  byId("files").addEventListener("change", () => {
    add([...byId("files").files].map(file => ({ file, name: file.name })));
    byId("files").value = "";
  });
  byId("uploads-close").addEventListener("click", () => {
    byId("uploads").hidden = true;
    if (!sending) byId("upload-list").replaceChildren();
    byId("upload").focus();
  });
  catchDrops();
}

/** Opens the browser's own dialog. */
export const choose = () => byId("files").click();

function catchDrops() {
  let depth = 0;
  const carriesFiles = event => event.dataTransfer?.types.includes("Files");
  const over = yes => { byId("drop").hidden = !yes; };
  addEventListener("dragenter", event => { if (carriesFiles(event)) over(++depth > 0); });
  addEventListener("dragleave", event => { if (carriesFiles(event)) over(--depth > 0); });
  addEventListener("dragover", event => { if (carriesFiles(event)) event.preventDefault(); });
  addEventListener("drop", async event => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    over(depth = 0);
    const entries = [...event.dataTransfer.items].map(item => item.webkitGetAsEntry?.()).filter(Boolean);
    add(entries.length > 0 ? (await Promise.all(entries.map(unfold))).flat() : [...event.dataTransfer.files].map(file => ({ file, name: file.name })));
  });
}

// A dropped folder brings everything in it, under its own path, but for what the system hides there.
async function unfold(entry) {
  if (entry.name.startsWith(".")) return [];
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, name: entry.fullPath.replace(/^\//, "") }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return (await Promise.all(found.map(unfold))).flat();
    found.push(...some);
  }
}

function add(files) {
  if (files.length === 0) return;
  byId("uploads").hidden = false;
  for (const { file, name } of files) {
    const says = el("span", { className: "says" }, "Waiting");
    const bar = el("progress", { max: 1, value: 0, ariaLabel: `Upload of ${name}` });
    const line = el("li", {}, el("span", { className: "file" }, el("bdi", {}, name)), says, bar);
    byId("upload-list").append(line);
    waiting.push({ file, name, line, says, bar, replace: false });
  }
  work();
}

async function work() {
  if (sending) return;
  sending = true;
  let sent = 0;
  for (let one = waiting.shift(); one; one = waiting.shift()) {
    byId("uploads-what").textContent = `Uploading, ${waiting.length} waiting`;
    if (await offer(one)) sent++;
  }
  sending = false;
  const refused = byId("upload-list").querySelectorAll(".refused").length;
  byId("uploads-what").textContent = refused > 0 ? count(refused, "upload needs you", "uploads need you") : "Uploads complete";
  speak(`${count(sent, "file", "files")} uploaded${refused > 0 ? `, ${refused} not` : ""}.`);
}

async function offer(one) {
  try {
    await put(one);
    one.line.className = "sent";
    one.says.textContent = "Received";
    expect();
    return true;
  } catch (problem) {
    one.line.className = "refused";
    one.says.textContent = problem.message;
    const again = el("button", { type: "button", className: "quiet" }, problem.status === 409 ? "Replace" : "Try again");
    again.addEventListener("click", () => {
      again.remove();
      one.line.className = "";
      one.replace ||= problem.status === 409;
      waiting.push(one);
      work();
    });
    one.line.append(again);
    return false;
  }
}

// Where the storage takes files from pages, they do not pass through the site; whether it does is asked once.
let isDirect;

async function put(one) {
  const query = `fileName=${encodeURIComponent(one.name)}${one.replace ? "&replace=true" : ""}`;
  const address = isDirect === false ? null : await postJson(`/v1/uploads?${query}&sizeBytes=${Math.max(one.file.size, 1)}`);
  isDirect ??= address.forPages;
  await (isDirect
    ? send(one, "PUT", address.url, address.headers, storageProblem)
    : send(one, "POST", `/v1/tracks?${query}`, { "content-type": "application/octet-stream" }, problemFrom));
}

// The storage answers in XML, and only these are somebody's to decide.
const storageProblem = status => [403, 409, 412].includes(status)
  ? new Problem(409, "There is a track of this name already.")
  : new Problem(status, `The storage answered ${status}.`);

// XMLHttpRequest, because fetch cannot tell how much of a body has been sent.
const send = ({ file, says, bar }, method, address, headers, problemOf) => new Promise((resolve, reject) => {
  const request = new XMLHttpRequest();
  request.open(method, address);
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
  request.upload.addEventListener("progress", event => {
    if (!event.lengthComputable) return;
    bar.value = event.loaded / event.total;
    says.textContent = percent(bar.value);
  });
  request.addEventListener("load", () => (request.status === 201 || request.status === 202
    ? resolve()
    : reject(problemOf(request.status, request.responseText))));
  request.addEventListener("error", () => reject(problemFrom(0, '{"detail":"The connection broke off."}')));
  request.send(file);
});
