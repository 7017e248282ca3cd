/** An invitation: the secret behind the `#` goes into the form, and out of the address. */

import { find, show } from "../lib/dom.ts";

const field = find<HTMLInputElement>("[data-token]");
const secret = location.hash.slice(1);
if (secret) {
  field.value = secret;
  history.replaceState(null, "", location.pathname);
}
show(find("[data-invitation]"), field.value !== "");
show(find("[data-no-link]"), field.value === "");
