/** Recovery codes, shown once: on paper. */

import { show } from "../lib/dom.ts";

const print = document.querySelector<HTMLButtonElement>("[data-print]");
print?.addEventListener("click", () => window.print());
if (print) show(print, true);
