/** Writes `NAME.br` and `NAME.gz` beside every text of a build, so that serving one costs no work. */

import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const TEXTS = /\.(css|js|svg)$/;

export function compress(): Plugin {
  return {
    name: "balie-compress",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        for (const [fileName, part] of Object.entries(bundle)) {
          if (!TEXTS.test(fileName)) continue;
          const whole = Buffer.from(part.type === "asset" ? part.source : part.code);
          const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
          this.emitFile({ type: "asset", fileName: `${fileName}.br`, source: brotliCompressSync(whole, { params }) });
          this.emitFile({ type: "asset", fileName: `${fileName}.gz`, source: gzipSync(whole, { level: 9 }) });
        }
      },
    },
  };
}
