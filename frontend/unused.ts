/**
 * Leaves out what Utrecht offers and no page names: its packages bring every variant of a component.
 *
 * Our own classes all stay; a name is found in templates, forms and scripts as a whole word.
 */

import purgeUnused from "@fullhuman/postcss-purgecss";
import { fileURLToPath } from "node:url";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export const leaveOutUnused = () =>
  purgeUnused({
    content: [path("../balie/**/*.html"), path("../balie/**/*.py"), path("src/**/*.ts")],
    defaultExtractor: (content) => content.match(/[\w-]+/g) ?? [],
    safelist: { standard: [/^(?!utrecht-)/], greedy: [/\bbalie-/] },
    variables: false,
  });
