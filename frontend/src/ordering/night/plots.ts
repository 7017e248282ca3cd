/** Draws the control room's plots as SVG, at the width they have on the screen, so that their words keep their size. */

import { createSvg } from "../../lib/dom.ts";
import { formatMinutes, formatNumber } from "../../lib/format.ts";
import { linear, niceTop, timeTicks } from "./scale.ts";

const HEIGHT = 210;
const TOP = 14;
const BOTTOM = 184;
const RIGHT_MARGIN = 14;
const LETTER = 7.2;
const LABEL_WIDTH = 74;
const LABEL_HEIGHT = 16;

export interface Line {
  /** 1, 2 or 3: the series colour. */
  series: 1 | 2 | 3;
  /** At the end of the line; empty where the heading says it already. */
  label: string;
  filled: boolean;
  points: { at: number; value: number }[];
}

export interface Bar {
  label: string;
  /** Shares of 1. */
  taken: number;
  held: number;
}

/** Lines over time. `description` is what the plot says to somebody who cannot see it. */
export function drawLines(width: number, lines: Line[], description: string): SVGSVGElement {
  const points = lines.flatMap((line) => line.points);
  const top = niceTop(Math.max(0, ...points.map(({ value }) => value)));
  const left = leftMargin([0, top / 2, top].map(formatNumber));
  const from = Math.min(...points.map(({ at }) => at));
  const to = Math.max(...points.map(({ at }) => at));
  const x = linear([from, to], [left, width - RIGHT_MARGIN]);
  const y = linear([0, top], [BOTTOM, TOP + 6]);
  const svg = frame(width, description);
  grid(svg, width, left, [0, top / 2, top].map((value) => [y(value), formatNumber(value)]));
  for (const at of timeTicks(from, to, Math.floor((width - left) / LABEL_WIDTH) + 1)) {
    svg.append(createSvg("text", { x: x(at).toFixed(1), y: 203, "text-anchor": "middle" }, formatMinutes(at)));
  }
  svg.append(createSvg("line", { class: "axis", x1: left, x2: width - RIGHT_MARGIN, y1: BOTTOM, y2: BOTTOM }));
  const taken: number[] = [];
  for (const line of lines) {
    const path = line.points.map(({ at, value }) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("L");
    if (!path) continue;
    if (line.filled) {
      const area = `M${path}L${x(line.points.at(-1)!.at).toFixed(1)} ${BOTTOM}L${x(line.points[0]!.at).toFixed(1)} ${BOTTOM}z`;
      svg.append(createSvg("path", { class: `a${line.series}`, d: area }));
    }
    svg.append(createSvg("path", { class: `l${line.series}`, d: `M${path}` }));
    if (line.label) taken.push(label(svg, width, line, highestUnder(line, x, y, width), taken));
  }
  return svg;
}

/** Bars of shares, one per week. */
export function drawBars(width: number, bars: Bar[], description: string): SVGSVGElement {
  const left = leftMargin(["100%"]);
  const y = linear([0, 1], [BOTTOM, TOP]);
  const slot = (width - left - RIGHT_MARGIN) / Math.max(1, bars.length);
  const svg = frame(width, description);
  grid(svg, width, left, [0, 0.5, 1].map((share) => [y(share), share === 0 ? "0" : `${share * 100}%`]));
  bars.forEach((bar, at) => {
    const x = left + slot * at;
    const part = (name: string, from: number, to: number): void => {
      const box = { x: (x + slot * 0.16).toFixed(1), width: (slot * 0.68).toFixed(1) };
      svg.append(createSvg("rect", { class: name, ...box, y: y(to).toFixed(1), height: (y(from) - y(to)).toFixed(1) }));
    };
    part("b-free", 0, 1);
    part("b-taken", 0, bar.taken);
    part("b-held", bar.taken, bar.taken + bar.held);
    if (slot > 2.5 * LETTER || at % 2 === 0) {
      svg.append(createSvg("text", { x: (x + slot / 2).toFixed(1), y: 203, "text-anchor": "middle" }, bar.label));
    }
  });
  return svg;
}

function frame(width: number, description: string): SVGSVGElement {
  return createSvg("svg", {
    class: "plot",
    viewBox: `0 0 ${width} ${HEIGHT}`,
    role: "img",
    "aria-label": description,
  });
}

function leftMargin(labels: string[]): number {
  return 12 + LETTER * Math.max(...labels.map((text) => text.length));
}

function grid(svg: SVGSVGElement, width: number, left: number, marks: [number, string][]): void {
  for (const [y, text] of marks) {
    svg.append(
      createSvg("line", { class: "grid", x1: left, x2: width - RIGHT_MARGIN, y1: y, y2: y }),
      createSvg("text", { x: left - 6, y: y + 4, "text-anchor": "end" }, text),
    );
  }
}

/** How high a line comes, as drawn, where its name will stand. */
function highestUnder(line: Line, x: (at: number) => number, y: (value: number) => number, width: number): number {
  const begins = width - RIGHT_MARGIN - LETTER * line.label.length;
  const first = line.points.findIndex(({ at }) => x(at) >= begins);
  return Math.min(...line.points.slice(first < 1 ? first : first - 1).map(({ value }) => y(value)));
}

/** Names a line at its end, above its `highest` point there and clear of the names before it; returns where. */
function label(svg: SVGSVGElement, width: number, line: Line, highest: number, taken: number[]): number {
  let y = Math.max(TOP - 2, highest - 8);
  while (taken.some((other) => Math.abs(other - y) < LABEL_HEIGHT)) y -= LABEL_HEIGHT;
  const place = { x: width - RIGHT_MARGIN, y: y.toFixed(1), "text-anchor": "end" };
  svg.append(createSvg("text", { class: `lbl lbl${line.series}`, ...place }, line.label));
  return y;
}
