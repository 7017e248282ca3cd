// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Day } from "../lib/live.ts";
import { ownDays } from "./days.ts";
import { DaysView } from "./days_view.ts";

const DAYS = ["2027-09-28", "2027-09-30", "2027-10-05", "2027-10-07"];

const picture = (free: number, held: string[] = []) =>
  ownDays(
    DAYS.map((day): Day => ({
      day,
      doses: { limit: 70_000, free: free * 1000, held: 0 },
      addresses: { limit: 112, free, held: 0 },
    })),
    { need: { doses: 740, addresses: 1 }, held, until: "2027-05-31T22:33:55.000Z", ranking: ["2027-10-05"] },
  );

const button = (day: string): HTMLButtonElement => {
  const found = [...document.querySelectorAll<HTMLButtonElement>(".balie-day")].find((each) => each.textContent?.includes(day));
  return found!;
};
const press = (key: string): void => {
  document.activeElement!.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
};
const chosen = vi.fn();
let view: DaysView;

beforeEach(() => {
  chosen.mockReset();
  document.body.innerHTML = `
    <button data-month="-1"></button><h2 data-month-name></h2><button data-month="1"></button>
    <a href="?" data-view="calendar"></a><a href="?weergave=tabel" data-view="table"></a>
    <p data-age hidden><span></span></p><div data-days></div><ul data-legend hidden></ul>`;
  view = new DaysView(["2027-10-05"], chosen);
});

describe("DaysView", () => {
  it("shows the month of what is held, also when that was known before the calendar", () => {
    view.open("2027-09-28");
    view.paint(picture(9, ["2027-09-28"]));
    expect(document.querySelector("[data-month-name]")!.textContent).toBe("September 2027");
    expect(button("28").getAttribute("aria-pressed")).toBe("true");
  });

  it("has one tab stop, and leaves focus on its day when news comes", () => {
    view.paint(picture(9));
    expect(document.querySelectorAll('.balie-day[tabindex="0"]')).toHaveLength(1);
    button("7 oktober").focus();
    view.paint(picture(0));
    expect(document.activeElement).toBe(button("7 oktober"));
    expect(button("7 oktober").getAttribute("aria-disabled")).toBe("true");
    expect(button("7 oktober").textContent).toContain("doses en adressen op");
  });

  it("goes by the arrows through the days and on to the next month", () => {
    view.paint(picture(9, ["2027-09-28"]));
    button("28").focus();
    press("ArrowRight");
    expect(document.activeElement).toBe(button("30"));
    press("ArrowRight");
    expect(document.querySelector("[data-month-name]")!.textContent).toBe("Oktober 2027");
    expect(document.activeElement).toBe(button("5 oktober"));
    press("Enter");
    button("5 oktober").click();
    expect(chosen).toHaveBeenCalledExactlyOnceWith("2027-10-05");
  });

  it("says the amount in the singular, and what of it is held", () => {
    const one = picture(1, []);
    one.get("2027-10-05")!.doses = { limit: 70_000, free: 0, held: 900 };
    one.get("2027-10-05")!.state = "held";
    view.open("2027-10-05");
    view.paint(one);
    expect(button("5 oktober").textContent).toContain("900 doses bezet1 adres");
  });

  it("is also a table, with a button for each day one can have", () => {
    view.paint(picture(9, ["2027-10-07"]));
    document.querySelector<HTMLAnchorElement>("[data-view=table]")!.click();
    const rows = [...document.querySelectorAll("tbody tr")].map((row) => row.textContent);
    expect(rows).toHaveLength(2);
    expect(rows[1]).toContain("tot 00.33");
    const choose = document.querySelector<HTMLButtonElement>("tbody button")!;
    choose.focus();
    view.paint(picture(8, ["2027-10-07"]));
    expect((document.activeElement as HTMLElement).textContent).toContain("5 oktober");
    document.querySelector<HTMLButtonElement>("tbody button")!.click();
    expect(chosen).toHaveBeenCalledWith("2027-10-05");
  });
});
