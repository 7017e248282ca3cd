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

/** What is wrong with a code as it was typed: how many words there are, and which of them are not on the list. */
export interface CodeFault {
  words: number;
  unknown: { place: number; word: string }[];
}

/** The code as it was printed; or what to look at again. */
export function readCode(typed: string, list: ReadonlySet<string>): { code: string } | { fault: CodeFault } {
  const words = typed.normalize("NFKC").toLowerCase().split(/[^\p{L}]+/u).filter(Boolean);
  const unknown = words.flatMap((word, at) => (list.has(word) ? [] : [{ place: at + 1, word }]));
  if (words.length !== WORDS || unknown.length > 0) return { fault: { words: words.length, unknown } };
  return { code: passphrase(words.join("-")) };
}
