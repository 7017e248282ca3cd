/** The words of the pages about conversations and keys. */

import { pickTexts } from "../lib/texts.ts";
import { en } from "./texts_en.ts";

const nl = {
  and: " en ",
  fault: "Dit ging bij ons mis. U deed niets verkeerd. Probeer het zo opnieuw.",
  noConnection: "Er is geen verbinding met Balie. Wij proberen het vanzelf opnieuw.",
  signedOut: "U bent niet meer ingelogd. Log opnieuw in; er is niets verloren.",
  noStorage: "Deze browser bewaart niets voor ons, zoals in een privévenster. Gebruik een gewoon venster.",
  unlock: {
    servers: (others: string) =>
      others
        ? `Dat ligt aan ons. U komt er toch in: ${others}. Wij proberen het vanzelf weer.`
        : "Dat ligt aan ons. Wij proberen het vanzelf weer.",
    byPasskey: "met uw passkey",
    byCode: "met uw herstelkaart",
    needsServers: "Kan nu niet; wij proberen het vanzelf weer",
    busy: "Wij ontgrendelen uw gesprekken…",
    stopped: "Er is geen passkey gebruikt. Probeer het opnieuw, of kies een andere manier.",
    notHere: "Dit lukte niet op dit apparaat. Kies een andere manier.",
    tooFew: (parts: string) => `Wij kregen uw sleutel niet bij elkaar (${parts}). Kies een andere manier, of probeer het zo weer.`,
    part: {
      unreachable: "niet bereikbaar",
      late: "gaf geen antwoord",
      busy: "te druk",
      token: "kent uw login niet",
      refused: "weigerde",
      limit: "gaf vandaag al te vaak",
      rejected: "begreep ons niet",
      "bad-reply": "gaf een fout antwoord",
      "bad-share": "gaf een verkeerd deel",
      gave: "werkt",
      "not-asked": "niet gevraagd",
    },
    wrongCode: "Deze woorden openen uw sleutel niet. Kijk of u de nieuwste kaart heeft.",
    words: (count: number) => `Dit zijn ${count} ${count === 1 ? "woord" : "woorden"}; op de kaart staan er 10.`,
    lookAgain: (words: string) => `Kijk nog eens naar: ${words}.`,
    word: (place: number, word: string) => `woord ${place} (${word})`,
    waiting: "Wij wachten op uw andere apparaat. Dat kan nog 2 minuten.",
    lapsed: "Het duurde te lang. Kies deze manier opnieuw voor een nieuwe code.",
  },
  keys: {
    making: "Wij maken uw sleutel…",
    complete: "Klaar: u komt altijd weer bij uw gesprekken",
    completeBody: "Er zijn twee manieren om uw sleutel op een ander apparaat te openen.",
    incomplete: "Nog niet klaar",
    incompleteBody: "Maak twee manieren om uw sleutel te openen. Met maar één manier kunt u uw gesprekken kwijtraken.",
    passkeyTodo: "Uw vinger, gezicht of pincode opent uw sleutel, ook op een nieuw apparaat.",
    passkeyDone: (count: number) => (count === 1 ? "U heeft één passkey." : `U heeft ${count} passkeys.`),
    passkeyByServers: "Deze werkt samen met de sleutelservers.",
    passkeyWithout: "Deze passkey heeft de sleutelservers nodig, en die hebben uw deel nog niet.",
    passkeyMore: "Nog een passkey",
    passkeyFirst: "Maak een passkey",
    codeTodo: "Tien woorden op papier. Werkt altijd, ook als bij ons alles stilstaat.",
    codeDone: "Uw laatste kaart telt. Oudere kaarten openen niets meer.",
    codeMore: "Maak een nieuwe kaart",
    codeFirst: "Maak een herstelkaart",
    serversTodo: "Zij krijgen hun deel zodra u een passkey heeft.",
    serversAsking: "Wij vragen of zij uw deel nog hebben…",
    serversHold: (names: string) => `Alle drie hebben uw deel: ${names}.`,
    serversSome: (well: string, ill: string) => `Uw deel is goed bij ${well}. Niet bij ${ill}; twee zijn genoeg.`,
    serversFew: (ill: string) => `Nu niet genoeg: ${ill}. Zorg dat uw herstelkaart klaarligt.`,
    server: (name: string, did: string) => `${name} (${did})`,
    holds: "heeft uw deel",
    card: {
      who: (name: string) => `Herstelkaart van ${name}`,
      made: (moment: string) => `Gemaakt op ${moment}. Met een nieuwe kaart vervalt deze.`,
      confirm: (place: number) => `Typ ter controle woord ${place} van de kaart`,
      wrong: "Dat is een ander woord. Kijk op de afgedrukte kaart.",
    },
    device: (day: string) => `Apparaat sinds ${day}`,
    thisDevice: "Dit apparaat",
    revoked: "Ingetrokken",
    revoke: "Trek in",
    revokeName: (device: string) => `: ${device}`,
    revokeAsk: "Dit apparaat kan dan niets meer sturen of lezen. U krijgt een nieuwe sleutel en maakt daarna een nieuwe herstelkaart.",
    revoking: "Wij trekken het apparaat in en maken uw nieuwe sleutel…",
    revokeSure: "Trek dit apparaat in",
    approved: "Toegelaten. Uw andere apparaat opent nu.",
    changed: "sleutel gewijzigd",
  },
};

export type Texts = typeof nl;
export const texts = pickTexts({ nl, en });
