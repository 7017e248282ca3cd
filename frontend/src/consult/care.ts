/** What stands beside the name of a patient: that they are one, or for whom they act. */

import type { Care, PersonListed } from "./api.ts";
import { texts } from "./texts.ts";

const words = texts.care;

const saidOf = ({ relation, of }: Care): string => (relation && of ? words.actsFor(words.relation[relation], of) : words.patient);

/** `Nadia Peters (moeder van Noor)`, `Wim de Boer (patiënt)`; of colleagues the name alone. */
export function called({ name, care = [] }: Pick<PersonListed, "name" | "care">): string {
  const acting = care.filter(({ relation }) => relation !== null);
  const said = [...new Set((acting.length > 0 ? acting : care).map(saidOf))];
  return said.length > 0 ? `${name} (${said.join(", ")})` : name;
}
