/** On the page of one's keys: how far sealing again is, while there is something left. */

import { FIRST, suites } from "../crypto/suite.ts";
import { find, setText, show } from "../lib/dom.ts";
import { api } from "./api.ts";
import { texts } from "./texts.ts";

/** Nobody waits for it: without an answer it is not shown. */
export async function showResealing(): Promise<void> {
  if (suites.current === FIRST) return;
  const answer = await api.resealing();
  if (!answer.ok) return;
  const { all, left } = answer.value;
  setText(find("[data-resealing]"), texts.keys.resealing(all - left, all));
  show(find("[data-resealing]"), left > 0);
}
