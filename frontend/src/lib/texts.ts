/**
 * Words that TypeScript puts on screens. Each area has its own texts.ts with a dictionary per language; this picks one.
 * Dutch is complete by definition; English follows its type.
 */

export function pickTexts<T>(dictionaries: { nl: T; en?: T }): T {
  const language = typeof document === "undefined" ? "nl" : document.documentElement.lang;
  return (language.startsWith("en") ? dictionaries.en : undefined) ?? dictionaries.nl;
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
  signedOut: "U bent niet meer ingelogd. Log opnieuw in; uw plaats blijft staan.",
  otherPractice: "In een ander tabblad koos u een andere praktijk. Laad deze pagina opnieuw.",
};

export const texts = pickTexts({ nl });
