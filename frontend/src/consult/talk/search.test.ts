/** What one finds, by what was said and by who said it. */

import { expect, it } from "vitest";
import { excerpt, pieces, search, type Searched } from "./search.ts";
import type { Line } from "./thread.ts";

const line = (id: string, text: string, at: string, files: string[] = []): Line =>
  ({ id, text, at, attachments: files.map((name) => ({ name })) }) as unknown as Line;

const among: Searched<string>[] = [
  {
    conversation: "emma",
    names: ["Emma Visser"],
    lines: [
      { line: line("m1", "Kunt u vanmiddag invallen?", "1"), author: "Anna de Vries" },
      { line: line("m2", "Ja, in Café De Brug", "3"), author: "Emma Visser" },
    ],
  },
  { conversation: "rik", names: ["Rik Bos", "Wijkteam Rietveen"], lines: [{ line: line("m3", "Zie de foto van vanmiddag", "2", ["pols-rechts.jpg"]), author: "Rik Bos" }] },
];
const found = (query: string): string[] => search(among, query).messages.map(({ line: { id } }) => id);

it.each([
  ["vanmiddag", ["m3", "m1"]],
  ["INVAL", ["m1"]],
  ["cafe", ["m2"]],
  ["pols", ["m3"]],
  ["vanmiddag anna", ["m1"]],
  ["vanmiddag emma", []],
  ["middag", []],
  ["", []],
  ["?", []],
])("finds messages by the beginnings of words, the newest first: %s", (query, ids) => {
  expect(found(query)).toEqual(ids);
});

it("finds conversations by people and teams, not all that they said", () => {
  expect(search(among, "emma").conversations).toEqual(["emma"]);
  expect(search(among, "rietveen").conversations).toEqual(["rik"]);
  expect(found("emma")).toEqual([]);
});

it("shows the place where it was found", () => {
  const long = "Mevrouw is gisteren gevallen in de gang, en heeft nu een blauwe pols";
  expect(excerpt(long, "blauwe")).toMatch(/^….*een blauwe pols$/);
  expect(excerpt(long, "mevrouw")).toBe(long);
  expect(excerpt(long, "niets")).toBe(long);
});

it("tells which words were asked for, whole and as they were written, and loses nothing of the rest", () => {
  const found = pieces("Café dicht, de cafeïne op.", "cafe op");
  expect(found.filter((each) => each.found).map(({ text }) => text)).toEqual(["Café", "cafeïne", "op"]);
  expect(found.map(({ text }) => text).join("")).toBe("Café dicht, de cafeïne op.");
  expect(pieces("niets", "").some((each) => each.found)).toBe(false);
});
