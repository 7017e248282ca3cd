import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveClient } from "./live.ts";

const answers: (Response | Error)[] = [];
const asked: { path: string; body: unknown }[] = [];

function reply(status: number, body: unknown, headers: Record<string, string> = {}): void {
  answers.push(new Response(JSON.stringify(body), { status, headers }));
}

beforeEach(() => {
  vi.useFakeTimers();
  answers.length = asked.length = 0;
  vi.stubGlobal("fetch", (path: string, request: RequestInit) => {
    asked.push({ path, body: request.body && JSON.parse(request.body as string) });
    const answer = answers.shift() ?? new Error("nobody answers");
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const wish = { key: "a-key", lines: [{ product: 1, location: 9, doses: 650 }], ranking: ["2027-09-28"] };

describe("LiveClient", () => {
  it("names the practice in every request about one", async () => {
    reply(200, { ticket: "t", number: null });
    await new LiveClient({ campaign: 1, practice: 17 }).join();
    expect(asked).toEqual([{ path: "/live/queue/1/join", body: { practice: 17 } }]);
  });

  it("gives a failure as a value with its code", async () => {
    reply(409, { code: "full", title: "Vol", days: ["2027-09-28"], alternatives: ["2027-09-29"] });
    const answer = await new LiveClient({ campaign: 1, practice: 17 }).hold(wish);
    expect(answer).toMatchObject({ ok: false, status: 409, code: "full", alternatives: ["2027-09-29"], errors: [] });
  });

  it("repeats a POST byte for byte while no verdict comes", async () => {
    reply(503, { code: "try_again" }, { "Retry-After": "1" });
    answers.push(new Error("cut"));
    reply(200, { outcome: "held", key: "a-key" });
    const onRetry = vi.fn();
    const answer = new LiveClient({ campaign: 1, practice: 17, onRetry }).hold(wish);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await answer).toMatchObject({ ok: true });
    expect(asked.map(({ body }) => body)).toEqual(Array(3).fill({ practice: 17, ...wish }));
    expect(onRetry.mock.calls).toEqual([[1], [2]]);
  });

  it("gives up after its patience, and says that no answer came", async () => {
    const answer = new LiveClient({ campaign: 1, practice: 17, patience_ms: 3_000 }).confirm("a-key");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await answer).toMatchObject({ ok: false, code: "no_connection", status: 0 });
  });

  it("takes an error page without JSON for a passing fault", async () => {
    answers.push(new Response("<h1>Bad gateway</h1>", { status: 502 }));
    expect(await new LiveClient({ campaign: 1, practice: 17 }).state()).toMatchObject({ code: "no_connection" });
  });
});
