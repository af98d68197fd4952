// The search as the address states it. Its names are the API's names, so the page's query is the request's query.

const names = ["text", "bpmFrom", "bpmTo", "key", "keyNeighbours", "lufsFrom", "lufsTo", "secondsFrom", "secondsTo", "state", "sort", "descending", "after", "before"];

/** The current search as a plain object of strings, only what is set. */
export function current() {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries(names.filter(name => query.get(name)).map(name => [name, query.get(name)]));
}

export function toQuery(search) {
  const query = new URLSearchParams();
  for (const name of names) if (search[name]) query.set(name, search[name]);
  return query;
}

const listeners = [];

/** Calls back whenever the search changes, by the page or by the browser's back button. */
export const onChange = listener => listeners.push(listener);

/**
 * Makes this the current search. While somebody types or moves a filter the entry of the history is replaced;
 * a step that one may want to undo adds an entry.
 */
export function go(search, { replace = false } = {}) {
  const query = toQuery(search).toString();
  if (query === toQuery(current()).toString()) return;
  history[replace ? "replaceState" : "pushState"](null, "", (query ? `?${query}` : location.pathname) + location.hash);
  announce();
}

/** The facets that narrow the search; words, order and place are none. */
export const facets = search => Object.keys(search).filter(name => !["text", "sort", "descending", "after", "before", "keyNeighbours"].includes(name));

let last = toQuery(current()).toString();

function announce() {
  last = toQuery(current()).toString();
  for (const listener of listeners) listener(current());
}

addEventListener("popstate", () => {
  if (toQuery(current()).toString() !== last) announce();
});
