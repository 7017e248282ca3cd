/** Icons weigh on every page: the sheet holds those that are used, and all of them. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));

function sources(folder: string, ends: string): string[] {
  return readdirSync(root + folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ends) && !name.includes("node_modules") && !name.endsWith(".test.ts"))
    .map((name) => readFileSync(`${root}${folder}/${name}`, "utf8"));
}

function all(texts: string[], ...patterns: RegExp[]): Set<string> {
  return new Set(texts.flatMap((text) => patterns.flatMap((pattern) => Array.from(text.matchAll(pattern), (m) => m[1] ?? ""))));
}

const sheet = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8");
const known = all([sheet("./icons.css"), sheet("./nav.css"), sheet("./consult_icons.css"), sheet("./design.css"), sheet("./oncall.css"), sheet("./report.css")], /balie-icon--([a-z0-9-]+) \{/g);
const written = [...sources("balie", ".html"), ...sources("balie", ".py"), ...sources("frontend/src", ".ts")];
const named = all(written, /\{% icon "([a-z0-9-]+)"/g, /\bicon\("([a-z0-9-]+)"\)/g, /balie-icon--([a-z0-9-]+)/g, /notice\(.*\], "([a-z0-9-]+)"\)/g);

it("has every icon that is named", () => {
  expect([...named].filter((name) => !known.has(name))).toEqual([]);
});

it("has no icon that nobody mentions", () => {
  const mentioned = all(written, /["'-]([a-z0-9]+(?:-[a-z0-9]+)*)["'\s]/g);
  expect([...known].filter((name) => !named.has(name) && !mentioned.has(name))).toEqual([]);
});
