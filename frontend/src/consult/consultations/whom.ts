/** Of whom a consultatie can be asked in a conversation, and to whom it can be handed over. */

import type { ConsultationListed } from "../api.ts";
import type { Conversation } from "../talk/conversation.ts";
import { isPerson, PERSON, personOf } from "../talk/group.ts";
import { othersIn } from "../talk/inbox_view.ts";
import type { Talk } from "../talk/talk.ts";

/** Teams first, then people who are no patients. */
export function whomOf(talk: Talk, conversation: Conversation): string[] {
  if (talk.circle.actsAs(conversation) === null) return [];
  return othersIn(talk, conversation).filter((member) => !isPerson(member) || !talk.circle.directory.isPatient(personOf(member)));
}

/** Everybody who reads along: those of its teams too, without who has it and who asked. */
export function successorsOf(talk: Talk, conversation: Conversation, { holder, asked_by, team }: ConsultationListed): string[] {
  const members = [...conversation.membership.members.keys()];
  const people = members.flatMap((member) => talk.circle.readers(member)).map((person) => PERSON + person);
  const without = new Set([PERSON + (holder ?? ""), PERSON + asked_by, holder === null ? `team:${team ?? ""}` : ""]);
  return [...new Set([...members.filter((member) => !isPerson(member)), ...people])].filter((member) => !without.has(member));
}
