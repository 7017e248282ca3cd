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

/** Words in a form in which one sees at once whether one of them begins with another. */
const asIndex = (text: string): string => ` ${wordsOf(text).join(" ")}`;
const hasIn = (index: string, wanted: string): boolean => index.includes(` ${wanted}`);

const indexes = new WeakMap<Line, string>();

/** The words of a message and of the names of its files. Made once: what a line says does not change. */
export function indexOf(line: Line): string {
  const known = indexes.get(line);
  if (known !== undefined) return known;
  const made = asIndex([line.text, ...line.attachments.map(({ name }) => name)].join(" "));
  indexes.set(line, made);
  return made;
}

/** Each word that is asked for must begin one that is there: in a message, the names of its files, or its author's name. */
export function search<C>(among: Searched<C>[], query: string): Found<C> {
  const wanted = wordsOf(query);
  if (wanted.length === 0) return { conversations: [], messages: [] };
  const authors = new Map<string, string>();
  const author = (name: string): string => {
    if (!authors.has(name)) authors.set(name, asIndex(name));
    return authors.get(name)!;
  };
  const conversations = among.filter(({ names }) => wanted.every((each) => hasIn(asIndex(names.join(" ")), each)));
  const messages = among.flatMap(({ conversation, lines }) =>
    lines
      .filter((each) => {
        const said = indexOf(each.line);
        if (!wanted.some((word) => hasIn(said, word))) return false;
        return wanted.every((word) => hasIn(said, word) || hasIn(author(each.author), word));
      })
      .map(({ line }) => ({ conversation, line })),
  );
  messages.sort(({ line: one }, { line: other }) => (one.at === other.at ? 0 : one.at < other.at ? 1 : -1));
  return { conversations: conversations.map(({ conversation }) => conversation), messages };
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
