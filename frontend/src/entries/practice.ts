/** What one practice went through: prints. */

import { find, show } from "../lib/dom.ts";

const print = find<HTMLButtonElement>("[data-print]");
print.addEventListener("click", () => window.print());
show(print, true);
