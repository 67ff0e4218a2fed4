// The wall's plain decisions: layout, order, words of place and time, who else looks, pace.

import { afterEach, expect, test, vi } from "vitest";
import type { Look } from "../api/types";
import { duration } from "./ages";
import { sentence } from "./announce";
import { far, wind } from "./compass";
import { hear, told } from "./heard";
import { layout, NARROWEST } from "./layout";
import { opensItself } from "./moves";
import { shortName } from "./names";
import { add, after, step } from "./order";
import { others } from "./others";
import { pace } from "./pace";
import { because, EN, ES } from "./reasons";
import { opened, type Tile } from "./tile";

afterEach(() => void vi.useRealTimers());

test("1, 2, 4, 6 and 9 pictures on a wall beside the map", () => {
  const columns = (count: number) => layout(count, 760, 960).columns;
  expect([1, 2, 4, 6, 9].map(columns)).toEqual([1, 1, 2, 2, 3]);
  expect(layout(4, 760, 960)).toEqual({ columns: 2, rows: 2, scrolls: false });
});

test("a wide wall has them side by side, a small one scrolls", () => {
  expect(layout(2, 1_900, 600).columns).toBe(2);
  expect(layout(6, 1_900, 900).columns).toBe(3);
  const small = layout(9, 400, 500);
  expect(small).toEqual({ columns: 1, rows: 9, scrolls: true });
  expect(layout(9, 2 * NARROWEST + 8, 500).columns).toBe(2);
  expect(layout(0, 0, 0).columns).toBe(1);
});

const NINE = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];

test("a full wall makes room: first what is over, then the oldest, never what is in focus", () => {
  expect(add(["a"], ["b", "a", "b"]).order).toEqual(["a", "b"]);
  expect(add(NINE, ["j"]).gone).toEqual(["a"]);
  expect(add(NINE, ["j"], new Set(["d"])).gone).toEqual(["d"]);
  expect(add(NINE, ["j"], new Set(), "a").gone).toEqual(["b"]);
  expect(add(NINE, ["j"], new Set(), "a").order).toEqual(["a", ...NINE.slice(2), "j"]);
});

test("more than a wall can show are not opened, and counted", () => {
  const many = Array.from({ length: 12 }, (_, at) => `n${at}`);
  const { order, come, left } = add(["a"], many);
  expect(order).toHaveLength(9);
  expect(come).toEqual(order.filter((id) => id !== "a"));
  expect(come.length + left.length).toBe(12);
});

test("walking round the wall, and on from a closed tile", () => {
  expect(step([], null, 1)).toBeNull();
  expect(step(["a", "b"], null, 1)).toBe("a");
  expect(step(["a", "b"], "gone", -1)).toBe("b");
  expect(step(["a", "b"], "b", 1)).toBe("a");
  expect(step(["a", "b"], "a", -1)).toBe("b");
  expect(after(["a", "b", "c"], "b")).toBe("c");
  expect(after(["a", "b"], "b")).toBe("a");
  expect(after(["a"], "a")).toBeNull();
});

test("places and times as people say them", () => {
  expect([0, 44, 46, 180, 337, 338, -90, 720].map(wind)).toEqual([
    "n", "ne", "ne", "s", "nw", "n", "w", "n",
  ]);
  expect(far(36.4)).toEqual({ value: "36", unit: "m" });
  expect(far(124)).toEqual({ value: "120", unit: "m" });
  expect(far(996)).toEqual({ value: "1.0", unit: "km" });
  expect([-3, 59.4, 125, 3_609].map(duration)).toEqual(["0\u00a0s", "59\u00a0s", "2:05", "1:00:09"]);
});

