/**
 * Cuts the fonts down to the characters that Dutch and English screens use, before Vite reads the style sheets.
 *
 * The style sheets name the results as `@fonts/NAME.woff2`. Receipts in PDF are set in the same fonts, uncompressed:
 * `fonts/NAME.ttf` beside the bundles.
 */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import subsetFont from "subset-font";
import type { Plugin } from "vite";

export const FONTS_DIR = fileURLToPath(new URL("./node_modules/.fonts/", import.meta.url));

const SOURCES = [
  "@fontsource/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-400-normal.woff2",
  "@fontsource/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-700-normal.woff2",
  "@fontsource/besley/files/besley-latin-700-normal.woff2",
];

/** ASCII, the accented letters of Dutch (and of names in the Netherlands), and our punctuation. */
const CHARACTERS =
  Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join("") +
  "ÀÁÂÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖØÙÚÛÜÝàáâäåæçèéêëìíîïñòóôöøùúûüýÿß\u00a0\u00ad°·×÷±½§©€–—‘’‚“”„…•−′″²³µ";
const FEATURES = ["kern", "liga", "locl", "ccmp", "mark", "mkmk", "lnum", "pnum", "tnum"];

export function subsetFonts(): Plugin {
  return {
    name: "balie-fonts",
    async buildStart() {
      const require = createRequire(import.meta.url);
      await mkdir(FONTS_DIR, { recursive: true });
      for (const source of SOURCES) {
        const font = await readFile(require.resolve(source));
        const subset = await subsetFont(font, CHARACTERS, { targetFormat: "woff2", keepFeatures: FEATURES });
        await writeFile(FONTS_DIR + source.split("/").at(-1), subset);
      }
    },
    async generateBundle() {
      const require = createRequire(import.meta.url);
      for (const source of SOURCES) {
        const font = await readFile(require.resolve(source));
        const subset = await subsetFont(font, CHARACTERS, { targetFormat: "truetype", keepFeatures: FEATURES });
        const name = source.split("/").at(-1)?.replace(".woff2", ".ttf");
        this.emitFile({ type: "asset", fileName: `fonts/${name}`, source: subset });
      }
    },
  };
}
