/** The live protocol of `docs/spec/live.md`, typed. Nothing here throws: an answer is a value or a failure with a code. */

import { language } from "./texts.ts";

export type Phase = "before" | "waiting" | "drawing" | "open" | "paused" | "closed";

export interface RoomState {
  campaign: number;
  phase: Phase;
  /** The clock that windows are judged by; it stands still while the service is ill. */
  now: string;
  /** The time of day, by which doors and opening go. */
  wall: string;
  still: boolean;
  age_ms: number;
  doors_at: string;
  opens_at: string;
  closes_at: string;
  waiting: number;
  last: number;
  called: number;
  pace: number;
  measured: [number, number] | null;
  /** One for each group that opens at a time of its own, in their order; one when all open together. */
  rounds: Round[];
  message: { text: string; at: string } | null;
  poll_after_ms: number;
}

export interface Round {
  /** Of the group; empty when there is one round for all. */
  name: string;
  opens_at: string;
  phase: "waiting" | "drawing" | "drawn";
  /** The first number of its draw, and how many tickets were in it; null before the list was frozen. */
  first: number | null;
  drawn: number | null;
}

export interface Ticket {
  ticket: string;
  /** The place of its round among the room's, from 1. */
  round: number;
  arrived_at: string;
  number: number | null;
  called: boolean;
}

export interface Seals {
  rounds: { round: number; seed_hash: string; published_at: string }[];
}

export interface PublishedRound {
  round: number;
  name: string;
  seed_hash: string;
  seed: string;
  sealed_at: string;
  frozen_at: string;
  drawn_at: string;
  list_hash: string;
  beacon: { source: string; round: number; value: string } | null;
  first: number;
  tickets: string[];
}

export interface PublishedDraw {
  version: number;
  campaign: number;
  /** Whether all rounds have been drawn. */
  complete: boolean;
  rounds: PublishedRound[];
}

export interface Forecast {
  campaign: number;
  made_at: string;
  at: number[];
  weeks: { week: number; from: string; to: string; free_low: number[]; free_high: number[] }[];
}

export interface Capacity {
  limit: number;
  free: number;
  held: number;
}

export interface Day {
  day: string;
  doses: Capacity;
  addresses: Capacity;
}

export interface Calendar {
  campaign: number;
  as_of: string;
  age_ms: number;
  still: boolean;
  days: Day[];
}

export interface WantedLine {
  product: number;
  location: number;
  doses: number;
  day?: string;
}

export interface HeldLine extends WantedLine {
  day: string;
}

export interface Mine {
  now: string;
  still: boolean;
  window_s: number;
  /** The organiser lets us hold and confirm nothing. */
  blocked: boolean;
  ticket: Ticket | null;
  hold: { key: string; lines: HeldLine[]; expires_at: string; remaining_ms: number; live: boolean } | null;
  order: { number: string; placed_at: string } | null;
  auto: { parts: boolean; failed_at: string | null } | null;
}

export interface Held {
  outcome: "held";
  key: string;
  lines: HeldLine[];
  expires_at: string;
  remaining_ms: number;
  now: string;
}

export interface Ordered {
  outcome: "ordered";
  number: string;
  placed_at: string;
}

export interface FieldError {
  at: string;
  code: string;
  say: string;
  suggest?: number[];
}

export type FailureCode =
  | "no_pass"
  | "other_practice"
  | "bad_origin"
  | "not_found"
  | "bad_request"
  | "too_large"
  | "too_many"
  | "fault"
  | "try_again"
  | "not_open"
  | "closed"
  | "no_ticket"
  | "no_draw"
  | "no_seal"
  | "no_forecast"
  | "full"
  | "function_closed"
  | "blocked"
  | "not_called"
  | "already_ordered"
  | "bad_lines"
  | "lapsed"
  | "no_first"
  | "not_offered"
  | "no_hold"
  | "replaced"
  | "no_device"
  | "key_retired"
  | "taken"
  | "rejected"
  | "behind"
  | "no_keys"
  | "limit"
  | "not_first"
  | "picked_up"
  | "moved"
  | "concluded"
  | "withdrawn"
  | "no_connection";

/** Why not, with what the protocol adds for each code; `no_connection` is ours: no answer came at all. */
export interface Failure {
  ok: false;
  code: FailureCode;
  /** 0 when no answer came. */
  status: number;
  /** The server's sentence, in the page's language; empty when no answer came. */
  title: string;
  errors: FieldError[];
  days: string[];
  alternatives: string[];
  doors_at?: string;
  opens_at?: string;
  number?: number | string;
  called?: number;
  key?: string;
  /** The number of the request, to be said aloud; it stands in our log. */
  request?: string;
}

export type Answer<T> = { ok: true; value: T } | Failure;

/** The server gives up after 10 s; a little later so do we. */
const TIMEOUT_MS = 12_000;
const READ_TIMEOUT_MS = 5_000;

