import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { compress } from "./compress.ts";
import { FONTS_DIR, subsetFonts } from "./fonts.ts";
import { leaveOutUnused } from "./unused.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** One bundle per file in src/entries, and the sheet of pages with a menu; Django finds them by name in the manifest. */
const entries = [
  ...readdirSync(path("src/entries")).map((name) => path(`src/entries/${name}`)),
  path("src/styles/office.css"),
];

/** Chromium on the PATH, as the other browser tests use it. */
const chromium = (): string =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) => ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"].map((program) => join(folder, program)))
    .find((program) => existsSync(program)) ?? "chromium";

export default defineConfig({
  root: path("."),
  base: "/static/built/",
  publicDir: false,
  plugins: [subsetFonts(), compress()],
  css: { postcss: { plugins: [leaveOutUnused()] } },
  resolve: {
    alias: { "@fonts": FONTS_DIR, "@icons": path("node_modules/lucide-static/icons") },
  },
  build: {
    outDir: path("../balie/static/built"),
    emptyOutDir: true,
    manifest: "manifest.json",
    modulePreload: false,
    assetsInlineLimit: (file) => file.endsWith(".svg"),
    rolldownOptions: {
      input: entries,
      // Else each small module is a request of its own. The draw's card and English come when they are needed.
      output: {
        codeSplitting: {
          groups: [
            { name: "lib", test: /src\/lib\// },
            { name: "waitingroom", test: /src\/waitingroom\/(?!draw|texts_en)/ },
          ],
        },
      },
    },
  },
  server: { fs: { allow: [path("..")] } },
  test: {
    projects: [
      {
        extends: true,
        // What only a browser has is tested in one alone.
        test: { name: "node", include: ["src/**/*.test.ts"], exclude: ["src/**/*.browser.test.ts"], environment: "node" },
      },
      {
        extends: true,
        test: {
          name: "chromium",
          include: ["src/crypto/**/*.test.ts", "src/consult/**/*.test.ts"],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { executablePath: chromium(), args: ["--no-sandbox", "--disable-dev-shm-usage"] },
            }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});
