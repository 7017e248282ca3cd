/** What clients and the server of consulting say to each other (`docs/spec/consult/server.md`), typed. */

import type { Statement } from "../crypto/statements.ts";
import type { Urgency } from "./econsults/triage.ts";
import { type Answer, get, post } from "../lib/live.ts";

const ROOT = "/live/consult/";
/** How long something that must be stored is repeated while no answer comes. */
const PATIENCE_MS = 60_000;

/** A statement as it was posted, with the copies of a key that are for us. */
export interface StatedEvent {
  typ: string;
  name: string;
  person: string;
  group: string | null;
  signed: Statement;
  sealed?: Record<string, string>;
}

export interface MessageEvent {
  conversation: string;
  place: number;
  id: string;
  person: string;
  device: string;
  envelope: string;
}

/** One thing that happened, under its number in the feed of all. */
export interface FeedEvent {
  feed: number;
  received_at: string;
  statement?: StatedEvent;
  message?: MessageEvent;
}

export interface FeedPage {
  events: FeedEvent[];
  after: number;
  more: boolean;
}

export interface GroupListed {
  group: string;
  kind: "team" | "conversation";
  since: number;
  last: number;
  /** Of its last message, and of the last that one has read. */
  place: number;
  read: number;
  /** Of teams: what they are called, if anything, and the practice they are of. */
  name?: string | null;
  practice?: string | null;
  /** Of teams: whether patients of that practice may write to it. */
  for_patients?: boolean;
  /** Of conversations of a patient whose treatment ended: up to where they read. */
  until?: number;
  /** Patients whose treatment ended while they were in it: nothing may be sealed to them any more. */
  ended?: string[];
}

/** How far somebody in a conversation is. */
export interface Reading {
  person: string;
  delivered: number;
  read: number;
  read_at: string | null;
}

export interface Wrapped {
  method: "passkey" | "shares" | "code";
  /** The passkey's credential, the share set; empty for the code. */
  id: string;
  wrap: string;
}

/** The keyset's box, and its key once for each unlock method. */
export interface StoredKeyset {
  version: number;
  keyset: string;
  wraps: Wrapped[];
}

/** Who holds a part of a reserve on paper. */
export interface Holder {
  name: string;
  role: string;
}

/** How a team's reserve stands. `copied`: keys of the team that are in it; `parts`: numbers of the sheets of a drill. */
export interface ReserveListed {
  set: string;
  made_at: string;
  made_by: string;
  used: boolean;
  due_at: string;
  due: boolean;
  copied: string[];
  holders: (Holder & { number: number })[];
  drills: { at: string; person: string; passed: boolean; parts: string; note: string }[];
}

export interface TeamReserve {
  team: string;
  keys: string[];
  reserve: ReserveListed | null;
}

export interface Posted {
  typ: string;
  signed: Statement;
  sealed?: Record<string, string>;
  /** Of a reserve: who gets its parts. */
  holders?: Holder[];
}

/** What one put on a conversation for oneself; `archived` is the place up to which one is done with it. */
export interface Mark {
  conversation: string;
  flagged: boolean;
  archived: number | null;
}

/** Of a patient: who treats them, and for whom they act; both null where they act for nobody. */
export interface Care {
  practice: string;
  relation: "mother" | "father" | "guardian" | null;
  of: string | null;
}

export interface PersonListed {
  person: string;
  name: string;
  care?: Care[];
}

/** What somebody did, as the log of a conversation has it. */
export interface LogEntry {
  number: number;
  at: string;
  what: string;
  person: string;
  /** JSON. */
  detail: string;
  /** Hashes of the entry before it, and of this one. */
  previous: string;
  hash: string;
}

/** What only a client can tell of what was done; `at`: when, in seconds since 1970, where it could not be told at once. */
export interface LogTelling {
  what: "opened" | "exported" | "unlocked" | "cleared";
  group?: string;
  device: string;
  note: string;
  /** Which one somebody looked into, that is in their name and not theirs. */
  statement?: string;
  at?: number;
}

export interface TeamListed {
  team: string;
  name: string;
  practice: string | null;
}

/** What one must know of a team to seal to it, page by page. */
export interface TeamPage extends FeedPage {
  name: string | null;
  practice: string | null;
  for_patients: boolean;
}

/** What the key log has of people (`docs/spec/consult/keylog.md`): the latest checkpoint, and proofs against it. */
export interface LogTold {
  checkpoint: string | null;
  consistency: string[];
  entries: Record<string, { statement: string; index: number; proof: string[] }[]>;
}

/** All of the log from a number on, page by page. */
export interface LogPage {
  checkpoint: string | null;
  entries: { of: string; statement: string }[];
  more: boolean;
}

export type ConsultationKind = "consultation" | "advice-consult";

/** A consultatie as the server has it (`docs/spec/consult/consultations.md`). */
export interface ConsultationListed {
  id: string;
  conversation: string;
  agreement: string;
  kind: ConsultationKind;
  asked_by: string;
  team: string | null;
  holder: string | null;
  asked_at: string;
  due_at: string;
  picked_up_at: string | null;
  concluded_at: string | null;
  withdrawn_at: string | null;
  escalated_at: string | null;
  billing_code: string;
  of_own_team: boolean;
}

