/** An order that stands: keeps the states of its mails fresh, and prints. */

import { find, show } from "../lib/dom.ts";
import { watchMails } from "../ordering/mails.ts";

const print = find<HTMLButtonElement>("[data-print]");
print.addEventListener("click", () => window.print());
show(print, true);
void watchMails(find("[data-mails]"));
