/** What goes into the record system: copied by hand, made in this browser and nowhere else. */

import { texts } from "../texts.ts";
import type { ConsultationListed } from "../api.ts";
import { PERSON } from "../talk/group.ts";
import type { Talk } from "../talk/talk.ts";
import type { Line } from "../talk/thread.ts";
import { askedOf, dateAndTime } from "./standing.ts";

const words = texts.consultations;

/** The last question and the last conclusion at the time it was concluded, with who and when. */
export function forRecord(talk: Talk, found: ConsultationListed): string {
  const conversation = talk.conversations.get(found.conversation);
  const lines = conversation ? talk.lines(conversation).filter(({ recalled, fault }) => !recalled && fault === null) : [];
  const last = (kind: string): Line | undefined => lines.filter((line) => line.kind === kind).at(-1);
  const name = (person: string): string => talk.circle.directory.name(person) || talk.circle.name(PERSON + person);
  const [question, conclusion] = [last("question"), last("conclusion")];
  return [
    `${words.kinds[found.kind]}: ${askedOf(talk, found)}`,
    words.askedAt(name(found.asked_by), dateAndTime(found.asked_at)),
    question ? `${words.question}\n${question.text}` : "",
    conclusion ? `${words.conclusion}\n${conclusion.text}` : "",
    found.concluded_at && found.holder ? words.concludedAt(name(found.holder), dateAndTime(found.concluded_at)) : "",
    found.billing_code ? words.billedAs(found.billing_code) : "",
  ].filter(Boolean).join("\n\n");
}
