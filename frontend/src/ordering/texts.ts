/** The words of the pages about ordering. */

import { pickTexts } from "../lib/texts.ts";
import { capitalise, formatDay } from "../lib/format.ts";

const nl = {
  prepare: {
    saved: (time: string) => `Bewaard om ${time} uur.`,
    refused: "Nog niet bewaard. Op de pagina staat wat er niet klopt.",
    nowChoice: (day: string, rank: number) => `${capitalise(formatDay(day))} is nu uw ${rank}e keus.`,
    dropped: (day: string) => `${capitalise(formatDay(day))} is van de lijst.`,
    noConnection: "Er is geen verbinding met Balie. Wat u invulde staat nog op dit scherm. Bewaar het zo opnieuw.",
    ourFault: "Dit ging bij ons mis. Wat u invulde staat nog op dit scherm. Bewaar het zo opnieuw.",
  },
  mail: {
    said: (recipient: string, say: string) => `Mail aan ${recipient}: ${say}`,
  },
};

export const texts = pickTexts({ nl });
