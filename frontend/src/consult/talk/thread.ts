/** What people see of a conversation: messages with their edits and recalls applied, and what is still on its way. */

import type { Attachment } from "../../crypto/attachments.ts";
import type { Intake, Question } from "../../crypto/messages.ts";
import type { Placed } from "./conversation.ts";
import type { Outgoing } from "./local_store.ts";

export interface Line {
  id: string;
  /** As in `docs/spec/consult/message.md`; empty of what cannot be read. */
  kind: string;
  /** Null as long as the server has not taken it. */
  place: number | null;
  person: string;
  /** When the server had it; when it was written, as long as it is on its way. */
  at: string;
  text: string;
  attachments: Attachment[];
  /** A form that was filled in. */
  question?: Pick<Question, "answers"> | undefined;
  /** The same, of an e-consult. */
  intake?: Intake | undefined;
  replyTo: string | null;
  edited: boolean;
  recalled: boolean;
  /** Why it cannot be read. */
  fault: string | null;
  /** From a device that was revoked since. */
  revoked: boolean;
  /** Of a kind that came after this version. */
  newer: boolean;
}

const KINDS = ["text", "edit", "recall", "question", "conclusion", "econsult"];

export const isChange = (kind: string): boolean => kind === "edit" || kind === "recall";

const asking = (label: string): string => (label.endsWith("?") ? label : `${label}:`);

/** A filled-in form as text, for those who search and for the list. */
const asText = (text: string, question: Line["question"]): string =>
  [...(question?.answers.map(({ label, value }) => `${asking(label)} ${value}`) ?? []), text].filter(Boolean).join("\n");

function lineOf({ place, at, event, opened, fault }: Placed): Line {
  const content = opened?.message.content;
  return {
    id: event.id,
    place,
    person: event.person,
    at,
    kind: content?.kind ?? "",
    text: asText(content?.text ?? "", content?.question ?? content?.intake),
    attachments: content?.attachments ?? [],
    question: content?.question ?? content?.intake,
    intake: content?.intake,
    replyTo: content?.to ?? null,
    edited: false,
    recalled: false,
    fault: fault ?? null,
    revoked: opened?.revoked ?? false,
    newer: content !== undefined && !KINDS.includes(content.kind),
  };
}

interface Change {
  kind: string;
  person: string;
  to: string | null;
  text: string;
}

/** An edit or a recall counts from the author of the message alone, and nothing comes after a recall. */
function apply(line: Line, { kind, person, text }: Change): void {
  if (line.person !== person || line.recalled) return;
  if (kind === "recall") Object.assign(line, { recalled: true, text: "", attachments: [] });
  else Object.assign(line, { edited: true, text });
}

/** In the order of their places; what is on its way comes last. */
export function thread(placed: Placed[], outgoing: Outgoing[], me: string): Line[] {
  const lines = new Map<string, Line>();
  const changes: Change[] = [];
  for (const each of placed) {
    const { message } = each.opened ?? {};
    if (message && isChange(message.content.kind)) changes.push({ ...message.content, person: message.person });
    else lines.set(each.event.id, lineOf(each));
  }
  const there = new Set(placed.map(({ event }) => event.id));
  for (const { id, at, kind, text, to, attachments, question, intake } of outgoing.filter((each) => !there.has(each.id))) {
    if (isChange(kind)) changes.push({ kind, person: me, to, text });
    else {
      const own = { id, kind, place: null, person: me, at: new Date(at).toISOString(), text: asText(text, question ?? intake), attachments, question: question ?? intake, intake, replyTo: to };
      lines.set(id, { ...own, edited: false, recalled: false, fault: null, revoked: false, newer: false });
    }
  }
  for (const change of changes) {
    const line = lines.get(change.to ?? "");
    if (line) apply(line, change);
  }
  return [...lines.values()];
}
