/** Telling people who look elsewhere: the tab's title, a sound they tried beforehand, a notification. */

const SUFFIX = " – Balie";

export function setTitle(title: string): void {
  const full = title + SUFFIX;
  if (document.title !== full) document.title = full;
}

/**
 * Three rising tones. Browsers let a page sound only after its reader has clicked in it, so `enable` must be called
 * from a click; until then `ready` is false and the page must not promise a sound.
 */
export class Chime {
  #context: AudioContext | null = null;

  get ready(): boolean {
    return this.#context?.state === "running";
  }

  /** From a click: unlock the sound, and let it be `heard`. False when this browser cannot. */
  async enable(heard = true): Promise<boolean> {
    try {
      this.#context ??= new AudioContext();
      await this.#context.resume();
    } catch {
      return false;
    }
    if (heard) this.play();
    return this.ready;
  }

  play(): void {
    const context = this.#context;
    if (!context || context.state !== "running") return;
    [523.25, 659.25, 783.99].forEach((pitch, at) => {
      const start = context.currentTime + at * 0.22;
      const volume = context.createGain();
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(0.35, start + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, start + 0.6);
      const tone = new OscillatorNode(context, { frequency: pitch, type: "triangle" });
      tone.connect(volume).connect(context.destination);
      tone.start(start);
      tone.stop(start + 0.65);
    });
  }
}

export type NotificationState = "on" | "off" | "refused" | "unsupported";

export function notificationState(): NotificationState {
  if (!("Notification" in window)) return "unsupported";
  const states = { granted: "on", denied: "refused", default: "off" } as const;
  return states[Notification.permission];
}

/** From a click: ask the reader. */
export async function enableNotifications(): Promise<NotificationState> {
  if ("Notification" in window) await Notification.requestPermission();
  return notificationState();
}

/** Shows a notification where that is allowed; `tag` replaces an earlier one. Phones that need more than this stay silent. */
export function notify(title: string, options: { body: string; tag: string }): void {
  if (notificationState() !== "on") return;
  try {
    const notification = new Notification(title, options);
    notification.addEventListener("click", () => {
      window.focus();
      notification.close();
    });
  } catch {
    // Chrome on Android allows notifications from service workers only; sound and title remain.
  }
}
