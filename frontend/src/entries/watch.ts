/** Pages of the watch. The console renews itself, and says aloud when the verdict is another. */

import "@utrecht/table-css/dist/index.css";
import "../styles/table.css";
import "../styles/watch.css";
import { find } from "../lib/dom.ts";
import { keepFresh } from "../ops/fresh.ts";

const place = document.querySelector<HTMLElement>("[data-now]");
if (place) void keepFresh({ place, said: find("[data-said]"), stale: find("[data-stale]"), address: "/watch/now" });
