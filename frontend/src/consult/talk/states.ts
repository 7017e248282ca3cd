/** What became of a message of ours. */

import { texts } from "../texts.ts";
import type { Conversation } from "./conversation.ts";
import type { Talk } from "./talk.ts";
import type { Line } from "./thread.ts";

const words = texts.talk;

/** `Gelezen door 2 van 3`; empty for what somebody else wrote. */
export function stateOf(talk: Talk, conversation: Conversation, { id, person, place }: Line): string {
  if (person !== talk.me) return "";
  const refused = talk.outbox.refused(id);
  if (refused) return words.notSent(refused.title || texts.fault);
  if (place === null) return words.sending;
  const others = talk.circle.others(conversation).map((each) => talk.readings.of(conversation.group, each));
  const read = others.filter((each) => (each?.read ?? 0) >= place).length;
  if (read > 0) return others.length === 1 ? words.read : words.readBy(read, others.length);
  return others.some((each) => (each?.delivered ?? 0) >= place) ? words.delivered : words.sent;
}
