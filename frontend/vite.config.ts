import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { FONTS_DIR, subsetFonts } from "./fonts.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** One bundle per file in src/entries; Django finds them by `src/entries/NAME.ts` in the manifest. */
const entries = readdirSync(path("src/entries")).map((name) => path(`src/entries/${name}`));

export default defineConfig({
  root: path("."),
  base: "/static/built/",
  publicDir: false,
  plugins: [subsetFonts()],
  resolve: {
    alias: { "@fonts": FONTS_DIR, "@icons": path("node_modules/lucide-static/icons") },
  },
  build: {
    outDir: path("../balie/static/built"),
    emptyOutDir: true,
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    assetsInlineLimit: (file) => file.endsWith(".svg"),
    rolldownOptions: { input: entries },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
