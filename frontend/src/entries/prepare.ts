/** The prepared order: the page's own form, sent without leaving the page. */

import { find } from "../lib/dom.ts";
import { PreparedForm } from "../ordering/prepared.ts";

new PreparedForm(find<HTMLFormElement>("[data-prepare]"));
