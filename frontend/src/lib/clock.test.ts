import { describe, expect, it } from "vitest";
import { markPassed, ServiceClock } from "./clock.ts";

const START = Date.parse("2027-05-31T22:00:00.000Z");
const iso = (milliseconds: number): string => new Date(START + milliseconds).toISOString();

function clockAt(): { clock: ServiceClock; go: (milliseconds: number) => void } {
  let elapsed = 0;
  return { clock: new ServiceClock(() => elapsed), go: (milliseconds) => (elapsed += milliseconds) };
}

describe("ServiceClock", () => {
  it("runs on between messages", () => {
    const { clock, go } = clockAt();
    clock.update({ now: iso(0), still: false });
    go(1500);
    expect(clock.now()).toBe(START + 1500);
  });

  it("trusts the message that was underway the shortest", () => {
    const { clock, go } = clockAt();
    clock.update({ now: iso(0), still: false });
    go(500);
    clock.update({ now: iso(300), still: false });
    expect(clock.now()).toBe(START + 500);
    clock.update({ now: iso(520), still: false });
    expect(clock.now()).toBe(START + 520);
  });

  it("forgets, so that a clock that fell behind is followed", () => {
    const { clock, go } = clockAt();
    clock.update({ now: iso(0), still: false });
    go(20_000);
    clock.update({ now: iso(18_000), still: false });
    expect(clock.now()).toBe(START + 18_000);
  });

  it("stands still when the service says so, and goes on from there", () => {
    const { clock, go } = clockAt();
    clock.update({ now: iso(0), still: false });
    go(5_000);
    clock.update({ now: iso(2_000), still: true });
    go(60_000);
    expect(clock.still).toBe(true);
    expect(clock.until(iso(10_000))).toBe(8_000);
    clock.update({ now: iso(2_500), still: false });
    go(100);
    expect(clock.still).toBe(false);
    expect(clock.until(iso(10_000))).toBe(7_400);
  });
});

describe("markPassed", () => {
  it.each([
    [121_000, 119_900, 120_000],
    [119_900, 119_000, null],
    [60_001, 60_000, 60_000],
    [16_000, 14_000, 15_000],
    [130_000, 10_000, 15_000],
  ])("from %i to %i ms: %s", (before, after, mark) => expect(markPassed(before, after)).toBe(mark));
});
