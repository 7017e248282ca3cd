/**
 * Cuts the fonts down to the characters that Dutch and English screens use, before Vite reads the style sheets.
 *
 * The style sheets name the results as `@fonts/NAME-common.woff2` and `@fonts/NAME-more.woff2`; a browser fetches the
 * second only for a page that shows one of its characters. Receipts in PDF are set in the same fonts, whole and
 * uncompressed: `fonts/NAME.ttf` beside the bundles.
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

/** What nearly every Dutch or English page shows; fonts.css says the same as a `unicode-range`. */
const COMMON =
  " !%&'()+,-./0123456789:;?@ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz\u00a0éëïü·×€–‘’“”…−";
/** The other accented letters of names in the Netherlands, and signs seldom seen. */
const MORE = "\"#$*<=>[\\]^_`{|}~ÀÁÂÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖØÙÚÛÜÝàáâäåæçèêìíîñòóôöøùúûýÿß\u00ad°÷±½§©—‚„•′″²³µ";
const FEATURES = ["kern", "lnum", "pnum", "tnum"];

const nameOf = (source: string): string => source.split("/").at(-1)?.replace(".woff2", "") ?? "";

async function subset(source: string, characters: string, targetFormat: "woff2" | "truetype"): Promise<Uint8Array> {
  const font = await readFile(createRequire(import.meta.url).resolve(source));
  return subsetFont(font, characters, { targetFormat, keepFeatures: FEATURES });
}

export function subsetFonts(): Plugin {
  return {
    name: "balie-fonts",
    async buildStart() {
      await mkdir(FONTS_DIR, { recursive: true });
      for (const source of SOURCES) {
        await writeFile(`${FONTS_DIR}${nameOf(source)}-common.woff2`, await subset(source, COMMON, "woff2"));
        await writeFile(`${FONTS_DIR}${nameOf(source)}-more.woff2`, await subset(source, MORE, "woff2"));
      }
    },
    async generateBundle() {
      for (const source of SOURCES) {
        const whole = await subset(source, COMMON + MORE, "truetype");
        this.emitFile({ type: "asset", fileName: `fonts/${nameOf(source)}.ttf`, source: whole });
      }
    },
  };
}
