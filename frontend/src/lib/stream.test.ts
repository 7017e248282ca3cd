import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveClient, type Calendar } from "./live.ts";
import { LiveStream, mergeCalendar, type Connection } from "./stream.ts";

const picture = (free: Record<string, number>, changes: object = {}): Calendar & { partial?: boolean } => ({
  campaign: 1,
  as_of: "2027-05-31T22:00:00.000Z",
  age_ms: 90,
  still: false,
  days: Object.entries(free).map(([day, doses]) => ({
    day,
    doses: { limit: 100, free: doses, held: 0 },
    addresses: { limit: 10, free: 10, held: 0 },
  })),
  ...changes,
});
const free = (calendar: Calendar | null): number[] | undefined => calendar?.days.map((day) => day.doses.free);

describe("mergeCalendar", () => {
  it("lays news over the whole", () => {
    const whole = mergeCalendar(null, picture({ "2027-10-12": 50, "2027-10-13": 60 }));
    expect(free(mergeCalendar(whole, picture({ "2027-10-13": 10 }, { partial: true })))).toEqual([50, 10]);
  });
  it("waits for the whole first", () => {
    expect(mergeCalendar(null, picture({ "2027-10-13": 10 }, { partial: true }))).toBeNull();
  });
});

/** One browser: its tabs share locks and channels, and see every connection that was opened. */
class Source extends EventTarget {
  static opened: Source[] = [];
  static readonly CLOSED = 2;
  readyState = 1;
  constructor(readonly url: string) {
    super();
    Source.opened.push(this);
  }
  close(): void {
    this.readyState = 2;
  }
  send(name: string, data: object): void {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }));
  }
  refuse(): void {
    this.readyState = 2;
    this.dispatchEvent(new Event("error"));
  }
}

class Channel extends EventTarget {
  static open = new Set<Channel>();
  constructor(readonly name: string) {
    super();
    Channel.open.add(this);
  }
  postMessage(data: unknown): void {
    for (const other of Channel.open) {
      if (other !== this && other.name === this.name) other.dispatchEvent(new MessageEvent("message", { data }));
    }
  }
  close(): void {
    Channel.open.delete(this);
  }
}

const locks = {
  held: Promise.resolve() as Promise<unknown>,
  request(_name: string, { signal }: { signal: AbortSignal }, lead: () => Promise<void>): Promise<unknown> {
    const mine = this.held.then(() => (signal.aborted ? undefined : lead()));
    this.held = mine;
    return mine;
  },
};

interface Tab {
  stream: LiveStream;
  seen: (number[] | undefined)[];
  connections: Connection[];
}

function openTab(): Tab {
  const tab: Omit<Tab, "stream"> = { seen: [], connections: [] };
  const stream = new LiveStream(new LiveClient({ campaign: 1, practice: 17 }), {
    calendar: (calendar) => tab.seen.push(free(calendar)),
    connection: (connection) => tab.connections.push(connection),
  });
  return { ...tab, stream };
}

let answers: (path: string) => Response;

beforeEach(() => {
  vi.useFakeTimers();
  Source.opened = [];
  Channel.open.clear();
  locks.held = Promise.resolve();
  answers = () => new Response("{}", { status: 503 });
  vi.stubGlobal("EventSource", Source);
  vi.stubGlobal("BroadcastChannel", Channel);
  vi.stubGlobal("navigator", { locks });
  vi.stubGlobal("fetch", (path: string) => Promise.resolve(answers(path)));
});
afterEach(() => {
  for (const channel of Channel.open) channel.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
const settle = (milliseconds = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

describe("LiveStream", () => {
  it("opens one connection for two tabs, and both hear the news", async () => {
    const [one, two] = [openTab(), openTab()];
    await settle();
    expect(Source.opened).toHaveLength(1);
    Source.opened[0]?.send("calendar", picture({ "2027-10-12": 50 }));
    Source.opened[0]?.send("calendar", picture({ "2027-10-12": 40 }, { partial: true }));
    expect(one.seen).toEqual([[50], [40]]);
    expect(two.seen).toEqual([[50], [40]]);
    one.stream.close();
    two.stream.close();
  });

  it("gives a tab that comes later the whole picture", async () => {
    const one = openTab();
    await settle();
    Source.opened[0]?.send("calendar", picture({ "2027-10-12": 50, "2027-10-13": 60 }));
    const late = openTab();
    expect(late.seen).toEqual([[50, 60]]);
    one.stream.close();
    late.stream.close();
  });

  it("hands the connection to the next tab", async () => {
    const [one, two] = [openTab(), openTab()];
    await settle();
    one.stream.close();
    await settle();
    expect(Source.opened).toHaveLength(2);
    Source.opened[1]?.send("calendar", picture({ "2027-10-12": 30 }));
    expect(two.seen).toEqual([[30]]);
    two.stream.close();
  });

  it("tells the age of what is shown, beats included", async () => {
    const one = openTab();
    await settle();
    expect(one.stream.ageMs()).toBeNull();
    Source.opened[0]?.send("calendar", picture({ "2027-10-12": 50 }));
    await settle(400);
    expect(one.stream.ageMs()).toBeCloseTo(490, -1);
    Source.opened[0]?.send("beat", { now: "", as_of: "", age_ms: 60, still: false });
    expect(one.stream.ageMs()).toBeCloseTo(60, -1);
    one.stream.close();
  });

  it("reads for itself when streams are refused, and asks for one again later", async () => {
    answers = (path) =>
      new Response(JSON.stringify(path.endsWith("calendar") ? picture({ "2027-10-12": 20 }) : { now: "", still: false }));
    const one = openTab();
    await settle();
    Source.opened[0]?.refuse();
    await settle(5_000);
    expect(one.seen.at(-1)).toEqual([20]);
    expect(one.connections).toEqual(["polling"]);
    await settle(20_000);
    expect(Source.opened.length).toBeGreaterThanOrEqual(2);
    Source.opened.at(-1)?.send("calendar", picture({ "2027-10-12": 10 }));
    expect(one.connections).toEqual(["polling", "live"]);
    one.stream.close();
  });

  it.each([
    [503, "try_again", "lost"],
    [401, "no_pass", "out"],
  ])("says that nothing comes when reading fails too: %i", async (status, code, connection) => {
    answers = () => new Response(JSON.stringify({ code }), { status });
    const one = openTab();
    await settle(5_000);
    expect(one.connections).toEqual([connection]);
    one.stream.close();
  });
});
