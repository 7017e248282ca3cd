/** Words of what many pages have. */

import { pickTexts } from "../lib/texts.ts";
import { en } from "./texts_en.ts";

const nl = {
  passkey: {
    stopped: "Er is geen passkey gebruikt. Probeer het opnieuw, of kies een andere manier.",
    there: "Op dit apparaat staat al een passkey van u voor Balie.",
    noConnection: "Er is geen verbinding met Balie. Probeer het zo opnieuw.",
    failed: "Dit lukte niet op dit apparaat. Probeer het opnieuw, of kies een andere manier.",
  },
};

export type Texts = typeof nl;
export const texts = pickTexts({ nl, en });
