import * as ask from "./ask.js";
import { byId } from "./dom.js";
import * as filters from "./filters.js";
import * as imports from "./imports.js";
import * as list from "./list.js";
import * as many from "./many.js";
import * as status from "./status.js";
import * as track from "./track.js";
import * as uploads from "./uploads.js";

filters.start();
list.start();
track.start({ closed: list.focusTrack, changed: list.refresh });
ask.start({ closed: list.focusTrack });
many.start({ closed: list.focusTrack, changed: list.refresh });
imports.start({ closed: list.focusTrack, changed: list.refresh });
uploads.start();
status.onProgress(list.refresh);
status.onProgress(track.refresh);
status.start();

addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  if (event.key === "/") {
    event.preventDefault();
    byId("text").focus();
    byId("text").select();
  }
});
