/** The recovery code: ten words at random, printed once, that open the keyset without any server. */

import { passphrase } from "../../crypto/unlocking.ts";

const WORDS = 10;
const LEAST = 2048;

/** Ten words of `list`, each as likely as any other. */
export function newCode(list: readonly string[]): string {
  if (new Set(list).size !== list.length || list.length < LEAST) throw new RangeError("word list");
  return Array.from({ length: WORDS }, () => list[below(list.length)]!).join("-");
}

/** A whole number from 0, below `limit`; what would make some likelier is drawn again. */
function below(limit: number): number {
  const fair = 2 ** 32 - (2 ** 32 % limit);
  for (;;) {
    const [drawn] = crypto.getRandomValues(new Uint32Array(1));
    if (drawn! < fair) return drawn! % limit;
  }
}

/** A code as it was typed: the code, unless it is no ten words; and which words are not on the list, to look at again. */
export interface TypedCode {
  code: string | null;
  words: number;
  unknown: { place: number; word: string }[];
}

/** Words that are not on the list may be right all the same: cards outlive lists. */
export function readCode(typed: string, list: ReadonlySet<string>): TypedCode {
  const words = typed.normalize("NFKC").toLowerCase().split(/[^\p{L}]+/u).filter(Boolean);
  const unknown = words.flatMap((word, at) => (list.has(word) ? [] : [{ place: at + 1, word }]));
  const right = words.length === WORDS && words.every((word) => /^[a-z]+$/.test(word));
  return { code: right ? passphrase(words.join("-")) : null, words: words.length, unknown };
}

/** The words that codes are drawn from; `make_words.ts` tells where they come from. */
export async function wordList(): Promise<string[]> {
  const { default: text } = await import("./words_nl.txt?raw");
  return text.trim().split("\n");
}
