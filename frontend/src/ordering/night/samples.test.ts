import { describe, expect, it } from "vitest";
import { nightNow } from "./example.ts";
import { Samples } from "./samples.ts";

const START = Date.parse("2027-05-31T22:00:00Z");
const iso = (seconds: number): string => new Date(START + seconds * 1000).toISOString();
const minute = (at: number, waiting: number) => ({ at: iso(at * 60), waiting, inside: 0, orders: 1, doses: 9, mail_waiting: 0 });
const seconds = (samples: Samples): number[] => samples.all().map(({ at }) => (at - START) / 1000);

describe("Samples", () => {
  it("puts a minute at its end and leaves out the one that is not over", () => {
    const samples = new Samples();
    samples.setHistory([minute(0, 5), minute(1, 6), minute(2, 7)]);
    expect(samples.all().map(({ waiting }) => waiting)).toEqual([5, 6]);
    expect(seconds(samples)).toEqual([60, 120]);
  });

  it("keeps one of every five seconds, and the newest", () => {
    const samples = new Samples();
    for (let at = 0; at <= 12; at += 1) samples.add(nightNow({ wall: iso(at) }));
    expect(seconds(samples)).toEqual([0, 5, 10, 12]);
  });

  it("takes the past anew after a reconnection, without doubling what it saw itself", () => {
    const samples = new Samples();
    for (const at of [90, 100, 190]) samples.add(nightNow({ wall: iso(at) }));
    samples.setHistory([minute(0, 5), minute(1, 6), minute(2, 7), minute(3, 8)]);
    expect(seconds(samples)).toEqual([60, 120, 180, 190]);
  });

  it("forgets after three hours", () => {
    const samples = new Samples();
    samples.setHistory([minute(0, 5), minute(1, 6)]);
    samples.add(nightNow({ wall: iso(30) }));
    samples.add(nightNow({ wall: iso(4 * 3600) }));
    expect(seconds(samples)).toEqual([4 * 3600]);
  });
});
