/** One stream for all tabs of a browser; here two that live in one page. */

import { beforeEach, expect, it, vi } from "vitest";
import { follow } from "./follow.ts";
import type { Talk } from "./talk.ts";

class Stream extends EventTarget {
  static readonly all: Stream[] = [];
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  readyState = Stream.OPEN;
  onerror: (() => void) | null = null;
  constructor() {
    super();
    Stream.all.push(this);
  }
  close(): void {}
  say(what: string, data: object): void {
    this.dispatchEvent(new MessageEvent(what, { data: JSON.stringify(data) }));
  }
}

beforeEach(() => {
  Stream.all.length = 0;
  vi.stubGlobal("EventSource", Stream);
});

const tab = (me: string) => {
  const talk = { me, news: vi.fn(async () => {}), catchUp: vi.fn(async () => {}), readings: { hear: vi.fn() } };
  const on = { reads: vi.fn(), connected: vi.fn() };
  follow(talk as unknown as Talk, on);
  return { ...talk, ...on };
};

it("asks again for what it could not take in, although the stream goes on", async () => {
  const one = tab("bilal");
  one.news.mockRejectedValueOnce(new Error("lost"));
  await vi.waitFor(() => expect(Stream.all).toHaveLength(1));
  Stream.all[0]!.say("news", { after: 1, feed: 2 });
  await vi.waitFor(() => expect(one.connected).toHaveBeenLastCalledWith(false));
  await vi.waitFor(() => expect(one.connected).toHaveBeenLastCalledWith(true), 5000);
  expect(one.catchUp).toHaveBeenCalledOnce();
  expect(Stream.all).toHaveLength(1);
});

it("opens one stream, tells every tab what it says, and lets them ask when it is lost", async () => {
  const [one, other] = [tab("anna"), tab("anna")];
  await vi.waitFor(() => expect(Stream.all).toHaveLength(1));
  const [stream] = Stream.all;
  stream!.say("news", { after: 1, feed: 2 });
  stream!.say("reads", { conversation: "c", reads: [] });
  for (const each of [one, other]) {
    await vi.waitFor(() => expect(each.reads).toHaveBeenCalledOnce());
    expect(each.news).toHaveBeenCalledExactlyOnceWith({ after: 1, feed: 2 });
    expect(each.connected).toHaveBeenCalledWith(true);
    expect(each.catchUp).not.toHaveBeenCalled();
  }
  stream!.onerror?.();
  await vi.waitFor(() => expect(other.catchUp).toHaveBeenCalled(), 5000);
  expect(one.catchUp).not.toHaveBeenCalled();
});
