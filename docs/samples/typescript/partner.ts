// A partner's round by the generated types: uploads a file, asks about it, waits for the answer, exports.
//   node dist/partner.js SITE FILE [KEY]
// schema.d.ts comes from the site: npm run generate -- SITE/openapi/v1.json -o schema.d.ts
import createClient, { type Middleware } from "openapi-fetch";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { components, paths } from "./schema.js";

const [site, file, key] = process.argv.slice(2);
if (!site || !file) throw new Error("usage: node dist/partner.js SITE FILE [KEY]");

const client = createClient<paths>({ baseUrl: site });
if (key) {
  const authorization: Middleware = {
    onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${key}`);
      return request;
    },
  };
  client.use(authorization);
}

type Answer<T> = { data?: T; error?: unknown; response: Response };

// Sends again what the site had no room for, and says what is wrong with the rest: a problem has a type and a title.
async function sent<T>(send: () => Promise<Answer<T>>): Promise<T> {
  for (;;) {
    const { data, error, response } = await send();
    if (data !== undefined) return data;
    const seconds = Number(response.headers.get("Retry-After"));
    if ((response.status !== 429 && response.status !== 503) || !seconds) {
      const problem = error as components["schemas"]["ProblemDetails"] | undefined;
      throw new Error(`${response.status} ${problem?.type}: ${problem?.detail ?? problem?.title}`);
    }
    await sleep(seconds * 1000);
  }
}

async function until<T>(look: () => Promise<T>, done: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look();
    if (done(seen)) return seen;
    await sleep(500);
  }
}

const fileName = `partner/${basename(file)}`;
const bytes = await readFile(file);
await sent(() => client.POST("/v1/tracks", {
  params: { query: { fileName, replace: true } },
  headers: { "Content-Type": "application/octet-stream" },
  body: bytes as unknown as string,
  bodySerializer: (body: unknown) => body as BodyInit,
}));
const upload = await until(
  () => sent(() => client.GET("/v1/uploads/{fileName}", { params: { path: { fileName } } })),
  (seen) => seen.trackId !== null);
const id = upload.trackId!;
const track = await until(
  () => sent(() => client.GET("/v1/tracks/{id}", { params: { path: { id } } })),
  (seen) => ["Ready", "Failed", "Rejected"].includes(seen.summary.state));
console.log(`track: ${track.summary.state}, ${track.analysis?.bpm} BPM, ${track.analysis?.key}`);

const asked = await sent(() => client.POST("/v1/tracks/{id}/questions", {
  params: { path: { id } },
  body: { text: "Which key is it in?" },
}));
const question = await until(
  () => sent(() => client.GET("/v1/questions/{id}", { params: { path: { id: asked.id } } })),
  (seen) => ["Ready", "Failed", "Rejected"].includes(seen.state));
console.log(`answer: ${question.answer?.text}`);

const lines = await sent(() => client.GET("/v1/tracks.jsonl", {
  params: { query: { ids: String(id) } },
  parseAs: "text",
}));
console.log(`export: ${JSON.parse(String(lines).trim()).fileName}`);
