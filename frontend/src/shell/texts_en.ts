/** Words of what many pages have, in English. */

import type { Texts } from "./texts.ts";

export const en: Texts = {
  unread: (count) => (count === 1 ? " conversation with new messages" : " conversations with new messages"),
  closed: {
    ordering: "Ordering is closed now",
    chatOf: (name: string) => `The chat of ${name} is closed now`,
    ownChat: "Your chat with patients is closed now",
    own: "Patients cannot send anything new and read why. You can go on answering.",
    look: "See whom you may have to phone",
    call: " Call ",
    emergency: " Danger to life? Call ",
    kept: ". What you typed is still on your device.",
    until: (day: string, time: string) => `Open from ${day === "" ? "" : `${day} `}${time}.`,
  },
  passkey: {
    stopped: "No passkey was used. Try again, or choose another way.",
    there: "This device already holds a passkey of yours for Balie.",
    noConnection: "There is no connection to Balie. Try again shortly.",
    failed: "This did not work on this device. Try again, or choose another way.",
  },
};
