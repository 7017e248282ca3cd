/**
 * Live news about a campaign: one connection per browser, shared by its tabs.
 *
 * The tab that gets the Web Lock opens the EventSource and passes everything on over a BroadcastChannel; when it
 * closes, the next tab in line takes over. A tab that hears nothing for a while reads for itself, every second, until
 * news arrives again: streams may be refused (503), cut or capped, and the page must still be right.
 */

import { LiveClient, pause, spread, type Calendar, type Failure, type RoomState } from "./live.ts";

/** live: news is pushed; polling: we read for ourselves; lost: neither works; out: our pass is no longer good. */
export type Connection = "live" | "polling" | "lost" | "out";

export interface Beat {
  now: string;
  as_of: string;
  age_ms: number;
  still: boolean;
}

export interface StreamListener {
  /** Always the whole picture. */
  calendar?: (calendar: Calendar) => void;
  room?: (room: RoomState) => void;
  /** Something of this practice changed: read `mine` again. */
  mine?: () => void;
  /** The service's clock, at least twice a second while live. */
  clock?: (message: { now: string; still: boolean }) => void;
  connection?: (connection: Connection, failure: Failure | null) => void;
}

type Event =
  | { name: "room"; data: RoomState }
  | { name: "calendar"; data: Calendar & { partial?: boolean } }
  | { name: "mine"; data: { version: number } }
  | { name: "beat"; data: Beat }
  | { name: "functions"; data: unknown }
  | { name: "hello"; data: null };

const EVENTS = ["room", "calendar", "mine", "beat", "functions"] as const;
/** Four missed beats. */
const SILENCE_MS = 2_000;
/** After the server refused a stream: how long until we ask again. */
const REFUSED_MS = 15_000;

/** A partial picture laid over the one before it. */
export function mergeCalendar(before: Calendar | null, news: Calendar & { partial?: boolean }): Calendar | null {
  const { partial, ...picture } = news;
  if (!partial) return picture;
  if (!before) return null;
  const changed = new Map(news.days.map((day) => [day.day, day]));
  return { ...picture, days: before.days.map((day) => changed.get(day.day) ?? day) };
}

export class LiveStream {
  readonly #client: LiveClient;
  readonly #on: StreamListener;
  readonly #name: string;
  readonly #channel: BroadcastChannel;
  readonly #closing = new AbortController();
  #source: EventSource | null = null;
  #calendar: Calendar | null = null;
  #room: RoomState | null = null;
  #heardAt = performance.now();
  #pictureAge = 0;
  #pictureAt: number | null = null;
  #connection: Connection | null = null;
  #release: () => void = () => {};

  constructor(client: LiveClient, on: StreamListener) {
    this.#client = client;
    this.#on = on;
    this.#name = `balie-stream-${client.campaign}-${client.practice}`;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.addEventListener("message", ({ data }: MessageEvent<Event>) => this.#hear(data));
    this.#channel.postMessage({ name: "hello", data: null } satisfies Event);
    void this.#leadWhenFirst();
    void this.#watch();
  }

  /** How old the calendar is that we show, in milliseconds; null before the first. */
  ageMs(): number | null {
    return this.#pictureAt === null ? null : this.#pictureAge + performance.now() - this.#pictureAt;
  }

  close(): void {
    this.#closing.abort();
    this.#source?.close();
    this.#channel.close();
    this.#release();
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Waits until no other tab of this browser has the connection, then holds the lock for as long as the page lives. */
  async #leadWhenFirst(): Promise<void> {
    const lead = async (): Promise<void> => {
      if (this.#closed) return;
      this.#connect();
      await new Promise<void>((resolve) => {
        this.#release = resolve;
      });
    };
    if (!("locks" in navigator)) return lead();
    await navigator.locks.request(this.#name, { signal: this.#closing.signal }, lead).catch(() => {});
  }

  #connect(): void {
    const source = new EventSource(`/stream/${this.#client.campaign}?practice=${this.#client.practice}`);
    this.#source = source;
    for (const name of EVENTS) {
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        const event = { name, data: JSON.parse(data) } as Event;
        this.#channel.postMessage(event);
        this.#hear(event);
      });
    }
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED || this.#closed) return;
      void pause(spread(REFUSED_MS)).then(() => {
        if (!this.#closed) this.#connect();
      });
    });
  }

  #hear(event: Event): void {
    if (event.name === "hello") return this.#welcome();
    this.#heardAt = performance.now();
    if (event.name === "room") this.#takeRoom(event.data);
    else if (event.name === "calendar") this.#takeCalendar(event.data);
    else if (event.name === "mine") this.#on.mine?.();
    else if (event.name === "functions") globalThis.dispatchEvent?.(new Event("balie-functions"));
    else {
      this.#setAge(event.data.age_ms);
      this.#on.clock?.(event.data);
    }
    this.#setConnection("live", null);
  }

  /** A tab that came later gets the whole picture from the one that has the connection. */
  #welcome(): void {
    if (!this.#source) return;
    if (this.#room) this.#channel.postMessage({ name: "room", data: this.#room } satisfies Event);
    if (this.#calendar) {
      const data = { ...this.#calendar, age_ms: Math.round(this.ageMs() ?? 0) };
      this.#channel.postMessage({ name: "calendar", data } satisfies Event);
    }
  }

  #takeRoom(room: RoomState): void {
    this.#room = room;
    this.#on.room?.(room);
  }

  #takeCalendar(news: Calendar & { partial?: boolean }): void {
    const merged = mergeCalendar(this.#calendar, news);
    if (!merged) return;
    this.#calendar = merged;
    this.#setAge(news.age_ms);
    this.#on.calendar?.(merged);
  }

  #setAge(age: number): void {
    if (!this.#calendar) return;
    this.#pictureAge = age;
    this.#pictureAt = performance.now();
  }

  #setConnection(connection: Connection, failure: Failure | null): void {
    if (this.#connection === connection) return;
    this.#connection = connection;
    this.#on.connection?.(connection, failure);
  }

  /** Reads for ourselves while nothing is heard. */
  async #watch(): Promise<void> {
    while (!this.#closed) {
      await pause(spread(1000));
      if (this.#closed) return;
      if (performance.now() - this.#heardAt > SILENCE_MS) await this.#read();
    }
  }

  async #read(): Promise<void> {
    const [calendar, room] = await Promise.all([this.#client.calendar(), this.#client.state()]);
    if (this.#closed || performance.now() - this.#heardAt < SILENCE_MS) return;
    if (calendar.ok) {
      this.#takeCalendar(calendar.value);
      this.#on.clock?.({ now: calendar.value.as_of, still: calendar.value.still });
    }
    if (room.ok) {
      this.#takeRoom(room.value);
      this.#on.clock?.(room.value);
    }
    const failed = [calendar, room].find((answer) => !answer.ok) as Failure | undefined;
    if (!failed) {
      this.#on.mine?.();
      this.#setConnection("polling", null);
    } else {
      this.#setConnection(["no_pass", "other_practice"].includes(failed.code) ? "out" : "lost", failed);
    }
  }
}
