/** Each page finds its classes in the sheets that it loads: quiet pages come without office.css, others without the
 * calendar's.
 */

import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string): string => readFileSync(root + path, "utf8");
const sheets = (path: string): string[] =>
  Array.from(read(path).matchAll(/import "(?:\.|\.\.\/styles)\/([a-z-]+\.css)"/g), (match) => match[1] ?? "")
    // These only take back what others dress.
    .filter((name) => !["print.css", "forced.css"].includes(name));
const classesOf = (names: string[]): Set<string> =>
  new Set(names.flatMap((name) => Array.from(read(`frontend/src/styles/${name}`).matchAll(/\.(balie-[a-z0-9_-]+)/g), (m) => m[1] ?? "")));

const office = sheets("frontend/src/styles/office.css");
const everywhere = sheets("frontend/src/styles/index.css");
const calendar = sheets("frontend/src/entries/calendar.ts");

function mentioned(...folders: string[]): Set<string> {
  const texts = folders.flatMap((path) =>
    /\.\w+$/.test(path) ? [read(path)] : readdirSync(root + path).map((name) => read(`${path}/${name}`)),
  );
  return new Set(texts.flatMap((text) => Array.from(text.matchAll(/balie-[a-z0-9_-]+/g), (match) => match[0])));
}

function missing(here: string[], ...folders: string[]): string[] {
  const known = classesOf(here);
  const elsewhere = classesOf([...office, ...calendar]);
  return [...mentioned(...folders)].filter((name) => elsewhere.has(name) && !known.has(name));
}

const templates = "balie/ordering/templates/ordering";

it("dresses the waiting room and the draw with what every page has", () => {
  expect(missing(everywhere, `${templates}/waiting.html`, `${templates}/draw.html`, "frontend/src/waitingroom")).toEqual([]);
});

it("dresses the calendar with that and its own", () => {
  const scripts = ["days_grid", "days_table", "days_view", "desk", "desk_look", "order_card", "acts", "moments"];
  const paths = scripts.map((name) => `frontend/src/ordering/${name}.ts`);
  expect(missing([...everywhere, ...calendar], `${templates}/calendar.html`, ...paths)).toEqual([]);
});

it("dresses pages with a menu with that and the office's", () => {
  const pages = ["balie/templates", "balie/ordering/templates", "balie/practices/templates"].flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`),
  );
  const others = pages.filter(
    (path) => path.endsWith(".html") && !path.includes("/design/") && !path.endsWith("/calendar.html"),
  );
  expect(missing([...everywhere, ...office], ...others)).toEqual([]);
});

it("would tell", () => {
  expect(missing(everywhere, `${templates}/calendar.html`)).toContain("balie-tabs");
});
