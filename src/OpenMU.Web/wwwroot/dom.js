// Small words for building the page. Text always goes in as text; nothing here can make markup from a string.

export const byId = id => document.getElementById(id);

/** Creates an element: el("a", { href: "/", className: "x" }, "text", child, ...). Absent children are left out. */
export function el(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in element) element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.flat().filter(child => child != null && child !== false));
  return element;
}

/** Creates an SVG element from attributes. */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** Tells those who listen to the page rather than look at it. */
export function speak(text) {
  byId("spoken").textContent = text;
}

/** Runs the last of a burst of calls, once it has been quiet for so many milliseconds. */
export function debounce(milliseconds, action) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), milliseconds);
  };
}