export interface ClientOptions {
  campaign: number;
  practice: number;
  /** Which of the practice's orders: 0, the first one, where it is left out. */
  slot?: number;
  /** How long a request that changes something is repeated with the same body, while the answer stays away. */
  patience_ms?: number;
  /** Told before each repetition. */
  onRetry?: (attempt: number) => void;
}

export class LiveClient {
  readonly campaign: number;
  readonly practice: number;
  readonly slot: number;
  readonly #patience: number;
  readonly #onRetry: (attempt: number) => void;

  constructor({ campaign, practice, slot = 0, patience_ms = 60_000, onRetry = () => {} }: ClientOptions) {
    this.campaign = campaign;
    this.practice = practice;
    this.slot = slot;
    this.#patience = patience_ms;
    this.#onRetry = onRetry;
  }

  state(): Promise<Answer<RoomState>> {
    return get(`/live/queue/${this.campaign}/state`);
  }

  /** Our one ticket; repeating gives the same one. */
  join(): Promise<Answer<Ticket>> {
    return this.#post(`/live/queue/${this.campaign}/join`, {});
  }

  ticket(): Promise<Answer<Ticket>> {
    return get(`/live/queue/${this.campaign}/ticket?practice=${this.practice}`);
  }

  seal(): Promise<Answer<Seals>> {
    return get(`/live/queue/${this.campaign}/seal`);
  }

  draw(): Promise<Answer<PublishedDraw>> {
    return get(`/live/queue/${this.campaign}/draw`);
  }

  forecast(): Promise<Answer<Forecast>> {
    return get(`/live/queue/${this.campaign}/forecast`);
  }

  calendar(): Promise<Answer<Calendar>> {
    return get(`/live/orders/${this.campaign}/calendar`);
  }

  mine(): Promise<Answer<Mine>> {
    return get(`/live/orders/${this.campaign}/mine?practice=${this.practice}${this.slot ? `&slot=${this.slot}` : ""}`);
  }

  /** Hold these lines on their days, or all of them on the first day of `ranking` that has room. One key per wish. */
  hold(wish: { key: string; lines: WantedLine[]; ranking?: string[] }): Promise<Answer<Held>> {
    return this.#post(`/live/orders/${this.campaign}/hold`, wish);
  }

  confirm(key: string): Promise<Answer<Ordered>> {
    return this.#post(`/live/orders/${this.campaign}/confirm`, { key });
  }

  release(key: string): Promise<Answer<{ outcome: "released" }>> {
    return this.#post(`/live/orders/${this.campaign}/release`, { key });
  }

  #post<T>(path: string, body: object): Promise<Answer<T>> {
    const about = this.slot ? { practice: this.practice, slot: this.slot } : { practice: this.practice };
    return post(path, { ...about, ...body }, { patience_ms: this.#patience, onRetry: this.#onRetry });
  }
}

/** Every POST is safe to repeat, so while no verdict comes we repeat it byte for byte. */
export async function post<T>(
  path: string,
  body: object,
  { patience_ms, onRetry = () => {} }: { patience_ms: number; onRetry?: (attempt: number) => void },
): Promise<Answer<T>> {
  const request: RequestInit = {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  const started = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    const { answer, retryAfter } = await send<T>(path, request, TIMEOUT_MS);
    if (answer.ok || !["try_again", "too_many", "no_connection"].includes(answer.code)) return answer;
    if (performance.now() - started > patience_ms) return answer;
    onRetry(attempt);
    await pause(spread(retryAfter));
  }
}

export async function get<T>(path: string): Promise<Answer<T>> {
  const { answer } = await send<T>(path, {}, READ_TIMEOUT_MS);
  return answer;
}

async function send<T>(
  path: string,
  request: RequestInit,
  timeout: number,
): Promise<{ answer: Answer<T>; retryAfter: number }> {
  try {
    const headers = { ...request.headers, "Accept-Language": language };
    const response = await fetch(path, { ...request, headers, signal: AbortSignal.timeout(timeout) });
    const retryAfter = 1000 * Number(response.headers.get("Retry-After") ?? 1) || 1000;
    const body: unknown = await response.json();
    return { answer: response.ok ? { ok: true, value: body as T } : failure(response.status, body), retryAfter };
  } catch {
    return { answer: failure(0, { code: "no_connection" }), retryAfter: 1000 };
  }
}

/** A refusal, from what the server said of it. */
export function failure(status: number, body: unknown): Failure {
  const said = (typeof body === "object" && body !== null ? body : {}) as Partial<Failure>;
  const code = said.code ?? (status >= 500 || status === 0 ? "try_again" : "bad_request");
  return { title: "", errors: [], days: [], alternatives: [], ...said, ok: false, status, code };
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Up to a fifth earlier or later, so that thousands of browsers do not ask in the same instant. */
export function spread(milliseconds: number): number {
  return milliseconds * (0.8 + 0.4 * Math.random());
}
