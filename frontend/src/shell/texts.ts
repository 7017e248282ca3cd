/** Words of what many pages have. */

import { pickTexts } from "../lib/texts.ts";
import { en } from "./texts_en.ts";

const nl = {
  unread: (count: number): string => (count === 1 ? " gesprek met nieuwe berichten" : " gesprekken met nieuwe berichten"),
  closed: {
    ordering: "Bestellen is nu dicht",
    chatOf: (name: string) => `De chat van ${name} is nu dicht`,
    ownChat: "Uw chat met patiënten is nu dicht",
    own: "Patiënten kunnen niets nieuws sturen en lezen waarom. U kunt blijven antwoorden.",
    look: "Bekijk wie u misschien moet bellen",
    call: " Bel ",
    emergency: " Levensgevaar? Bel ",
    kept: ". Wat u typte, staat nog op uw apparaat.",
    until: (day: string, time: string) => `Open vanaf ${day === "" ? "" : `${day} `}${time} uur.`,
  },
  passkey: {
    stopped: "Er is geen passkey gebruikt. Probeer het opnieuw, of kies een andere manier.",
    there: "Op dit apparaat staat al een passkey van u voor Balie.",
    noConnection: "Er is geen verbinding met Balie. Probeer het zo opnieuw.",
    failed: "Dit lukte niet op dit apparaat. Probeer het opnieuw, of kies een andere manier.",
  },
};

export type Texts = typeof nl;
export const texts = pickTexts({ nl, en });
