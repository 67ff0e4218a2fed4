// The feed keeps the store true, says when it is not, and comes back from where it was.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Camera, Incident, Look } from "../api/types";
import { cameras, incidents, link, looks, now, openReviews, sightings } from "../state/store";
import { follow, MOST_LOOKS, SILENCE_MS, take, takeAll } from "./feed";

class Source extends EventTarget {
  static all: Source[] = [];
  static get last(): Source {
    const found = Source.all.at(-1);
    if (!found) throw new Error("nobody listens");
    return found;
  }
  onerror: (() => void) | null = null;
  closed = false;
  constructor(readonly url: string) {
    super();
    Source.all.push(this);
  }
  close(): void {
    this.closed = true;
  }
  say(kind: string, value: unknown, lastEventId = ""): void {
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(value), lastEventId }));
  }
}

const NOTHING = {
  cameras: [],
  incidents: [],
  sightings: [],
  looks: [],
  messages: [],
  waiting: [],
  open_reviews: 0,
};

function look(id: string, incident: string, ended: string | null): Look {
  return {
    id,
    incident,
    camera: "c",
    scope: "snapshot",
    pseudonym: "officer-1",
    asked: "2026-11-21T03:00:00Z",
    ended,
    outcome: ended === null ? null : "ok",
  };
}

let stop: () => void = () => undefined;

beforeEach(() => {
  vi.useFakeTimers();
  Source.all = [];
  vi.stubGlobal("EventSource", Source);
  takeAll(NOTHING);
});

afterEach(() => {
  stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function answer(status: number, body: unknown): void {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify(body), { status })));
}

test("cameras come, change and go", () => {
  const one = { camera: "a", name: "Porch" } as Camera;
  take("cameras", { live: [one, { ...one, camera: "b" }], gone: [] });
  take("cameras", { live: [{ ...one, name: "Door" }], gone: ["b", "never"] });
  expect([...cameras.value.values()]).toEqual([{ ...one, name: "Door" }]);
});

test("a sighting that was taken back is gone", () => {
  take("sighting", { id: "s" });
  take("sighting_gone", { id: "s" });
  expect(sightings.value.size).toBe(0);
});

test("the looks of an incident that is over are forgotten", () => {
  take("look", look("1", "i", "2026-11-21T03:00:01Z"));
  take("look", look("2", "j", null));
  take("incident", { id: "i", open: false } as Incident);
  expect([...looks.value.keys()]).toEqual(["2"]);
});

test("a long night keeps the newest looks, and those that run", () => {
  take("look", look("runs", "i", null));
  for (let at = 0; at < MOST_LOOKS + 20; at++) {
    take("look", look(`${at}`, "i", "2026-11-21T03:00:01Z"));
  }
  expect(looks.value.size).toBe(MOST_LOOKS);
  expect(looks.value.has("runs")).toBe(true);
  expect(looks.value.has("0")).toBe(false);
});

test("what a newer hub tells is left alone", () => {
  take("weather", { rain: true });
  expect(incidents.value.size).toBe(0);
});

test("it is live with the first word, and stale when the hub is silent", () => {
  stop = follow(() => undefined);
  Source.last.say("everything", { ...NOTHING, open_reviews: 2 }, "x-1");
  expect([link.value.state, openReviews.value]).toEqual(["live", 2]);
  const before = Source.last;
  vi.advanceTimersByTime(SILENCE_MS);
  expect([link.value.state, before.closed]).toEqual(["stale", true]);
  vi.advanceTimersByTime(1_000);
  expect(Source.last).not.toBe(before);
  expect(Source.last.url).toBe("/api/v1/changes?since=x-1");
  Source.last.say("beat", { now: "2026-11-21T03:00:00Z" });
  expect(link.value.state).toBe("live");
});

test("a hub that takes the call and says nothing is asked again", () => {
  stop = follow(() => undefined);
  const first = Source.last;
  vi.advanceTimersByTime(20_000);
  expect(Source.last).not.toBe(first);
});

test("the clock is the hub's", () => {
  stop = follow(() => undefined);
  Source.last.say("beat", { now: "2030-01-01T00:00:00Z" });
  vi.advanceTimersByTime(1_000);
  expect(now.value).toBe(Date.parse("2030-01-01T00:00:01Z"));
});

test("it ends when the hub says that the session is locked", () => {
  const locked = vi.fn();
  stop = follow(locked);
  Source.last.say("locked", {});
  expect([locked.mock.calls.length, Source.last.closed]).toEqual([1, true]);
  vi.advanceTimersByTime(60_000);
  expect(Source.all.length).toBe(1);
});

test.each([
  [200, { state: "locked" }],
  [401, { type: "urn:jackson-rtcc:problem:unauthenticated", detail: "Sign in." }],
])("whoever was away when it locked is told: %s", async (status, body) => {
  answer(status, body);
  const locked = vi.fn();
  stop = follow(locked);
  Source.last.onerror?.();
  await vi.waitFor(() => {
    expect(locked).toHaveBeenCalledOnce();
  });
});

test("a hub that is away for a moment locks nobody out", async () => {
  answer(200, { state: "active" });
  const locked = vi.fn();
  stop = follow(locked);
  Source.last.onerror?.();
  await vi.advanceTimersByTimeAsync(1_000);
  expect([locked.mock.calls.length, Source.all.length]).toEqual([0, 2]);
});
