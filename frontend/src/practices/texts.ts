/** Words about practices and importing them. */

import { pickTexts } from "../lib/texts.ts";
import { en } from "./texts_en.ts";

const nl = {
  sending: "Uw bestand wordt verzonden …",
};

export type Texts = typeof nl;
export const texts = pickTexts({ nl, en });
