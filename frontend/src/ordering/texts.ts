/** The words of the pages about ordering. */

import { capitalise, formatDate, formatDay, formatNumber } from "../lib/format.ts";
import { loadTexts } from "../lib/texts.ts";

const nl = {
  and: " en ",
  prepare: {
    saved: (time: string) => `Bewaard om ${time} uur.`,
    refused: "Nog niet bewaard. Op de pagina staat wat er niet klopt.",
    nowChoice: (day: string, rank: number) => `${capitalise(formatDay(day))} is nu uw ${rank}e keus.`,
    dropped: (day: string) => `${capitalise(formatDay(day))} is van de lijst.`,
    noConnection: "Er is geen verbinding met Balie. Wat u invulde staat nog op dit scherm. Bewaar het zo opnieuw.",
    ourFault: (reference: string | null) =>
      `Dit ging bij ons mis. U deed niets verkeerd, en wat u invulde staat nog op dit scherm. Bewaar het zo opnieuw.${reference ? ` Lukt het niet? Bel de hulplijn en noem foutnummer ${reference}.` : ""}`,
  },
  mail: {
    said: (recipient: string, say: string) => `Mail aan ${recipient}: ${say}`,
  },
  order: {
    together: "Samen",
    doses: (doses: string) => `${doses} doses`,
    address: "Adres",
    cost: (euros: string) => `Dit zijn meer bezorgingen dan er gratis zijn: het kost ${euros}.`,
  },
  window: {
    tab: (countdown: string, dates: string) => `${countdown} over: bestel ${dates}`,
    left: (milliseconds: number) => `Nog ${inWords(milliseconds)}`,
    until: (time: string) => `Tot ${time} uur. Een klik die op tijd bij ons is, telt altijd.`,
    twoMinutes: "Nog 2 minuten.",
    lastMinute: "Nog 1 minuut",
    lastSeconds: "Nog 15 seconden",
    press: (time: string) =>
      `Druk vóór ${time} uur op ‘Bestel definitief’. Een klik die op tijd bij ons is, telt, ook als het antwoord later komt.`,
  },
  desk: {
    check: "Kijk uw bestelling na en bestel",
    choose: "Kies uw bezorgdag",
    chooseTab: "U bent aan de beurt: kies uw bezorgdag",
    confirm: "Bestel definitief",
    confirming: "Wij leggen uw bestelling vast …",
    confirmingAgain: "Uw klik telt. Wij proberen het opnieuw …",
    holdFirst: (day: string) => `Houd ${formatDate(day)} voor mij vast`,
    holding: (day: string) => `Wij houden ${formatDate(day)} voor u vast …`,
    releasing: "Wij geven uw datum terug …",
    otherDay: "Liever een andere dag? Kies die in de kalender. Uw oude datum komt dan vrij; uw tijd loopt door.",
    first: (day: string, rank: number) => `De eerste vrije datum van uw lijst is nu ${formatDay(day)}, uw ${rank}e keus.`,
    noneFree: "Van uw lijst is nu niets vrij. Kies een dag in de kalender.",
    noList: "Kies een dag in de kalender.",
    starts: (windowMs: number) => `Uw ${inWords(windowMs)} beginnen pas als u een dag kiest.`,
    nothing: "U heeft nog niet ingevuld hoeveel doses u wilt. Doe dat eerst; uw beurt blijft geldig.",
    fillIn: "Vul de aantallen in",
    again: "Begin opnieuw",
    againFor: (dates: string) => `Wij houden dan ${dates} weer voor u vast, als er nog plaats is.`,
    lapsedTab: "Uw tijd is voorbij",
  },
  calendar: {
    weekdays: [
      ["ma", "maandag"],
      ["di", "dinsdag"],
      ["wo", "woensdag"],
      ["do", "donderdag"],
      ["vr", "vrijdag"],
    ] satisfies [short: string, long: string][],
    caption: (month: string) => `${month}, werkdagen. Pijltjestoetsen: dag kiezen. Enter: deze dag vasthouden.`,
    state: { free: "vrij", held: "even bezet", small: "te weinig", full: "vol", yours: "uw datum" },
    choice: "keus",
    noDelivery: "geen bezorging",
    doses: (amount: number, held: boolean) => `${formatNumber(amount)} ${amount === 1 ? "dosis" : "doses"}${held ? " bezet" : ""}`,
    addresses: (amount: number, held: boolean) =>
      `${formatNumber(amount)} ${amount === 1 ? "adres" : "adressen"}${held ? " bezet" : ""}`,
    gone: (doses: boolean, addresses: boolean): string =>
      doses && addresses ? "doses en adressen op" : doses ? "doses op" : "adressen op",
  },
  table: {
    caption: (month: string) => `Bezorgdagen in ${month}`,
    region: "Tabel met bezorgdagen",
    onlyFree: "Toon alleen dagen die voor mijn bestelling vrij zijn",
    nothingFree: "In deze maand is niets vrij voor uw bestelling. Kijk in een andere maand.",
    choose: "Kies",
    until: (time: string) => `tot ${time}`,
    columns: {
      day: "Dag",
      state: "Voor u",
      doses: "Doses vrij",
      dosesShort: "Doses",
      held: "Even bezet",
      addresses: "Adressen vrij",
      addressesShort: "Adr.",
      list: "Uw lijst",
      choose: "Kiezen",
    },
  },
  say: {
    held: (dates: string) => `Wij houden ${dates} voor u vast.`,
    yours: "Deze dag houden wij al voor u vast.",
    why: {
      full: (day: string) => `${capitalise(formatDay(day))} is vol.`,
      small: (day: string) => `Op ${formatDay(day)} is te weinig over voor uw hele bestelling.`,
      held: (day: string) => `${capitalise(formatDay(day))} is even bezet. Komt er plaats, dan ziet u dat hier meteen.`,
    },
    wishFree: (day: string, rank: number) => `Uw ${rank}e keus, ${formatDay(day)}, is nu vrij.`,
    wishGone: (day: string, rank: number) => `Uw ${rank}e keus, ${formatDay(day)}, is nu niet meer vrij.`,
  },
  moment: {
    gone: (day: string) => `${capitalise(formatDay(day))} is net vol`,
    goneList: "De data van uw lijst zijn net vol geraakt",
    goneNear: "Een andere praktijk was iets eerder. U heeft nog niets verloren. Dichtbij zijn vrij:",
    goneNearInside: (dates: string) =>
      `Een andere praktijk was iets eerder. Uw tijd loopt door en u houdt ${dates}. Dichtbij zijn vrij:`,
    goneNothing: "Een andere praktijk was iets eerder. U heeft nog niets verloren. Kies een andere dag in de kalender.",
    lapsed: (windowMs: number) => `Uw ${inWords(windowMs)} zijn voorbij`,
    lapsedBody: (dates: string) =>
      `Er is niets besteld. ${capitalise(dates)} is weer vrijgegeven. U mag meteen opnieuw beginnen; uw beurt is nog geldig.`,
    stillBody: (dates: string) =>
      dates
        ? `Er is een storing bij ons. Uw tijd loopt niet en ${dates} blijft van u. U hoeft niets te doen.`
        : "Er is een storing bij ons. Uw beurt blijft geldig. U hoeft niets te doen.",
    back: "Wij zijn er weer",
    backBody: (milliseconds: number, dates: string) =>
      `U heeft nog ${inWords(milliseconds)}, net als voor de storing. ${capitalise(dates)} is nog van u.`,
    backBodyPlain: "Alles werkt weer. Uw beurt is nog geldig.",
    extended: "U heeft extra tijd gekregen",
    extendedBody: (until: string) => `Uw tijd loopt nu tot ${until} uur. U hoeft daar niets voor te doen.`,
    unblocked: "U kunt weer bestellen",
    unblockedBody: "Uw beurt is nog geldig. Kies uw bezorgdag.",
    elsewhere: "Er is iets gekozen in een ander tabblad of door een collega",
    elsewhereHeld: (dates: string) => `Voor uw praktijk wordt nu ${dates} vastgehouden. Dat ziet u hier ook.`,
    elsewhereReleased: "De datum van uw praktijk is teruggegeven. U kunt hier een andere dag kiezen.",
    released: (dates: string) => `${capitalise(dates)} is teruggegeven`,
    releasedBody: "Een andere praktijk kan die dag nu kiezen. Uw beurt blijft geldig.",
    badLines: "Uw bestelling past niet bij de regels",
    badLinesRepair: "Wijzig de aantallen",
    failed: "Het is nog niet gelukt",
    failedBody: "Er kwam geen antwoord. Wat u heeft, blijft van u. Probeer het zo opnieuw.",
    failedConfirm:
      "Er kwam geen antwoord. Misschien staat uw bestelling al vast; dan ziet u dat hier vanzelf. Druk gerust nog eens: u bestelt nooit dubbel.",
    login: "Log opnieuw in",
    reload: "Laad opnieuw",
  },
};

/** `3 minuten en 47 seconden` */
function inWords(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  const parts = [
    minutes > 0 ? `${minutes} ${minutes === 1 ? "minuut" : "minuten"}` : "",
    rest > 0 || minutes === 0 ? `${rest} ${rest === 1 ? "seconde" : "seconden"}` : "",
  ];
  return parts.filter(Boolean).join(" en ");
}

export type Texts = typeof nl;
export const texts = await loadTexts(nl, () => import("./texts_en.ts"));
