// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PreparedForm } from "./prepared.ts";

const FLU = "doses-1-9";
const page = (doses: string, days: string[], note = ""): string => `
  <form data-prepare method="post" action="/bestellen/2027/voorbereiden/">
    <button type="submit" hidden></button>${note}
    <div><button type="submit" name="do" value="less:${FLU}" data-step="-10"></button>
      <input type="text" id="${FLU}" name="${FLU}" value="${doses}">
      <button type="submit" name="do" value="more:${FLU}" data-step="10"></button></div>
    ${days
      .map(
        (day, at) => `<input type="hidden" name="day" value="${day}">
          <button type="submit" name="do" value="up:${day}" ${at === 0 ? "disabled" : ""}></button>
          <button type="submit" name="do" value="down:${day}"></button>`,
      )
      .join("")}
    <button type="submit" data-save>Bewaar</button>
  </form>
  <p data-said></p><div data-trouble hidden><p data-trouble-words></p></div>`;

interface Asked {
  body: URLSearchParams;
  answer: (html: string, status?: number) => Promise<void>;
  fail: () => Promise<void>;
}
const asked: Asked[] = [];
const settle = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => undefined);
const field = (): HTMLInputElement => document.querySelector<HTMLInputElement>(`#${FLU}`)!;
const said = (): string => document.querySelector("[data-said]")!.textContent ?? "";

function type(value: string): void {
  field().value = value;
  field().dispatchEvent(new Event("input", { bubbles: true }));
}

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  vi.stubGlobal("fetch", (_address: string, { body }: { body: URLSearchParams }) => {
    return new Promise((resolve, reject) => {
      asked.push({
        body,
        answer: async (html, status = 200) => {
          resolve({ status, url: "/bestellen/2027/voorbereiden/", text: () => Promise.resolve(html) });
          await settle();
        },
        fail: async () => {
          reject(new Error("no network"));
          await settle();
        },
      });
    });
  });
  document.body.innerHTML = page("650", ["2027-09-28", "2027-09-30"]);
  new PreparedForm(document.querySelector("form")!);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("PreparedForm", () => {
  it("sends several clicks on a stepper as one change", async () => {
    for (let click = 0; click < 3; click += 1) document.querySelector<HTMLButtonElement>("[data-step='10']")!.click();
    expect(field().value).toBe("680");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toHaveLength(1);
    expect(asked[0]!.body.get(FLU)).toBe("680");
    await asked[0]!.answer(page("680", []));
    expect(said()).toMatch(/^Bewaard om \d\d\.\d\d uur\.$/);
  });

  it("keeps what is typed while an answer is underway, and sends it again", async () => {
    type("655");
    await vi.advanceTimersByTimeAsync(1_000);
    type("660");
    await asked[0]!.answer(page("655", [], "<p>655 kan niet</p>"));
    expect(field().value).toBe("660");
    expect(asked).toHaveLength(2);
    expect(asked[1]!.body.get(FLU)).toBe("660");
  });

  it("moves a date, says so, and stays with it", async () => {
    const up = document.querySelector<HTMLButtonElement>("button[value='up:2027-09-30']")!;
    up.focus();
    up.click();
    expect(asked[0]!.body.get("do")).toBe("up:2027-09-30");
    await asked[0]!.answer(page("650", ["2027-09-30", "2027-09-28"]));
    expect(said()).toBe("Donderdag 30 september is nu uw 1e keus.");
    expect((document.activeElement as HTMLButtonElement).value).toBe("down:2027-09-30");
  });

  it("keeps the form as it is when no answer comes, and says so", async () => {
    type("700");
    await vi.advanceTimersByTimeAsync(1_000);
    await asked[0]!.fail();
    expect(field().value).toBe("700");
    expect(document.querySelector<HTMLElement>("[data-trouble]")!.hidden).toBe(false);
    expect(said()).toContain("geen verbinding");
    document.querySelector<HTMLButtonElement>("[data-save]")!.click();
    await asked[1]!.answer(page("700", []));
    expect(document.querySelector("[data-trouble]")?.isConnected ?? false).toBe(false);
  });

  it("shows what was refused, with what was typed", async () => {
    type("veel");
    await vi.advanceTimersByTimeAsync(1_000);
    await asked[0]!.answer(page("veel", [], "<p>geen heel getal</p>"), 422);
    expect(field().value).toBe("veel");
    expect(said()).toContain("Nog niet bewaard");
  });

  it("loses nothing when somebody logged out, or works for another practice now", async () => {
    type("700");
    await vi.advanceTimersByTimeAsync(1_000);
    await asked[0]!.answer("<p>andere praktijk</p>", 409);
    expect(field().value).toBe("700");
    expect(said()).toContain("andere praktijk");
  });
});
