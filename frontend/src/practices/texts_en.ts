/** Words about practices and importing them, in English. */

import type { Texts } from "./texts.ts";

export const en: Texts = {
  sending: "Your file is being sent …",
};
