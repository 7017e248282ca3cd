/** The promises of the theme, of the sheet that browsers get: its contrasts in both schemes, and one set of dark values. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const built = new URL("../../../balie/static/built/", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, built), "utf8");
const manifest: Record<string, { css?: string[] }> = JSON.parse(read("manifest.json"));
const sheets = new Set(Object.values(manifest).flatMap((entry) => entry.css ?? []));
const css = Array.from(sheets, read).join("").replaceAll('"', "").replaceAll(/\s*([{}:;])\s*/g, "$1");

type Colours = Record<string, string>;

/** The colours of every rule for this selector, `#abc` written in full. */
function colours(selector: string): Colours {
  const rules = css.split(`${selector}{`).slice(1).map((rest) => rest.slice(0, rest.indexOf("}")));
  const found = rules.flatMap((rule) => Array.from(rule.matchAll(/--balie-color-([a-z0-9-]+):#([0-9a-f]{3,6})\b/g)));
  return Object.fromEntries(found.map(([, name, value = ""]) => [name, `#${value.length === 3 ? value.replaceAll(/./g, "$&$&") : value}`]));
}

const preferred = colours(".balie-theme:not([data-scheme=light])");
const chosen = colours(".balie-theme[data-scheme=dark]");
const light = colours(".balie-theme");
const schemes: [string, Colours, 0 | 1][] = [
  ["light", light, 0],
  ["dark", { ...light, ...chosen }, 1],
];

function luminance(colour: string): number {
  const parts = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (parts[0] ?? 0) + 0.7152 * (parts[1] ?? 0) + 0.0722 * (parts[2] ?? 0);
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** What the design says of each pair, in light and in dark. */
const TABLE: [front: string, back: string, light: number, dark: number][] = [
  ["ink", "paper", 15.4, 16.7],
  ["on-brand", "brand", 12.2, 11.0],
  ["link", "surface", 10.3, 11.4],
  ["on-yours", "yours", 11.7, 11.7],
  ["on-stage", "stage", 16.0, 14.7],
  ["yours", "stage", 11.1, 10.1],
  ["ok", "ok-tint", 6.2, 8.0],
  ["notice", "notice-tint", 6.3, 8.7],
  ["fault", "fault-tint", 6.2, 8.2],
  ["info", "info-tint", 6.7, 8.6],
  ["quiet", "quiet-tint", 5.7, 7.4],
];
const INK_SOFT_ON = ["paper", "surface", "sunken", "brand-tint", "yours-tint", "ok-tint", "notice-tint", "fault-tint", "info-tint"];
const INK_SOFT_WORST = [5.9, 6.2] as const;

/** Other text, which must be readable all the same. */
const TEXT: [front: string, back: string][] = [
  ["ink", "surface"],
  ["ink", "sunken"],
  ["on-brand", "brand-deep"],
  ["link", "paper"],
  ["link", "brand-tint"],
  ["ink", "yours-tint"],
  ["on-stage-soft", "stage"],
  ["yours-on-action", "yours-action"],
  ...["ok", "notice", "fault", "info", "quiet"].flatMap((name): [string, string][] => [
    [name, "surface"],
    ["ink", `${name}-tint`],
  ]),
];
/** Borders, bars and plots. `taken` is not among them: words carry it. */
const SHAPES = ["line-strong", "free", "held", "series-1", "series-2", "series-3", "focus"];

describe.each(schemes)("%s", (_name, scheme, at) => {
  const between = (front: string, back: string): number => contrast(scheme[front] ?? "", scheme[back] ?? "");

  it.each(TABLE)("%s on %s is as designed", (front, back, ...said) => {
    expect(Math.abs(between(front, back) - said[at])).toBeLessThanOrEqual(0.06);
  });
  it("has soft ink that can be read on its worst ground", () => {
    const worst = Math.min(...INK_SOFT_ON.map((back) => between("ink-soft", back)));
    expect(Math.abs(worst - INK_SOFT_WORST[at])).toBeLessThanOrEqual(0.06);
  });
  it.each(TEXT)("%s on %s can be read", (front, back) => {
    expect(between(front, back)).toBeGreaterThanOrEqual(4.5);
  });
  it.each(SHAPES)("%s can be seen", (shape) => {
    expect(between(shape, "surface")).toBeGreaterThanOrEqual(3.1);
  });
});

it("has the same dark values by preference and by choice", () => {
  expect(Object.keys(chosen).length).toBeGreaterThan(30);
  expect(chosen).toEqual(preferred);
});

it("gives every colour a dark value, but those that are paint in any light", () => {
  const fixed = Object.keys(light).filter((name) => !(name in chosen));
  expect(fixed.filter((name) => !name.startsWith("yours-"))).toEqual([]);
});

it("is light on paper, whatever the screen is", () => {
  for (const selector of [".balie-theme:not([data-scheme=light])", ".balie-theme[data-scheme=dark]"]) {
    const [before = ""] = css.split(`${selector}{`);
    expect(before.slice(before.lastIndexOf("@media"))).toMatch(/^@media screen/);
  }
});
