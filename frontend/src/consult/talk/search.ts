/** Finding what was said, among what this browser has decrypted: neither the words nor what is found leaves it. */

import type { Line } from "./thread.ts";

/** A conversation as one looks for it: who is in it, and what was said. */
export interface Searched<C> {
  conversation: C;
  names: string[];
  lines: { line: Line; author: string }[];
}

export interface Found<C> {
  /** Those in which somebody, or a team, is called so. */
  conversations: C[];
  /** The newest first. */
  messages: { conversation: C; line: Line }[];
}

/** Without accents and capitals: who looks for `cafe` means `Café` too. */
export const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();

const wordsOf = (text: string): string[] => plain(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);

const begins = (words: string[], ...wanted: string[]): boolean => words.some((word) => wanted.some((each) => word.startsWith(each)));

/** Each word that is asked for must begin one that is there: in a message, the names of its files, or its author's name. */
export function search<C>(among: Searched<C>[], query: string): Found<C> {
  const wanted = wordsOf(query);
  if (wanted.length === 0) return { conversations: [], messages: [] };
  const fits = (words: string[]): boolean => wanted.every((each) => begins(words, each));
  const conversations = among.filter(({ names }) => fits(wordsOf(names.join(" ")))).map(({ conversation }) => conversation);
  const messages = among.flatMap(({ conversation, lines }) =>
    lines
      .filter(({ line, author }) => {
        const said = wordsOf([line.text, ...line.attachments.map(({ name }) => name)].join(" "));
        return wanted.some((each) => begins(said, each)) && fits([...said, ...wordsOf(author)]);
      })
      .map(({ line }) => ({ conversation, line })),
  );
  messages.sort((one, other) => other.line.at.localeCompare(one.line.at));
  return { conversations, messages };
}

const BEFORE = 30;

/** The part of a text where the first word that was asked for stands; the beginning where none does. */
export function excerpt(text: string, query: string): string {
  const wanted = wordsOf(query);
  const found = [...text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)].find(([word]) => begins(wordsOf(word), ...wanted));
  const at = found?.index ?? 0;
  return at > BEFORE ? `…${text.slice(text.lastIndexOf(" ", at - BEFORE / 2) + 1)}` : text;
}

/** A text in pieces: words that were asked for, and what stands between them. */
export function pieces(text: string, query: string): { text: string; found: boolean }[] {
  const wanted = wordsOf(query);
  return text
    .split(/([\p{L}\p{N}\p{M}]+)/u)
    .filter((piece) => piece !== "")
    .map((piece) => ({ text: piece, found: begins(wordsOf(piece), ...wanted) }));
}