test("who else looks now", () => {
  const look = { camera: "a", scope: "stream", pseudonym: "ben", ended: null, asked: "2026-11-21T03:00:00Z" };
  const at = Date.parse(look.asked) + 30_000;
  const all = [
    look,
    { ...look, pseudonym: "me" },
    { ...look, pseudonym: "cal", ended: look.asked },
    { ...look, pseudonym: "dan", camera: "b" },
    { ...look, pseudonym: "eve", scope: "snapshot", ended: look.asked },
  ] as Look[];
  expect(others(all, "a", "me", at)).toEqual(["ben"]);
  expect(others(all, "a", "me", at - 25_000)).toEqual(["ben", "eve"]);
});

test("acts begin at the pace, and who waits no more is left out", async () => {
  vi.useFakeTimers();
  const run = pace({ most: 2, every: 500 });
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const act = (name: string) => () => {
    begun.push(name);
    return new Promise<void>((end) => ends.push(end));
  };
  const gone = new AbortController();
  void run(act("a"));
  void run(act("b"));
  const dropped = run(act("x"), gone.signal);
  void run(act("c"));
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toEqual(["a"]);
  await vi.advanceTimersByTimeAsync(500);
  expect(begun).toEqual(["a", "b"]);
  gone.abort();
  await expect(dropped).rejects.toThrow();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(begun, "two at once").toEqual(["a", "b"]);
  ends[0]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toEqual(["a", "b", "c"]);
  await expect(run(act("y"), AbortSignal.abort())).rejects.toThrow();
});

test("what the feed says before a tile knows of its stream is not lost", () => {
  told({ look: "1", kind: "lease", until: "old" });
  told({ look: "1", kind: "lease", until: "new" });
  told({ look: "1", kind: "candidates", candidates: [1] });
  const heard: unknown[] = [];
  const stop = hear("1", (name, data) => heard.push([name, data]));
  told({ look: "1", kind: "ended", reason: "longest" });
  told({ look: "2", kind: "ended", reason: "longest" });
  stop();
  told({ look: "1", kind: "lease", until: "late" });
  expect(heard).toEqual([
    ["lease", { until: "new" }],
    ["candidates", { candidates: [1] }],
    ["ended", { reason: "longest" }],
  ]);
});

test("only who took an incident on just now has its cameras opened", () => {
  const at = Date.parse("2026-11-21T03:00:00Z");
  const mine = { open: true, accepted: "2026-11-21T03:00:00Z", accepted_by: "me" };
  expect(opensItself(mine, "me", at + 5_000)).toBe(true);
  expect(opensItself(mine, "other", at)).toBe(false);
  expect(opensItself({ ...mine, open: false }, "me", at)).toBe(false);
  expect(opensItself({ ...mine, accepted: null, accepted_by: null }, undefined, at)).toBe(false);
  expect(opensItself(mine, "me", at + 120_000)).toBe(false);
  expect(opensItself(null, "me", at)).toBe(false);
});

test("names of any kind stay one short piece of a sentence", () => {
  expect(shortName({ name: "x".repeat(200) })).toBe(`\u2068${"x".repeat(40)}…\u2069`);
  expect(shortName({ name: " " })).toBe("Camera without a name");
  expect(shortName(null)).toBe("Camera without a name");
});

test("few changes are told one by one, many as numbers", () => {
  const tile = (phase: Tile["phase"], reason = "") =>
    ({ ...opened(undefined, "a", "live"), name: "Porch", phase, reason });
  expect(sentence([tile("live"), tile("over", "longest")])).toBe(
    "\u2068Porch\u2069: Live. \u2068Porch\u2069: The longest time that the policy allows is over",
  );
  expect(sentence([tile("live"), tile("live"), tile("stills"), tile("waiting")])).toBe(
    "2 live, 1 with stills, 1 without a picture",
  );
});

test("every reason has words in both languages, and an unknown one is an end", () => {
  expect(Object.keys(ES).sort()).toEqual(Object.keys(EN).sort());
  expect(because("toString")).toBe(EN.failed);
  expect(because("camera-busy")).toBe(EN["camera-busy"]);
});
