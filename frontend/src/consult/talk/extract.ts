/**
 * A conversation, or one's own log, as one takes it out (`docs/spec/consult/export.md`): what is in it.
 *
 * `bundle.ts` makes FHIR of it and `page.ts` something to read; `balie/consult/client/extract.py` has the same. Times are in
 * RFC 3339. People and teams are named as the protocol names members (`person:…`, `team:…`); `parties` tells who they are.
 */

export interface PracticeNamed {
  agb: string;
  name: string;
}

export interface Party {
  member: string;
  name: string;
  /** The AGB code of the practice they work for or belong to, where that is one. */
  practice: string | null;
  patient: boolean;
  /** Where whoever takes it out has it, and wants it in the file. */
  bsn: string | null;
}

export interface FileTaken {
  name: string;
  type: string;
  /** In bytes. */
  size: number;
  /** Where it lies in the archive, if it is there. */
  path: string | null;
}

export interface Said {
  id: string;
  sent: string;
  sender: string;
  kind: string;
  text: string;
  state: "" | "edited" | "recalled" | "unreadable";
  answered: string | null;
  files: FileTaken[];
}

/** A consultatie or an e-consult. */
export interface Asked {
  id: string;
  kind: string;
  asked_by: string;
  /** The team or the person who was asked. */
  asked_of: string;
  asked_at: string;
  due_at: string;
  holder: string | null;
  picked_up_at: string | null;
  concluded_at: string | null;
  withdrawn_at: string | null;
  billing_code: string;
  /** Whom it is about, if one knows. */
  patient: string | null;
  /** Of e-consults. */
  urgency: string;
  /** It went on at another post. */
  moved: boolean;
}

export interface Logged {
  number: number;
  at: string;
  what: string;
  who: string;
  detail: string;
  previous: string;
  hash: string;
}

export interface Extract {
  /** The address of the Balie that it comes from. */
  base: string;
  at: string;
  /** The conversation, or, of one's own log, oneself. */
  about: string;
  parties: Party[];
  practices: PracticeNamed[];
  members: string[];
  messages: Said[];
  asked: Asked[];
  log: Logged[];
}

/** A time as people read it. */
export type When = (at: string) => string;
/** Those of `export.md`, and `lang`. */
export type Words = Record<string, string>;

export const isOwnLog = ({ about }: Extract): boolean => about.includes(":");
export const partiesOf = ({ parties }: Extract): ReadonlyMap<string, Party> => new Map(parties.map((each) => [each.member, each]));
