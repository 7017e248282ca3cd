// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { drawBars, drawLines, type Line } from "./plots.ts";

const START = Date.parse("2027-05-31T21:00:00Z");
const points = (...values: number[]) => values.map((value, at) => ({ at: START + at * 60_000, value }));
const line = (series: Line["series"], label: string, ...values: number[]): Line => ({
  series,
  label,
  filled: series === 1,
  points: points(...values),
});
const words = (svg: SVGSVGElement): string[] => [...svg.querySelectorAll("text")].map((text) => text.textContent ?? "");

describe("drawLines", () => {
  it("says what it shows, with round numbers and times at the axes", () => {
    const svg = drawLines(350, [line(1, "wachtend", ...Array.from({ length: 91 }, (_, at) => at * 54))], "Wachtend: 4.860");
    expect(svg.getAttribute("aria-label")).toBe("Wachtend: 4.860");
    expect(words(svg)).toEqual(["0", "2.500", "5.000", "23.00", "23.30", "00.00", "00.30", "wachtend"]);
  });

  it("stays within its frame", () => {
    const svg = drawLines(310, [line(1, "", 0, 50, 3)], "");
    const numbers = svg.querySelector(".l1")!.getAttribute("d")!.slice(1).split(/[ L]/).map(Number);
    expect(Math.max(...numbers)).toBeLessThanOrEqual(310);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  });

  it("keeps the names of lines apart", () => {
    const svg = drawLines(350, [line(1, "wachtend", 5, 5), line(2, "binnen", 5, 5)], "");
    const [first, second] = [...svg.querySelectorAll(".lbl")].map((text) => Number(text.getAttribute("y")));
    expect(Math.abs(first! - second!)).toBeGreaterThanOrEqual(16);
  });

  it.each([[[]], [[4]]])("draws %o points without a fault", (values) => {
    const svg = drawLines(350, [line(1, "wachtend", ...values)], "");
    expect(svg.innerHTML).not.toContain("NaN");
    expect(svg.innerHTML).not.toContain("Infinity");
  });
});

describe("drawBars", () => {
  it("stacks what is held on what is ordered", () => {
    const svg = drawBars(350, [{ label: "39", taken: 0.5, held: 0.1 }], "Week 39");
    const [taken, held] = ["b-taken", "b-held"].map((name) => svg.querySelector(`.${name}`)!);
    expect(Number(taken!.getAttribute("height"))).toBeCloseTo(85);
    expect(Number(held!.getAttribute("y")) + Number(held!.getAttribute("height"))).toBeCloseTo(Number(taken!.getAttribute("y")));
    expect(words(svg)).toEqual(["0", "50%", "100%", "39"]);
  });
});
