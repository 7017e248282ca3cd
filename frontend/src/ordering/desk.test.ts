// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Desk } from "./desk.ts";

const START = Date.parse("2027-05-31T22:30:00.000Z");
const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();
const LINES = [{ product: 1, location: 9, doses: 650 }];
const PAGE = {
  campaign: 1,
  practice: 17,
  window_s: 300,
  help_phone: "",
  products: [{ id: 1, name: "Griep" }],
  locations: [{ id: 9, name: "Hoofdlocatie", address: "Lindelaan 12, Rietveen" }],
  lines: LINES,
  slot: 0,
  early_until: null,
  cost: { stops: [], free: 0, fee_cents: 4000 },
  ranking: ["2027-09-28", "2027-10-12"],
  urls: { prepare: "/prepare", waiting: "/waiting", calendar: "/calendar", placed: "/placed", login: "/login" },
};
const room = (free: number) => ({ limit: 70_000, free, held: 0 });
const calendar = {
  campaign: 1,
  as_of: at(0),
  age_ms: 0,
  still: false,
  days: [
    { day: "2027-09-28", doses: room(0), addresses: room(0) },
    { day: "2027-10-12", doses: room(9000), addresses: room(15) },
    { day: "2027-10-13", doses: room(9000), addresses: room(15) },
  ],
};
const hold = (key: string, day: string, live = true) => ({
  key,
  lines: LINES.map((line) => ({ ...line, day })),
  expires_at: at(300),
  remaining_ms: 300_000,
  live,
});
/** The server holds it, and says so wherever it is asked. */
function held(body: { key: string }, day: string): [number, unknown] {
  mine["hold"] = hold(body.key, day);
  return [200, { ...hold(body.key, day), outcome: "held", now: at(0) }];
}

type Body = { key: string; lines: { day?: string }[]; ranking?: string[] };
let mine: Record<string, unknown>;
let answers: Record<string, ((body: Body) => [number, unknown])[]>;
let asked: { what: string; body: Body }[];
let source: FakeSource;
let gone: string[];

class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  readyState = 1;
  constructor() {
    super();
    source = this;
  }
  close(): void {}
  tell(name: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }));
  }
}

/** No other tabs. */
class QuietChannel extends EventTarget {
  postMessage(): void {}
  close(): void {}
}

const find = (selector: string): HTMLElement => document.querySelector<HTMLElement>(selector)!;
const text = (selector: string): string => find(selector).textContent ?? "";
const main = (): HTMLButtonElement => document.querySelector<HTMLButtonElement>("[data-main]")!;
const wait = async (ms: number): Promise<void> => void (await vi.advanceTimersByTimeAsync(ms));

