/** The words of the page of reserves. */

import { pickTexts } from "../../lib/texts.ts";
import { en } from "./texts_en.ts";

const sheet = (number: number | null): string => (number === null ? "Op dit blad" : `Op blad ${number}`);

const nl = {
  facts: { made: "Gemaakt", drilled: "Laatste oefening", next: "Volgende oefening vóór", failed: "Niet gelukt" },
  happened: "Wat er met de reserve gebeurde",
  did: {
    reserve: "maakte een reserve op papier",
    "reserve-drilled": "oefende met twee bladen",
    "reserve-restored": "kwam met twee bladen weer binnen",
  } as Record<string, string>,
  drillFailed: "meldde dat een blad niet in orde is",
  nameless: "Team zonder naam",
  none: "Dit team heeft nog geen reserve. Raakt iedereen in het team zijn sleutel kwijt, dan zijn alle gesprekken weg.",
  invalid: "Deze reserve klopt niet. Maak een nieuwe.",
  madeAt: (day: string, who: string) => `${day}, door ${who}`,
  never: "Nog niet geoefend",
  drilled: (day: string, parts: string) => `${day}, met blad ${parts}`,
  failed: (day: string, parts: string, note: string) => `${day}: blad ${parts} niet in orde. ${note}`,
  and: " en ",
  covered: (keys: number) => (keys === 1 ? "De sleutel van het team zit erin." : `Alle ${keys} sleutels van het team zitten erin.`),
  lacking: (lacking: number, keys: number) =>
    `${lacking} van de ${keys} sleutels van het team zitten er nog niet in. Dat gebeurt vanzelf als een collega die ze heeft Gesprekken opent.`,
  holder: (number: number, name: string, role: string) => `Blad ${number}: ${name} (${role})`,
  due: (day: string) => `Oefenen had voor ${day} gemoeten. Doe het nu, met twee van de drie bladen.`,
  used: "Met deze reserve is iemand weer binnengelaten. Maak een nieuwe: de oude bladen gelden dan niet meer.",
  oldSuite: "Deze reserve gebruikt een oudere manier van versleutelen. Maak een nieuwe.",
  states: { none: "Geen reserve", due: "Oefenen nodig", used: "Vervang de reserve", well: "In orde" },
  notYours: "Alleen een beheerder van het team maakt een reserve en oefent ermee.",
  make: "Maak een reserve",
  remake: "Maak een nieuwe reserve",
  drill: "Oefen",
  forTeam: (team: string) => `: ${team}`,
  noTeams: "U zit nog niet in een team. Maak eerst een team bij Gesprekken, onder Uw teams.",
  fillHolders: "Vul bij elk blad een naam en een rol in.",
  sameHolders: "Kies drie verschillende mensen.",
  making: "Wij maken de bladen in uw browser…",
  sheetOf: (number: number, team: string) => `Blad ${number} van 3: reserve van ${team}`,
  sheetFor: (name: string, role: string) => `Voor ${name} (${role})`,
  sheetMade: (day: string, address: string) => `Gemaakt op ${day}. Gebruik dit blad op ${address}`,
  typeBack: (number: number, line: number, group: number) => `Blad ${number}: typ groepje ${group} van regel ${line}, van het papier`,
  typedWrong: (number: number, line: number, group: number) =>
    `Dat staat niet op blad ${number}. Kijk op het papier: regel ${line}, het ${group}e groepje van vier letters.`,
  kept: (team: string) => `De reserve van ${team} telt vanaf nu. Geef elk blad aan wie erop staat, in een dichte envelop.`,
  nothing: "Typ eerst de letters van een blad, of kies een foto van de code.",
  length: (number: number | null, letters: number, needed: number) => `${sheet(number)} staan ${needed} letters; u heeft er ${letters}. Vergelijk regel voor regel.`,
  lines: (number: number | null, lines: number[]) =>
    lines.length === 1 ? `${sheet(number)} klopt regel ${lines[0]} niet. Vergelijk die letter voor letter.` : `${sheet(number)} kloppen deze regels niet: ${lines.join(", ")}. Vergelijk ze letter voor letter.`,
  noSheet: "Dit is geen blad van een reserve.",
  notAsGiven: (number: number) => `Blad ${number} is niet zoals het is gemaakt. Vergelijk alle regels; klopt alles, gebruik dan een ander blad.`,
  older: (number: number, team: string) => `Blad ${number} is van een oudere reserve van ${team}. Die geldt niet meer. Zoek het nieuwe blad.`,
  elsewhere: (number: number) => `Blad ${number} is van een ander team of een andere praktijk.`,
  twice: (number: number) => `Blad ${number} heeft u al. Neem nu een ander blad.`,
  otherTeam: (number: number) => `Blad ${number} is van een ander team dan het eerste blad.`,
  noCode: "Op deze foto is geen code te lezen. Maak hem recht van boven, met goed licht, of typ de letters.",
  readWell: (number: number, name: string) => `Blad ${number} klopt (${name})`,
  first: "Eerste blad",
  second: "Tweede blad",
  passed: (numbers: string) => `De oefening is gelukt: met blad ${numbers} kan het team er weer in. De sleutel zelf is niet geopend.`,
  noted: "Genoteerd. Maak een nieuwe reserve als een blad echt weg is.",
  whichFailed: "Kies welk blad niet in orde is, en schrijf wat er is.",
  restoring: "Wij openen de sleutels van het team en maken uw nieuwe sleutel…",
  lackingHere: "U mist sleutels van het team",
  back: "Gelukt",
  restored: (team: string) => `U bent weer binnen bij ${team}.`,
  noReserve: "Geen van uw teams heeft een reserve. Zonder reserve kunnen alleen collega’s u weer binnenlaten.",
};

export type Words = typeof nl;
export const words = pickTexts({ nl, en });
