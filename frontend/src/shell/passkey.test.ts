// @vitest-environment happy-dom
/** What somebody reads when their passkey did not come. The ceremony itself is played in a real browser. */

import { expect, it } from "vitest";
import { sayOf } from "./passkey.ts";
import { texts } from "./texts.ts";

it.each([
  [new DOMException("", "NotAllowedError"), texts.passkey.stopped],
  [new DOMException("", "InvalidStateError"), texts.passkey.there],
  [new DOMException("", "SecurityError"), texts.passkey.failed],
  [new TypeError("Failed to fetch"), texts.passkey.noConnection],
])("says of %s what to do", (error, say) => {
  expect(sayOf(error)).toBe(say);
});

it("takes what the service cannot answer for a lost connection", () => {
  expect(sayOf(new TypeError("503"))).toBe(texts.passkey.noConnection);
});
