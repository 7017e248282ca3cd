/** The words of e-consults, for patients and for those who answer. */

import { pickTexts } from "../../lib/texts.ts";
import { en } from "./texts_en.ts";

const nl = {
  title: "E-consult",
  summary: "Samenvatting",
  list: "E-consulten",
  listCounted: (count: number) => `E-consulten (${count} in de rij)`,
  urgency: (urgency: string) => `Urgentie ${urgency}`,
  arrived: (when: string) => `binnen sinds ${when}`,
  open: "Open",
  pickUp: "Pak op",
  handOver: "Draag over",
  close: "Sluit af",
  putBack: "Terug in de rij",
  needsSummary: "Schrijf eerst een samenvatting.",
  waits: "wacht in de rij",
  heldBy: (who: string) => `opgepakt door ${who}`,
  closedBy: (who: string) => `afgesloten door ${who}`,
  differs: (ours: string, theirs: string) => `Let op: uit de antwoorden volgt ${ours}. De browser van de patiënt gaf ${theirs} door.`,
  phoning: "bellen",
  until: (when: string) => `Schrijven kan nog tot ${when}.`,
  over: "Dit e-consult is afgesloten. Schrijven kan hier niet meer.",
  // What patients read.
  place: "Uw plaats in de rij",
  expected: (from: string, until: string) => `Uw praktijk leest zo’n vraag meestal tussen ${from} en ${until}.`,
  longer: "Het duurt langer dan gewoonlijk. Uw vraag blijft in de rij.",
  due: (when: string) => `U krijgt uiterlijk ${when} antwoord.`,
  being: (who: string) => `${who} heeft uw vraag opgepakt en antwoordt hier.`,
  worse: "Wordt het erger? Wacht niet op antwoord.",
  callThem: (practice: string) => `Bel ${practice}: `,
  callThemUnknown: (practice: string) => `Bel ${practice}.`,
  emergency: " Levensgevaar? Bel ",
  answerAll: (question: string) => `Beantwoord dit nog: ${question}`,
  needs: (label: string) => `Vul dit nog in: ${label}`,
  optional: (label: string) => `${label} (mag leeg)`,
  call112: "Bel nu 112",
  phone112: "Bel 112",
  call112Why: "Dit kan levensgevaarlijk zijn. Wacht niet en stuur geen bericht. Uw antwoorden zijn niet verstuurd.",
  notSent: "Uw vraag is niet verstuurd",
  callUs: "Bel uw praktijk, nu",
  callUsWhy: "Dit kan niet op een bericht wachten. Uw antwoorden zijn niet verstuurd.",
  failedWhy: "Wij kunnen hier niet goed beoordelen hoeveel haast uw vraag heeft. Uw antwoorden zijn niet verstuurd.",
  closed: (practice: string) => `Een e-consult aan ${practice} kan nu niet`,
  canWait: "Uw vraag kan op een bericht wachten",
  canWaitWhy: (span: string) => `Schrijf uw vraag. U krijgt binnen ${span} antwoord.`,
  selfCare: "Wat u nu zelf kunt doen",
  selfCareWhy: "Wilt u uw vraag toch sturen? Dat mag.",
  hours: (hours: number) => `${hours} uur`,
};

export type Words = typeof nl;
export const words = pickTexts({ nl, en });
