/** The promises of the theme: contrast in both schemes, and one set of dark values. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("./theme.css", import.meta.url), "utf8");

function block(after: string): Record<string, string> {
  const from = css.indexOf("{", css.indexOf(after) + after.length - 1);
  const colours = css.slice(from, css.indexOf("}", from)).matchAll(/--balie-color-([a-z0-9-]+):\s*(#[0-9a-f]{6})/g);
  return Object.fromEntries(Array.from(colours, ([, name, value]) => [name, value]));
}

const light = { ...block('--balie-color-yours-action: #5a1d4f;'), ...block(".balie-theme {\n  color-scheme: light;") };
const preferred = block('.balie-theme:not([data-scheme="light"]) {');
const chosen = block('.balie-theme[data-scheme="dark"] {');
const fixed = {
  "yours-paper": "#ffffff",
  "yours-action": "#5a1d4f",
  "yours-on-action": "#ffffff",
};
const schemes: [string, Record<string, string>][] = [
  ["light", { ...light, ...fixed }],
  ["dark", { ...chosen, ...fixed }],
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

const TEXT: [string, string][] = [
  ["ink", "paper"],
  ["ink", "surface"],
  ["ink", "sunken"],
  ["ink-soft", "paper"],
  ["ink-soft", "surface"],
  ["ink-soft", "sunken"],
  ["on-brand", "brand"],
  ["on-brand", "brand-deep"],
  ["link", "surface"],
  ["link", "paper"],
  ["link", "brand-tint"],
  ["on-yours", "yours"],
  ["ink", "yours-tint"],
  ["on-stage", "stage"],
  ["on-stage-soft", "stage"],
  ["yours", "stage"],
  ["yours-on-action", "yours-action"],
  ...["ok", "notice", "fault", "info", "quiet"].flatMap((name): [string, string][] => [
    [name, `${name}-tint`],
    [name, "surface"],
    ["ink", `${name}-tint`],
  ]),
];
const SHAPES: [string, string][] = ["line-strong", "free", "series-1", "series-2", "series-3", "focus"].map((name) => [
  name,
  "surface",
]);

describe.each(schemes)("%s", (_name, colours) => {
  it.each(TEXT)("%s on %s can be read", (front, back) => {
    expect(contrast(colours[front] ?? "", colours[back] ?? "")).toBeGreaterThanOrEqual(4.5);
  });
  it.each(SHAPES)("%s on %s can be seen", (front, back) => {
    expect(contrast(colours[front] ?? "", colours[back] ?? "")).toBeGreaterThanOrEqual(3);
  });
});

it("has the same dark values by preference and by choice", () => {
  expect(Object.keys(chosen).length).toBeGreaterThan(30);
  expect(chosen).toEqual(preferred);
});
