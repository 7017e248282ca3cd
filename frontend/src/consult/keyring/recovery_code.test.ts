import { expect, it } from "vitest";
import { passphrase } from "../../crypto/unlocking.ts";
import { newCode, readCode, wordList } from "./recovery_code.ts";

/** Words of one letter after another: aaa, aab, … */
const LIST = Array.from({ length: 4096 }, (_, at) =>
  [at >> 8, (at >> 4) & 15, at & 15].map((digit) => String.fromCharCode(97 + digit)).join(""),
);
const KNOWN = new Set(LIST);

it("draws ten words of the list, others every time", () => {
  const codes = Array.from({ length: 50 }, () => newCode(LIST));
  expect(new Set(codes).size).toBe(50);
  for (const code of codes) {
    expect(code.split("-")).toHaveLength(10);
    expect(code.split("-").every((word) => KNOWN.has(word))).toBe(true);
    expect(passphrase(code)).toBe(code);
  }
});

it.each([["too short", LIST.slice(0, 2047)], ["with a word twice", [...LIST, "aaa"]]])("refuses a list that is %s", (_, list) => {
  expect(() => newCode(list)).toThrow(RangeError);
});

it.each(["-", " ", ", ", "\n", " – "])("reads a code with %j between its words, in capitals too", (between) => {
  const code = newCode(LIST);
  expect(readCode(code.split("-").join(between).toUpperCase(), KNOWN)).toEqual({ code, words: 10, unknown: [] });
});

it("says how many words there are, and which it does not know", () => {
  expect(readCode("aaa aab zzz", KNOWN)).toEqual({ code: null, words: 3, unknown: [{ place: 3, word: "zzz" }] });
});

it("takes ten words of another list, and says that it does not know them", () => {
  const { code, unknown } = readCode("zzz ".repeat(10), KNOWN);
  expect([code, unknown.length]).toEqual([`${"zzz-".repeat(9)}zzz`, 10]);
});

it("draws from Dutch words that are easily told apart from what is not on the list", async () => {
  const words = await wordList();
  expect(words.length).toBeGreaterThanOrEqual(2048);
  expect(new Set(words).size).toBe(words.length);
  expect(words.every((word) => /^[a-z]{4,8}$/.test(word))).toBe(true);
  expect(readCode(newCode(words), new Set(words)).unknown).toEqual([]);
});
