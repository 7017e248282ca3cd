/** What people are told of a sheet that they mistyped, and a drill without the shares of the key. */

import { expect, it } from "vitest";
import { b64, type Bytes } from "./encoding.ts";
import { Rejected } from "./reasons.ts";
import { drillName, drillWith, makeParts, misread, numberOn, readPart, type Reserve, writePart } from "./reserve.ts";

const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));
const set = b64(random(16));
const secret = random(32);
const parts = await makeParts(set, random(32), secret);
const [first, second, third] = parts.map(writePart) as [string, string, string];
/** This line with a letter exchanged; of 256 such lines one looks right, so the first that does not. */
async function wrong(text: string, line: number): Promise<string> {
  for (const letter of "ABCDEFGHIJ") {
    const tried = text.split("\n").map((each, at) => (at + 1 === line ? each.slice(0, 10) + letter + each.slice(11) : each)).join("\n");
    if ((await misread(tried)).lines.length > 0) return tried;
  }
  throw new Error("ten letters that look right");
}

it("names the line that was mistyped, or tells how many letters there are", async () => {
  expect(await misread(first)).toEqual({ letters: 144, needed: 144, lines: [] });
  for (const line of [1, 2, 3, 4, 5, 6]) expect((await misread(await wrong(second, line))).lines).toEqual([line]);
  expect((await misread(first.slice(0, -2))).letters).toBe(142);
  expect((await misread(" \n-")).letters).toBe(0);
});

it("knows which sheet it is from its first line alone", async () => {
  expect(await Promise.all([first, second, third].map(numberOn))).toEqual([1, 2, 3]);
  expect(await numberOn(third.split("\n")[0]!)).toBe(3);
  expect(await numberOn(third.slice(0, 20))).toBeNull();
  expect(await numberOn("")).toBeNull();
});

it("drills with shares of the drill secret alone", async () => {
  const [one, other] = [await readPart(first), await readPart(third)];
  for (const part of [one, other]) part.keyShare.fill(0);
  const stated = { set, drill: await drillName(set, secret) } as Reserve;
  await drillWith(stated, [one.drillShare, other.drillShare]);
  await expect(drillWith(stated, [one.drillShare])).rejects.toThrow(Rejected);
  const elsewhere = { ...stated, drill: await drillName(set, random(32)) };
  await expect(drillWith(elsewhere, [one.drillShare, other.drillShare])).rejects.toThrow("wrong-key");
});
