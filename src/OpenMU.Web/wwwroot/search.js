// The search as the address states it. Its names are the API's names, so the page's query is the request's query.

const names = ["text", "meaning", "bpmFrom", "bpmTo", "key", "keyNeighbours", "lufsFrom", "lufsTo", "secondsFrom", "secondsTo", "state", "sort", "descending", "after", "before"];

/** The current search as a plain object of strings, only what is set; facets, of which there may be several, as a list. */
export function current() {
  const query = new URLSearchParams(location.search);
  const search = Object.fromEntries(names.filter(name => query.get(name)).map(name => [name, query.get(name)]));
  if (query.has("facet")) search.facet = query.getAll("facet");
  return search;
}

export function toQuery(search) {
  const query = new URLSearchParams();
  for (const name of names) if (search[name]) query.set(name, search[name]);
  for (const facet of search.facet ?? []) query.append("facet", facet);
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

/** What narrows the search; words, order and place do not count. */
export const facets = search => [
  ...Object.keys(search).filter(name => !["text", "meaning", "sort", "descending", "after", "before", "keyNeighbours", "facet"].includes(name)),
  ...search.facet ?? []];

let last = toQuery(current()).toString();

function announce() {
  last = toQuery(current()).toString();
  for (const listener of listeners) listener(current());
}

addEventListener("popstate", () => {
  if (toQuery(current()).toString() !== last) announce();
});
