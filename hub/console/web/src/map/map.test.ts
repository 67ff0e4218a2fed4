// Places: distances, order, what lies within a drawing, and the picking of one.

import { afterEach, expect, test } from "vitest";
import type { Incident } from "../api/types";
import { cameras, inHand, incidents } from "../state/store";
import { bearing, edge, metres, toward } from "./geo";
import { meant } from "./meant";
import { inside, middle } from "./inside";
import { mode, pick, picked } from "./pick";
import { inCircle, nearest, numbered } from "./nearest";
import { camera } from "./sample";

const CAPITOL = { lat: 32.3038, lon: -90.1821 };

afterEach(() => {
  cameras.value = new Map();
  incidents.value = new Map();
  inHand.value = null;
});

test("distances and directions agree with each other", () => {
  expect(metres(CAPITOL, { lat: 32.3138, lon: -90.1821 })).toBeCloseTo(1_111.95, 1);
  for (const degrees of [0, 45, 133, 270]) {
    const there = toward(CAPITOL, degrees, 800);
    expect(metres(CAPITOL, there)).toBeCloseTo(800, 3);
    expect(bearing(CAPITOL, there)).toBeCloseTo(degrees, 3);
  }
});

test("a circle's edge is closed and everywhere as far", () => {
  const ring = edge(CAPITOL, 400);
  expect(ring[0]).toEqual(ring.at(-1));
  for (const [lon, lat] of ring) expect(metres(CAPITOL, { lat, lon })).toBeCloseTo(400, 3);
});

test("the nearest come first, and none beyond the radius", () => {
  const far = camera("far", toward(CAPITOL, 90, 300));
  const near = camera("near", toward(CAPITOL, 10, 20));
  const beyond = camera("beyond", toward(CAPITOL, 200, 401));
  expect(nearest([far, beyond, near], CAPITOL, 400)).toEqual([near, far]);
  expect(nearest([far, beyond, near], CAPITOL)).toEqual([near, far, beyond]);
});

test("cameras at one place keep their order", () => {
  const [a, b] = [camera("a"), camera("b")];
  expect(nearest([b, a], CAPITOL)).toEqual([a, b]);
});

test("numbers go no further than the circle that is allowed", () => {
  const many = Array.from({ length: 12 }, (_, at) => camera(`c${at}`, toward(CAPITOL, 0, 50 * at)));
  cameras.value = new Map(many.map((one) => [one.camera, one]));
  const open = { ...CAPITOL, id: "i", open: true, radius_m: 900, allowed_radius_m: 260 };
  incidents.value = new Map([["i", open as Incident]]);
  expect(numbered.value).toEqual([]);
  inHand.value = "i";
  expect(numbered.value.map((one) => one.camera)).toEqual(["c0", "c1", "c2", "c3", "c4", "c5"]);
  incidents.value = new Map([["i", { ...open, allowed_radius_m: 900 } as Incident]]);
  expect(inCircle.value).toHaveLength(12);
  expect(numbered.value).toHaveLength(9);
  incidents.value = new Map([["i", { ...open, open: false } as Incident]]);
  expect(numbered.value).toEqual([]);
});

test("inside an odd drawing, and not in its bay", () => {
  const bay = [
    { lat: 0, lon: 0 },
    { lat: 4, lon: 0 },
    { lat: 4, lon: 4 },
    { lat: 0, lon: 4 },
    { lat: 3, lon: 2 },
  ];
  expect(inside(bay, { lat: 1, lon: 0.3 })).toBe(true);
  expect(inside(bay, { lat: 1, lon: 2 })).toBe(false);
  expect(inside(bay, { lat: 3.5, lon: 2 })).toBe(true);
  expect(inside(bay, { lat: 5, lon: 2 })).toBe(false);
  expect(inside(bay.slice(0, 2), { lat: 2, lon: 0 })).toBe(false);
  expect(middle(bay)).toEqual({ lat: 2.2, lon: 2 });
});

test("who asks for a place gets it, or null", async () => {
  const first = pick();
  expect(mode.value).toBe("pick");
  const second = pick();
  expect(await first).toBeNull();
  picked(CAPITOL);
  expect(await second).toEqual(CAPITOL);
  expect(mode.value).toBe("look");
});

test("a click means the nearest camera, and those that lie on it", () => {
  const [a, b, c] = [
    { id: "a", x: 10, y: 10 },
    { id: "b", x: 13, y: 10 },
    { id: "c", x: 30, y: 10 },
  ];
  expect(meant([c, b, a], { x: 9, y: 10 })).toEqual(["a", "b"]);
  expect(meant([a, b, c, c], { x: 25, y: 10 })).toEqual(["c"]);
  expect(meant([], { x: 0, y: 0 })).toEqual([]);
});
