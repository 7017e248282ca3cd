/** A file that is being worked on: keeps the progress fresh, and shows the report when there is one. */

import { find, pageData } from "../lib/dom.ts";
import { watchProgress } from "../practices/progress.ts";

const page = pageData<{ progress: string }>();
void watchProgress(find("[data-progress]"), find("[data-said]"), page.progress);
