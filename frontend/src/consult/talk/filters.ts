/** Which conversations the inbox shows; it stays so over a reload. */

import * as v from "valibot";

const Filter = v.strictObject({
  folder: v.picklist(["inbox", "flagged", "archive"]),
  /** A member of the conversations to show; empty for all. */
  who: v.string(),
  unread: v.boolean(),
});
export type Filter = v.InferOutput<typeof Filter>;
export type Folder = Filter["folder"];

/** What the inbox goes by, of one conversation. */
export interface Filed {
  members: string[];
  unread: number;
  flagged: boolean;
  archived: boolean;
}

export const ALL: Filter = { folder: "inbox", who: "", unread: false };

export function shows({ folder, who, unread }: Filter, filed: Filed): boolean {
  return inFolder(folder, filed) && (who === "" || filed.members.includes(who)) && (!unread || filed.unread > 0);
}

export const inFolder = (folder: Folder, { flagged, archived }: Filed): boolean =>
  folder === "flagged" ? flagged : archived === (folder === "archive");

const PLACE = "balie-inbox";

export function readFilter(person: string): Filter {
  try {
    return v.parse(Filter, JSON.parse(localStorage.getItem(`${PLACE}-${person}`) ?? ""));
  } catch {
    return ALL;
  }
}

export const keepFilter = (person: string, filter: Filter): void =>
  localStorage.setItem(`${PLACE}-${person}`, JSON.stringify(filter));
