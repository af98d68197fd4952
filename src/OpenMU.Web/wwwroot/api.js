/** What the server said when it would not do as asked: the sentences of its problem details. */
export class Problem extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Reads problem details (RFC 9457) into one message for people. */
export function problemFrom(status, text) {
  try {
    const details = JSON.parse(text);
    const errors = Object.values(details.errors ?? {}).flat();
    return new Problem(status, errors.length > 0 ? errors.join(" ") : details.detail ?? details.title);
  } catch {
    return new Problem(status, `The server answered ${status}.`);
  }
}

/** @throws {Problem} when the server refuses; status 0 when it cannot be reached. */
export async function getJson(address, signal) {
  let response;
  try {
    response = await fetch(address, { signal, headers: { accept: "application/json" } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "The catalogue cannot be reached.");
  }
  if (!response.ok) throw problemFrom(response.status, await response.text());
  return response.json();
}