export interface AgreementListed {
  code: string;
  kind: ConsultationKind;
  unit: "hour" | "working-day";
  within: number;
}

export interface ConsultationsListed {
  consultations: ConsultationListed[];
  agreements: AgreementListed[];
  /** By team: the agreement that one gets who asks it, unless one chooses another. */
  of_teams?: Record<string, string>;
}

/** What a patient can ask a practice by (`docs/spec/consult/econsults.md`); `questionnaire` as it is stored, if it holds. */
export interface IntakeListed {
  practice: string;
  phone: string;
  team: string;
  questionnaire: unknown;
  closed: { say: string; phone: string } | null;
  /** What the post tells whoever comes while it is closed, besides why. */
  say: string;
  /** What patients read on days that nobody answers. */
  away: string | null;
  /** The practice where one goes on when this one closes while one waits. */
  takes_over: string | null;
}

export interface EconsultListed {
  id: string;
  conversation: string;
  team: string;
  practice: string;
  phone: string;
  patient: string;
  urgency: Urgency;
  questionnaire: { of: string; code: string; version: number };
  arrived_at: string;
  due_at: string;
  place: number | null;
  expected: { from: string; until: string } | null;
  holder: string | null;
  picked_up_at: string | null;
  closed_at: string | null;
  accepts_until: string | null;
  of_own_team: boolean;
  away: string | null;
  /** What is told to who waits at a post that closed; `takes_over`: where they go on. */
  shut: { closed: { say: string; phone: string }; say: string; takes_over: TakesOver | null } | null;
  /** The conversation in which it goes on, at another post. */
  moved_to: string | null;
}

/** Somebody in a conversation; `practice` is the AGB code of the one they work for, where that is one. */
export interface PersonNamed {
  person: string;
  name: string;
  practice: string | null;
  patient: boolean;
}

/** The e-consult of a conversation, also when it is long over. */
export type EconsultOf = Pick<EconsultListed, "id" | "team" | "patient" | "urgency" | "arrived_at" | "due_at" | "holder" | "picked_up_at" | "closed_at"> & { moved: boolean };

/** What the server knows of a conversation besides its messages. */
export interface Extracted {
  people: PersonNamed[];
  teams: { team: string; name: string | null; practice: string | null }[];
  practices: { agb: string; name: string }[];
  consultations: ConsultationListed[];
  econsults: EconsultOf[];
}

export interface TakesOver {
  practice: string;
  phone: string;
  team: string;
}

export interface EconsultsListed {
  econsults: EconsultListed[];
  questionnaires?: Record<string, unknown>;
}

/** What is done with an e-consult; the answer is all of them, as they are then. */
const actOnEconsult = (what: string, body: object): Promise<Answer<EconsultsListed>> =>
  post(`${ROOT}econsult${what}`, body, { patience_ms: PATIENCE_MS });

/** What is done with a consultatie; the answer is all of them, as they are then. */
const act = (what: string, body: object): Promise<Answer<ConsultationsListed>> =>
  post(`${ROOT}consultation${what}`, body, { patience_ms: PATIENCE_MS });

