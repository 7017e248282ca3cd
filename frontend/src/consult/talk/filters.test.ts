/** Which conversations are shown where. */

import { expect, it } from "vitest";
import { ALL, type Filed, type Filter, shows } from "./filters.ts";

const filed = (more: Partial<Filed> = {}): Filed => ({ members: ["person:emma"], unread: 0, flagged: false, archived: false, ...more });

it.each<[string, Partial<Filter>, Partial<Filed>, boolean]>([
  ["all", {}, {}, true],
  ["what is archived is not in the inbox", {}, { archived: true }, false],
  ["but in the archive", { folder: "archive" }, { archived: true }, true],
  ["where nothing else is", { folder: "archive" }, {}, false],
  ["a flag shows, archived or not", { folder: "flagged" }, { flagged: true, archived: true }, true],
  ["no flag", { folder: "flagged" }, {}, false],
  ["with somebody", { who: "person:emma" }, {}, true],
  ["with somebody else", { who: "team:rietveen" }, {}, false],
  ["only what is new", { unread: true }, { unread: 2 }, true],
  ["nothing new", { unread: true }, {}, false],
])("%s", (_what, filter, conversation, shown) => {
  expect(shows({ ...ALL, ...filter }, filed(conversation))).toBe(shown);
});
