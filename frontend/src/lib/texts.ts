/**
 * Words that TypeScript puts on screens. Each area has a dictionary per language: Dutch in its texts.ts, which gives the
 * type, and English beside it in texts_en.ts. The page's language chooses; English comes from the server only to whom
 * reads it.
 */

export const language: "nl" | "en" =
  typeof document !== "undefined" && document.documentElement.lang.startsWith("en") ? "en" : "nl";

export function pickTexts<T>(dictionaries: { nl: T; en: T }): T {
  return dictionaries[language];
}

/** As `pickTexts`, for a dictionary large enough to fetch its English only when that is asked for. */
export async function loadTexts<T>(nl: T, english: () => Promise<{ en: T }>): Promise<T> {
  return language === "en" ? (await english()).en : nl;
}

const nl = {
  age: (age: string) => `Stand van ${age} geleden`,
  liveAge: (age: string) => `Live: stand van ${age} geleden`,
  noConnection: "Geen verbinding met Balie",
  noConnectionBody: (age: string | null) =>
    `Wij proberen het elke seconde opnieuw. ${age === null ? "" : `Wat u ziet is van ${age} geleden. `}Uw plaats blijft staan.`,
  clockStill: "De klok staat stil",
  healthy: "Alles werkt",
  ill: "Er is een storing bij ons",
  blocked: "Uw praktijk kan nu niet bestellen",
  blockedBody: (phone: string) =>
    phone
      ? `De organisatie heeft het bestellen voor uw praktijk stilgezet. Bel ${phone}. Uw nummer blijft geldig.`
      : "De organisatie heeft het bestellen voor uw praktijk stilgezet. Bel de organisatie. Uw nummer blijft geldig.",
  signedOut: "U bent niet meer ingelogd. Log opnieuw in; uw plaats blijft staan.",
  otherPractice: "In een ander tabblad koos u een andere praktijk. Laad deze pagina opnieuw.",
  fault: "Dit ging bij ons mis",
  faultBody:
    "U deed niets verkeerd, en er is niets veranderd. Probeer het opnieuw. Lukt het niet? Bel de hulplijn onderaan en noem het nummer op dit briefje.",
  reference: "Foutnummer",
  atTime: (time: string) => `${time} uur`,
};

const en: typeof nl = {
  age: (age) => `As of ${age} ago`,
  liveAge: (age) => `Live: as of ${age} ago`,
  noConnection: "No connection to Balie",
  noConnectionBody: (age) =>
    `We try again every second. ${age === null ? "" : `What you see is from ${age} ago. `}You keep your place.`,
  clockStill: "The clock stands still",
  healthy: "Everything works",
  ill: "There is an outage on our side",
  blocked: "Your practice cannot order now",
  blockedBody: (phone) =>
    phone
      ? `The organisation has put ordering on hold for your practice. Phone ${phone}. Your number stays valid.`
      : "The organisation has put ordering on hold for your practice. Phone the organisation. Your number stays valid.",
  signedOut: "You are no longer logged in. Log in again; you keep your place.",
  otherPractice: "You chose another practice in another tab. Reload this page.",
  fault: "This went wrong on our side",
  faultBody:
    "You did nothing wrong, and nothing has changed. Try again. If it does not work, call the helpline at the bottom and mention the number on this ticket.",
  reference: "Fault number",
  atTime: (time) => time,
};

export const texts = pickTexts({ nl, en });
