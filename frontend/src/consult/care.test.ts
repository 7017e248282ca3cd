import { expect, it } from "vitest";
import { called } from "./care.ts";

const patient = { practice: "De Linde", relation: null, of: null };
const mother = { practice: "De Linde", relation: "mother" as const, of: "Noor Peters" };

it("says who a patient is, and nothing of a colleague", () => {
  expect(called({ name: "Anna de Vries" })).toBe("Anna de Vries");
  expect(called({ name: "Wim de Boer", care: [patient, { ...patient, practice: "De Eik" }] })).toBe("Wim de Boer (patiënt)");
  expect(called({ name: "Nadia Peters", care: [patient, mother] })).toBe("Nadia Peters (moeder van Noor Peters)");
});