/** Real seconds on the service's clock: a beat every half second. */
async function live(seconds: number, from: number, still = false): Promise<void> {
  for (let beat = 0; beat <= seconds * 2; beat += 1) {
    source.tell("beat", { now: at(still ? from : from + beat / 2), as_of: at(0), age_ms: 50, still });
    await wait(500);
  }
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance", "Date"] });
  mine = { now: at(0), still: false, window_s: 300, blocked: false, ticket: { number: 3, called: true }, hold: null, order: null };
  answers = { hold: [], confirm: [], release: [] };
  asked = [];
  gone = [];
  vi.stubGlobal("EventSource", FakeSource);
  vi.stubGlobal("BroadcastChannel", QuietChannel);
  Object.defineProperty(navigator, "locks", { value: { request: (_name: string, _how: object, lead: () => unknown) => lead() }, configurable: true });
  vi.spyOn(location, "assign").mockImplementation((address) => void gone.push(String(address)));
  vi.stubGlobal("fetch", (path: string, request: RequestInit) => {
    const what = path.split("?")[0]!.split("/").at(-1)!;
    if (request.method !== "POST") {
      const value = what === "mine" ? mine : calendar;
      return Promise.resolve(new Response(JSON.stringify(value)));
    }
    const body = JSON.parse(String(request.body)) as Body;
    asked.push({ what, body });
    const [status, value] = answers[what]!.shift()!(body);
    return Promise.resolve(new Response(JSON.stringify(value), { status }));
  });
  document.body.innerHTML = `
    <h1 data-title></h1><p data-said></p><div data-service></div><div data-alert></div><div data-moment></div>
    <div data-clock hidden><span data-clock-time></span><svg><rect data-clock-bar></rect></svg><p data-clock-end></p></div>
    <div data-held hidden><p data-held-date></p></div><p data-advice></p><p data-cost></p><dl data-lines></dl>
    <button data-main></button><p data-hint></p><button data-release></button>
    <button data-month="-1"></button><h2 data-month-name></h2><button data-month="1"></button>
    <a href="?" data-view="calendar"></a><p data-age hidden><span></span></p><div data-days></div><ul data-legend></ul>
    <aside data-sticky><p data-clock-time></p><p data-held-short></p><button data-main></button></aside>`;
  Element.prototype.scrollIntoView = () => {};
  new Desk(PAGE).start();
  source.tell("calendar", calendar);
  await wait(300);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function holdFirst(): Promise<void> {
  answers["hold"]!.push((body) => held(body, "2027-10-12"));
  main().click();
  await wait(10);
}

describe("Desk", () => {
  it("holds the first free date of the ranking in one click", async () => {
    expect(main().textContent).toBe("Houd 12 oktober voor mij vast");
    await holdFirst();
    expect(asked[0]!.body).toMatchObject({ lines: LINES, ranking: ["2027-10-12"] });
    expect(text("[data-held-date]")).toBe("Dinsdag 12 oktober");
    expect(main().textContent).toBe("Bestel definitief");
    expect(text("[data-clock-end]")).toContain("Tot 00.35.00 uur");
  });

  it("offers what is near when a date is just gone, and keeps what it has", async () => {
    await holdFirst();
    answers["hold"]!.push(() => [409, { code: "full", title: "Vol", days: ["2027-10-13"], alternatives: ["2027-10-14"] }]);
    document.querySelectorAll<HTMLButtonElement>(".balie-day--free")[0]!.click();
    await wait(10);
    expect(text("[data-alert]")).toContain("Woensdag 13 oktober is net vol");
    expect(text("[data-alert]")).toContain("u houdt 12 oktober");
    answers["hold"]!.push((body) => held(body, "2027-10-14"));
    find("[data-alert] button").click();
    await wait(10);
    expect(asked.at(-1)!.body.lines[0]!.day).toBe("2027-10-14");
    expect(text("[data-alert]")).toBe("");
  });

  it("confirms once, however often one clicks, and again under the same key while no verdict comes", async () => {
    await holdFirst();
    answers["confirm"]!.push(() => [503, { code: "try_again" }], () => [200, { outcome: "ordered", number: "B27-1", placed_at: at(5) }]);
    main().click();
    main().click();
    await wait(200);
    expect(main().textContent).toBe("Uw klik telt. Wij proberen het opnieuw …");
    await wait(2_000);
    const confirms = asked.filter(({ what }) => what === "confirm");
    expect(confirms).toHaveLength(2);
    expect(new Set(confirms.map(({ body }) => body.key)).size).toBe(1);
    expect(gone).toEqual(["/placed"]);
  });

  it("says when the time is over, and begins again with the same date", async () => {
    await holdFirst();
    const { key } = asked[0]!.body;
    await live(2, 297);
    mine["hold"] = hold(key, "2027-10-12", false);
    await live(4, 300);
    expect(text("[data-moment]")).toContain("Uw 5 minuten zijn voorbij");
    expect(main().textContent).toBe("Begin opnieuw");
    answers["hold"]!.push((body) => held(body, "2027-10-12"));
    main().click();
    await wait(10);
    expect(asked.at(-1)!.body.lines[0]!.day).toBe("2027-10-12");
    expect(asked.at(-1)!.body.key).not.toBe(key);
  });

  it("warns in the last minute, and never while the clock stands still", async () => {
    await holdFirst();
    await live(1, 200);
    await live(10, 238, true);
    expect(text("[data-service]")).toContain("De klok staat stil");
    expect(text("[data-alert]")).toBe("");
    const shown = text("[data-clock-time]");
    await live(5, 238, true);
    expect(text("[data-clock-time]")).toBe(shown);
    await live(4, 238);
    expect(text("[data-moment]")).toContain("Wij zijn er weer");
    expect(text("[data-alert]")).toContain("Nog 1 minuut");
  });

  it("says that nothing is heard any more, whatever was heard last", async () => {
    await holdFirst();
    await live(2, 200, true);
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
    await wait(6_000);
    expect(text("[data-service]")).toContain("Geen verbinding met Balie");
    expect(text("[data-service]")).not.toContain("De klok staat stil");
    await live(1, 200, true);
    expect(text("[data-service]")).toContain("De klok staat stil");
    await live(1, 201);
    expect(text("[data-service]")).toBe("");
    expect(text("[data-moment]")).toContain("Wij zijn er weer");
  });

  it("follows a colleague: another date, the date given back, the order", async () => {
    await holdFirst();
    mine["hold"] = hold("other", "2027-10-13");
    source.tell("mine", { version: 2 });
    await wait(300);
    expect(text("[data-held-date]")).toBe("Woensdag 13 oktober");
    expect(text("[data-moment]")).toContain("Voor uw praktijk wordt nu 13 oktober vastgehouden");
    mine["hold"] = null;
    source.tell("mine", { version: 3 });
    await wait(300);
    expect(text("[data-moment]")).toContain("teruggegeven");
    expect(main().textContent).toBe("Houd 12 oktober voor mij vast");
    mine["order"] = { number: "B27-1", placed_at: at(9) };
    source.tell("mine", { version: 4 });
    await wait(300);
    expect(gone).toEqual(["/placed"]);
  });

  it("shows the time that the organiser gives, also to who was just too late", async () => {
    await holdFirst();
    const longer = { ...(mine["hold"] as object), expires_at: at(600) };
    mine["hold"] = longer;
    source.tell("mine", { version: 2 });
    await wait(300);
    expect(text("[data-moment]")).toContain("U heeft extra tijd gekregen");
    expect(text("[data-clock-end]")).toContain("00.40.00");
    mine["hold"] = { ...longer, live: false };
    source.tell("mine", { version: 3 });
    await wait(300);
    expect(main().textContent).toBe("Begin opnieuw");
    mine["hold"] = { ...longer, expires_at: at(900) };
    source.tell("mine", { version: 4 });
    await wait(300);
    expect(text("[data-moment]")).toContain("Uw tijd loopt nu tot 00.45.00 uur");
    expect(main().textContent).toBe("Bestel definitief");
  });

  it("says that the practice may not order, until it may", async () => {
    await holdFirst();
    Object.assign(mine, { hold: null, blocked: true });
    source.tell("mine", { version: 2 });
    await wait(300);
    expect(text("[data-alert]")).toContain("Uw praktijk kan nu niet bestellen");
    expect(main().hidden).toBe(true);
    mine["blocked"] = false;
    source.tell("mine", { version: 3 });
    await wait(300);
    expect(text("[data-alert]")).toBe("");
    expect(text("[data-moment]")).toContain("U kunt weer bestellen");
    expect(main().textContent).toBe("Houd 12 oktober voor mij vast");
  });

  it("gives the date back", async () => {
    await holdFirst();
    answers["release"]!.push(() => [200, { outcome: "released" }]);
    find("[data-release]").click();
    await wait(10);
    expect(text("[data-moment]")).toContain("12 oktober is teruggegeven");
    expect(find("[data-clock]").hidden).toBe(true);
  });

  it("says why a day cannot be had, without asking", async () => {
    document.querySelector<HTMLElement>("[data-month='-1']")!.click();
    document.querySelector<HTMLButtonElement>(".balie-day--full")!.click();
    expect(text("[data-said]")).toBe("Dinsdag 28 september is vol.");
    expect(asked).toEqual([]);
  });
});
