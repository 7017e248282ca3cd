/** Words about practices and importing them. */

import { pickTexts } from "../lib/texts.ts";

const nl = {
  sending: "Uw bestand wordt verzonden …",
};

export const texts = pickTexts({ nl });
