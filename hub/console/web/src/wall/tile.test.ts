// A tile's states: what it shows, what it calls it, and what it keeps of an ended look.

import { expect, test } from "vitest";
import type { Camera } from "../api/types";
import { badge, news, onlyStills, opened, picture, reduce, underWay, type Act, type Still, type Tile } from "./tile";

const NOW = 1_000_000;
const STILL: Still = { url: "blob:1", received: NOW - 4_000, kind: "live", look: "look-1" };

function after(...acts: Act[]): Tile {
  return acts.reduce(reduce, opened(undefined, "a", "live"));
}

function state(name: string, reason = "", wait = 0): Act {
  return { kind: "state", state: name, reason, wait, now: NOW };
}

test("the first still is shown until the picture is live, and called a still", () => {
  const asked = after(state("asking"));
  expect(picture(asked)).toBe("nothing");
  expect(badge(asked, NOW).tone).toBe("none");
  const still = reduce(asked, { kind: "still", still: STILL });
  expect(picture(still)).toBe("still");
  expect(badge(still, NOW)).toEqual({ tone: "still", age: 4 });
  const live = reduce(reduce(still, state("connecting")), state("playing"));
  expect(picture(live)).toBe("video");
  expect(badge(live, NOW)).toEqual({ tone: "live", age: null });
  expect(live.still).toEqual(STILL);
});

test("a last recording and a frozen picture are never called live", () => {
  const last = after(state("stills", "no_webrtc"), { kind: "still", still: { ...STILL, kind: "last" } });
  expect(badge(last, NOW).tone).toBe("last");
  const unknown = after({ kind: "still", still: { ...STILL, received: Number.NaN } });
  expect(badge(unknown, NOW)).toEqual({ tone: "still", age: null });
  const frozen = after(state("playing"), { kind: "frozen", ms: 4_200 });
  expect(badge(frozen, NOW)).toEqual({ tone: "frozen", age: 4 });
});

test("what the owner ended leaves no picture and is not tried again", () => {
  const seen = after({ kind: "still", still: STILL }, state("playing"));
  for (const reason of ["no_longer_available", "camera-unavailable", "incident_closed", "stopped", "what?"]) {
    const over = reduce(seen, state("ended", reason));
    expect(over.phase, reason).toBe("over");
    expect(picture(over), reason).toBe("nothing");
    expect(over.told).toBe(false);
  }
});

test("what broke keeps the last still, with its age", () => {
  const over = after({ kind: "still", still: STILL }, state("playing"), state("failed", "connection-lost"));
  expect(picture(over)).toBe("still");
  expect(badge(over, NOW).tone).toBe("still");
});

test("busy is tried again when the hub says so, and not for ever", () => {
  let tile = after({ kind: "still", still: STILL }, state("failed", "camera-busy", 7));
  expect(tile.phase).toBe("waiting");
  expect(tile.again).toBe(NOW + 7_000);
  expect(picture(tile)).toBe("still");
  expect(underWay(tile)).toBe(false);
  for (let tries = 1; tries < 5; tries += 1) {
    tile = reduce(reduce(tile, { kind: "begun", want: "live" }), state("failed", "camera-busy"));
  }
  expect(tile.again).toBe(NOW + 1_000 * 5 * 2 ** 4);
  tile = reduce(reduce(tile, { kind: "begun", want: "live" }), state("failed", "camera-busy"));
  expect(tile.phase).toBe("over");
});

test("playing makes the tries count from the beginning", () => {
  const tile = after(state("failed", "camera-busy"), { kind: "begun", want: "live" }, state("playing"));
  expect(tile.tries).toBe(0);
  expect(tile.again).toBeNull();
});

test("figures belong to one stream", () => {
  const tile = after(
    state("playing"),
    { kind: "look" },
    { kind: "time", left: 540, lease: 52 },
    { kind: "delay", ms: 140 },
  );
  expect([tile.left, tile.lease, tile.delay, tile.told]).toEqual([540, 52, 140, true]);
  const stills = reduce(tile, { kind: "begun", want: "stills" });
  expect([stills.left, stills.lease, stills.delay, stills.told]).toEqual([null, null, null, false]);
});

test("only changes worth hearing are told", () => {
  const opening = after(state("asking"));
  const live = reduce(opening, state("playing"));
  expect(news(undefined, opening)).toBeNull();
  expect(news(opening, reduce(opening, { kind: "still", still: STILL }))).toBeNull();
  expect(news(opening, live)).toBe("live");
  expect(news(live, reduce(live, { kind: "delay", ms: 1 }))).toBeNull();
  expect(news(live, reduce(live, { kind: "frozen", ms: 3_000 }))).toBe("frozen");
  expect(news(live, reduce(live, state("ended", "longest")))).toBe("over");
});

test("why a camera has stills only", () => {
  const camera = { scopes: ["snapshot", "stream"], live: true } as Camera;
  expect(onlyStills(camera)).toBe("");
  expect(onlyStills({ ...camera, live: false })).toBe("no_webrtc");
  expect(onlyStills({ ...camera, scopes: ["snapshot"] })).toBe("not_lent");
});

test("unknown states change nothing; a missed still is said until the next one", () => {
  const tile = after(state("stills"), { kind: "missed" });
  expect(reduce(tile, state("newer"))).toBe(tile);
  expect(tile.missed).toBe(true);
  expect(reduce(tile, { kind: "still", still: STILL }).missed).toBe(false);
  expect(reduce(tile, { kind: "keeping", keeping: true }).keeping).toBe(true);
});
