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

// Where people sign in before the site, it says where; they come back to what they saw.
function signIn(text) {
  let address;
  try {
    address = JSON.parse(text).signIn;
  } catch {
    return;
  }
  if (address) location.assign(`${address}?post_login_redirect_uri=${encodeURIComponent(location.pathname + location.search + location.hash)}`);
}

/** @throws {Problem} when the server refuses; status 0 when it cannot be reached. */
export const getJson = (address, signal) => askJson(address, { signal, headers: { accept: "application/json" } });

/** @throws {Problem} as getJson does. */
export const postJson = (address, value) => askJson(address, {
  method: "POST",
  headers: { accept: "application/json", "content-type": "application/json" },
  body: JSON.stringify(value),
});

/** @throws {Problem} as getJson does; undefined where the answer has no content. */
export async function askJson(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "The catalogue cannot be reached.");
  }
  if (!response.ok) {
    const text = await response.text();
    if (response.status === 401) signIn(text);
    throw problemFrom(response.status, text);
  }
  return response.status === 204 ? undefined : response.json();
}
