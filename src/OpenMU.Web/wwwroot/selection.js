// The tracks that somebody has marked, in the order of marking. The selection outlives pages and searches. What is done
// with it is up to the actions that use it; each says itself how many tracks it takes.

const marked = new Map();
const listeners = [];

/** Calls back whenever the selection has changed. */
export const onChange = listener => listeners.push(listener);

/** The marked tracks as lists show them, in the order in which they were marked. */
export const all = () => [...marked.values()];

export const has = id => marked.has(id);

/** Marks tracks, or takes their marks away. */
export function set(tracks, yes) {
  const before = marked.size;
  for (const track of tracks) {
    if (!yes) marked.delete(track.id);
    else if (!marked.has(track.id)) marked.set(track.id, track);
  }
  if (marked.size !== before) announce();
}

export function clear() {
  if (marked.size === 0) return;
  marked.clear();
  announce();
}

/** Takes in what a list says now of tracks that are marked: one may have become Ready since. */
export function update(tracks) {
  const changed = tracks.filter(track => marked.has(track.id) && marked.get(track.id).state !== track.state);
  for (const track of changed) marked.set(track.id, track);
  if (changed.length > 0) announce();
}

function announce() {
  for (const listener of listeners) listener();
}
