/** Words of what many pages have, in English. */

import type { Texts } from "./texts.ts";

export const en: Texts = {
  passkey: {
    stopped: "No passkey was used. Try again, or choose another way.",
    there: "This device already holds a passkey of yours for Balie.",
    noConnection: "There is no connection to Balie. Try again shortly.",
    failed: "This did not work on this device. Try again, or choose another way.",
  },
};
