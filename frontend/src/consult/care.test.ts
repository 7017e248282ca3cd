import { expect, it } from "vitest";
import { called } from "./care.ts";
import { texts } from "./texts.ts";

const words = texts.care; // in the language of whoever runs this: Node has none, Chromium its own

const patient = { practice: "De Linde", relation: null, of: null };
const mother = { practice: "De Linde", relation: "mother" as const, of: "Noor Peters" };

it("says who a patient is, and nothing of a colleague", () => {
  expect(called({ name: "Anna de Vries" })).toBe("Anna de Vries");
  expect(called({ name: "Wim de Boer", care: [patient, { ...patient, practice: "De Eik" }] })).toBe(`Wim de Boer (${words.patient})`);
  expect(called({ name: "Nadia Peters", care: [patient, mother] })).toBe(`Nadia Peters (${words.actsFor(words.relation.mother, "Noor Peters")})`);
});
