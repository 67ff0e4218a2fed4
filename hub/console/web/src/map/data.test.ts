// What is drawn: the smallest change of cameras, the grid, sizes of the circle, and how often.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Look } from "../api/types";
import { batches } from "./batches";
import { limits, stepped, within } from "./circle";
import { change, drawn, feature, lookedAt, stateOf } from "./features";
import { grid, spacing } from "./grid";
import { camera } from "./sample";

const NOBODY: ReadonlySet<string> = new Set();
const map = (...all: ReturnType<typeof camera>[]) =>
  drawn(new Map(all.map((one) => [one.camera, one])), NOBODY, NOBODY);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a camera's state: the wall before others' looks before what it can do", () => {
  const one = camera("a");
  expect(stateOf(one, new Set(["a"]), new Set(["a"]))).toBe("wall");
  expect(stateOf(one, NOBODY, new Set(["a"]))).toBe("looked");
  expect(stateOf(one, NOBODY, NOBODY)).toBe("live");
  expect(stateOf(camera("a", { live: false }), NOBODY, NOBODY)).toBe("still");
});

test("only looks that go on count", () => {
  const look = (id: string, ended: string | null) => ({ camera: id, ended, outcome: null }) as Look;
  expect(lookedAt([look("a", null), look("b", "2026-11-21T00:00:00Z")])).toEqual(new Set(["a"]));
});

test("a field of view goes to the nearest step, and only with a direction", () => {
  const { properties } = feature({ camera: camera("a", { bearing: 90, fov: 97 }), state: "live" });
  expect(properties).toMatchObject({ bearing: 90, fov: 90 });
  expect(feature({ camera: camera("a", { fov: 97 }), state: "live" }).properties).not.toHaveProperty(
    "fov",
  );
});

test("what has not changed in what is drawn is not sent", () => {
  const before = map(camera("a"), camera("b"), camera("c"));
  const after = map(camera("a", { name: "other", ends: "later" }), camera("b"), camera("c"));
  expect(change(before, after)).toBeNull();
});

test("gone, new and other cameras are told apart", () => {
  const before = map(camera("a"), camera("b"), camera("c"));
  const after = map(camera("b", { live: false }), camera("c", { lat: 32.4 }), camera("d"));
  const told = change(before, after);
  expect(told?.remove).toEqual(["a"]);
  expect(told?.add.map(({ id }) => id)).toEqual(["d"]);
  expect(told?.update.map(({ id, newGeometry }) => [id, Boolean(newGeometry)])).toEqual([
    ["b", false],
    ["c", true],
  ]);
});

test("a camera that loses its direction is drawn anew", () => {
  const told = change(map(camera("a", { bearing: 5 })), map(camera("a")));
  expect(told?.remove).toEqual(["a"]);
  expect(told?.add).toHaveLength(1);
});

test("lines of the grid are round numbers, some eight across", () => {
  const view = { west: -90.2, south: 32.29, east: -90.165, north: 32.32 };
  expect(spacing(view)).toBeCloseTo(0.005, 9);
  const { lines, labels } = grid(view);
  expect(lines.length).toBeGreaterThan(8);
  expect(labels.map(({ properties }) => properties?.["text"])).toContain("90.180° W");
  expect(labels.map(({ properties }) => properties?.["text"])).toContain("32.300° N");
});

test("the circle grows and shrinks in steps, and never beyond the policy", () => {
  const limit = limits({ radius_m: 800, approval: { radius_m: 600 } } as never);
  expect(limit).toEqual({ alone: 600, most: 800 });
  expect([400, 430, 500, 760, 800].map((radius) => stepped(radius, true, limit))).toEqual([
    450, 450, 600, 800, 800,
  ]);
  expect([800, 600, 500, 430, 50].map((radius) => stepped(radius, false, limit))).toEqual([
    700, 500, 450, 400, 25,
  ]);
  expect(within(9_000.4, limits(undefined))).toBe(9_000);
});

test("at once after a rest, then no more often than allowed, and the last is never lost", () => {
  const act = vi.fn();
  const held = batches(250, act, () => Date.now());
  held.mark();
  expect(act).toHaveBeenCalledTimes(1);
  held.mark();
  held.mark();
  expect(act).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(250);
  expect(act).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(1_000);
  held.mark();
  expect(act).toHaveBeenCalledTimes(3);
  held.mark();
  held.stop();
  vi.advanceTimersByTime(1_000);
  expect(act).toHaveBeenCalledTimes(3);
});
