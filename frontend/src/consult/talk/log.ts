/** The log of a group or of oneself, as the server keeps it. */

import { api, type LogEntry } from "../api.ts";
import { must } from "../unanswered.ts";

/** What the log notes of a conversation that was taken out whole; of a file it notes its hash. */
export const WHOLE = "conversation";
/** What one's own log notes when that was. */
export const OWN = "log";

/** All of it; of a group, or (null) one's own. Throws Unanswered. */
export async function readLog(group: string | null): Promise<LogEntry[]> {
  const all: LogEntry[] = [];
  for (;;) {
    const { entries, more } = await must(api.log(group, all.at(-1)?.number ?? 0));
    all.push(...entries);
    if (!more) return all;
  }
}

export const isOfWhole = (entry: Pick<LogEntry, "what" | "detail">): boolean => exported(entry) === WHOLE;
export const isOfOwnLog = (entry: Pick<LogEntry, "what" | "detail">): boolean => exported(entry) === OWN;

/** What was taken out. */
const exported = ({ what, detail }: Pick<LogEntry, "what" | "detail">): string | undefined =>
  what === "exported" ? (JSON.parse(detail) as { note?: string }).note : undefined;
