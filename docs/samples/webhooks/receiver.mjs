// Takes webhooks, checks their signature after Standard Webhooks, and prints each event once.
//   node receiver.mjs PORT SECRET        (SECRET as the site gave it: whsec_...; PORT 0 takes a free one)
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const [port, secret] = process.argv.slice(2);
const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
const toleranceSeconds = 300;
const maxBytes = 1 << 20;
const seen = new Set();

function isGenuine(headers, body) {
  const [id, at, signatures] =
    ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => headers[name] ?? "");
  if (!(Math.abs(Date.now() / 1000 - Number(at)) <= toleranceSeconds)) return false;
  const expected = createHmac("sha256", key).update(`${id}.${at}.${body}`).digest();
  // While a secret is replaced there are two signatures; one that fits will do.
  return signatures.split(" ").some((signature) => {
    const [version, text] = signature.split(",");
    const given = Buffer.from(text ?? "", "base64");
    return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

const server = createServer(async (request, response) => {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > maxBytes) return response.writeHead(413).end();
    parts.push(part);
  }
  const body = Buffer.concat(parts).toString("utf8");
  if (!isGenuine(request.headers, body)) return response.writeHead(401).end();
  // Each comes at least once: what was there already is answered, and not done again.
  const id = request.headers["webhook-id"];
  if (!seen.has(id)) {
    seen.add(id);
    console.log(`${id} ${JSON.parse(body).type}`);
  }
  response.writeHead(204).end();
});
server.listen(Number(port), "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