export const api = {
  consultations: (): Promise<Answer<ConsultationsListed>> => get(`${ROOT}consultations`),
  ask: (asked: { id: string; conversation: string; of: string; agreement: string; untreated: boolean }) => act("", asked),
  pickUp: (id: string) => act("/pick-up", { id }),
  handOver: (given: { id: string; holder: string | null; to: string }) => act("/hand-over", given),
  conclude: (id: string, billingCode: string) => act("/conclude", { id, billing_code: billingCode }),
  withdraw: (id: string) => act("/withdraw", { id }),
  /** `agreement`: null for what everybody gets. */
  agree: (team: string, agreement: string | null) => act("/agree", { team, agreement }),
  intakes: (): Promise<Answer<{ practices: IntakeListed[] }>> => get(`${ROOT}econsult/intakes`),
  econsults: (): Promise<Answer<EconsultsListed>> => get(`${ROOT}econsults`),
  /** `first`: only if it is the first in the queue. */
  pickUpEconsult: (id: string, first: boolean) => actOnEconsult("/pick-up", { id, first }),
  handOverEconsult: (given: { id: string; holder: string | null; to: string | null }) => actOnEconsult("/hand-over", given),
  closeEconsult: (id: string) => actOnEconsult("/close", { id }),
  /** As with messages, the outbox has a patience of its own. */
  sendEconsult: (sent: {
    id: string;
    conversation: string;
    questionnaire: string;
    version: number;
    urgency: Urgency;
    device: string;
    message: string;
    envelope: string;
    /** Of one that waits at a post that closed, and goes on as this one. */
    instead: string | null;
  }): Promise<Answer<EconsultsListed>> => post(`${ROOT}econsult`, sent, { patience_ms: 0 }),
  people: (): Promise<Answer<{ you: string | null; people: PersonListed[] }>> => get(`${ROOT}people`),
  person: (person: string): Promise<Answer<PersonListed & { events: FeedEvent[] }>> =>
    get(`${ROOT}person?person=${person}`),
  /** Whoever there is of these. */
  persons: (persons: string[]): Promise<Answer<{ people: (PersonListed & { events: FeedEvent[] })[] }>> =>
    get(`${ROOT}persons?persons=${persons.join(",")}`),
  teams: (find: string): Promise<Answer<{ teams: TeamListed[] }>> => get(`${ROOT}teams?find=${encodeURIComponent(find)}`),
  team: (team: string, after: number): Promise<Answer<TeamPage>> => get(`${ROOT}team?team=${team}&after=${after}`),
  /** `patients`: whether those of the practice may write to it; without it that stays as it is. */
  nameTeam: (team: string, name: string, patients?: boolean): Promise<Answer<object>> =>
    post(`${ROOT}team`, { team, name, patients }, { patience_ms: PATIENCE_MS }),
  groups: (): Promise<Answer<{ feed: number; groups: GroupListed[] }>> => get(`${ROOT}groups`),
  history: (group: string, after: number, until?: number): Promise<Answer<FeedPage>> =>
    get(`${ROOT}history?group=${group}&after=${after}${until === undefined ? "" : `&until=${until}`}`),
  /** The first page of each; those one does not belong to are left out. */
  histories: (groups: string[]): Promise<Answer<{ histories: (FeedPage & { group: string })[] }>> =>
    get(`${ROOT}histories?groups=${groups.join(",")}`),
  feed: (after: number): Promise<Answer<FeedPage>> => get(`${ROOT}feed?after=${after}`),
  /** For each key server a token that it alone accepts, good for so many seconds. */
  tokens: (): Promise<Answer<{ tokens: Record<string, string>; good_s: number }>> =>
    post(`${ROOT}tokens`, {}, { patience_ms: 0 }),
  /** `since`: the size of the checkpoint seen last. */
  keyLog: (since: number, persons: string[]): Promise<Answer<LogTold>> =>
    post(`${ROOT}key-log`, { since, persons }, { patience_ms: 0 }),
  keyLogEntries: (after: number): Promise<Answer<LogPage>> => get(`${ROOT}key-log?after=${after}`),
  keyset: (): Promise<Answer<StoredKeyset>> => get(`${ROOT}keyset`),

  keepKeyset: (kept: StoredKeyset): Promise<Answer<{ version: number }>> =>
    post(`${ROOT}keyset`, kept, { patience_ms: PATIENCE_MS }),
  state: (statements: Posted[]): Promise<Answer<{ stored: { name: string; feed: number }[] }>> =>
    post(`${ROOT}statements`, { statements }, { patience_ms: PATIENCE_MS }),
  reserves: (): Promise<Answer<{ reserves: TeamReserve[] }>> => get(`${ROOT}reserves`),
  reserveCopies: (team: string): Promise<Answer<{ copies: Record<string, string> }>> => get(`${ROOT}reserve/copies?team=${team}`),
  addReserveCopies: (added: { team: string; set: string; sealed: Record<string, string> }): Promise<Answer<object>> =>
    post(`${ROOT}reserve/copies`, added, { patience_ms: 0 }),
  tellDrill: (drill: { team: string; set: string; passed: boolean; parts: string; note: string }): Promise<Answer<object>> =>
    post(`${ROOT}reserve/drill`, drill, { patience_ms: 0 }),
  reads: (group: string): Promise<Answer<{ reads: Reading[] }>> => get(`${ROOT}reads?group=${group}`),
  tellRead: (reads: { conversation: string; delivered?: number; read?: number }[]): Promise<Answer<object>> =>
    post(`${ROOT}read`, { reads }, { patience_ms: 0 }),
  /** For whoever takes this conversation out. */
  extract: (group: string): Promise<Answer<Extracted>> => get(`${ROOT}extract?group=${group}`),
  /** How many copies of keys there are, how many are not of the current suite yet, and in which groups. */
  resealing: (): Promise<Answer<{ all: number; left: number; groups: string[] }>> => get(`${ROOT}resealing`),
  destroyed: (): Promise<Answer<{ destroyed: { conversation: string; at: string }[] }>> => get(`${ROOT}destroyed`),
  marks: (): Promise<Answer<{ marks: Mark[] }>> => get(`${ROOT}marks`),
  mark: (mark: Mark): Promise<Answer<object>> => post(`${ROOT}mark`, mark, { patience_ms: 0 }),
  /** Of a group, or (null) one's own. */
  log: (group: string | null, after: number): Promise<Answer<{ entries: LogEntry[]; more: boolean }>> =>
    get(`${ROOT}log?${group === null ? "" : `group=${group}&`}after=${after}`),
  /** What only a client can tell of what was done. */
  tellLog: (entries: LogTelling[], patience_ms = PATIENCE_MS): Promise<Answer<object>> => post(`${ROOT}log`, { entries }, { patience_ms }),
  /** The outbox has a patience of its own. */
  send: (message: { conversation: string; device: string; id: string; envelope: string }): Promise<
    Answer<{ place: number; received_at: string }>
  > => post(`${ROOT}messages`, message, { patience_ms: 0 }),
};

export type Api = typeof api;
