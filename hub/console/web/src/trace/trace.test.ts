// Trace: how far they can be, and which camera sees them next.

import { expect, test } from "vitest";
import type { Camera, Sighting } from "../api/types";
import { toward } from "../map/geo";
import { heading, meansOf, rank } from "./rank";
import { DETOUR, FARTHEST_M, reach, rings, SPEED, travel } from "./reach";

const HERE = { lat: 32.3, lon: -90.18 };
const NOW = Date.parse("2026-11-21T20:00:00Z");

function seen(secondsAgo: number, place = HERE, camera: string | null = null): Sighting {
  return {
    id: `s${secondsAgo}`,
    incident: "i",
    camera,
    ...place,
    at: new Date(NOW - secondsAgo * 1_000).toISOString(),
    by: "heron-12",
    note: "",
  };
}

function camera(id: string, degrees: number, far: number): Camera {
  return {
    ...toward(HERE, degrees, far),
    camera: id,
    name: id,
    site: "home",
    scopes: ["snapshot"],
    gate: "incident",
    accuracy_m: 0,
    live: false,
    still: "live",
    still_every_s: 2,
    starts: "",
    ends: "",
  };
}

const everywhere = () => true;
const ids = (path: Sighting[], cameras: Camera[]) =>
  rank(path, cameras, everywhere, NOW).map((next) => next.camera.camera);

test("a ring grows with time, and not for ever", () => {
  expect(reach("foot", 60)).toBe(60 * SPEED.foot);
  expect(reach("car", 60)).toBeGreaterThan(reach("foot", 60));
  expect(reach("car", 10)).toBe(0);
  expect(reach("foot", -5)).toBe(0);
  expect(reach("foot", 86_400)).toBe(FARTHEST_M.foot);
});

test("whoever is within a ring by the streets is within it as the crow flies", () => {
  for (const means of ["foot", "car"] as const) {
    for (const far of [50, 400, 2_000]) {
      expect(reach(means, travel(means, far))).toBeCloseTo(far * DETOUR);
    }
  }
});

test("rings stand around the sighting, and one that has not begun is not drawn", () => {
  const found = rings(seen(10), NOW, ["foot", "car"]);
  expect(found).toEqual([{ by: "foot", ...HERE, radius_m: 30 }]);
});

test("how they move is told by the last two sightings", () => {
  expect(meansOf([seen(10)])).toBeNull();
  expect(meansOf([seen(100), seen(0, toward(HERE, 90, 200))])).toBe("foot");
  expect(meansOf([seen(100), seen(0, toward(HERE, 90, 1_200))])).toBe("car");
  expect(meansOf([seen(5), seen(5, toward(HERE, 90, 1_200))])).toBeNull();
});

test("without a direction the camera that they reach next comes first", () => {
  const cameras = [camera("far", 0, 900), camera("next", 180, 120), camera("later", 90, 400)];
  expect(ids([seen(30)], cameras)).toEqual(["next", "later", "far"]);
});

test("with a direction, what lies ahead comes before what lies behind", () => {
  const path = [seen(60, toward(HERE, 270, 150)), seen(10)];
  expect(heading(path)).toBeCloseTo(90, 0);
  expect(ids(path, [camera("behind", 270, 150), camera("ahead", 90, 160)])).toEqual([
    "ahead",
    "behind",
  ]);
});

test("a camera that they have long passed is not offered, nor the one that saw them", () => {
  const cameras = [camera("passed", 0, 100), camera("same", 0, 300), camera("on", 0, 1_000)];
  expect(ids([seen(400, HERE, "same")], cameras)).toEqual(["on"]);
});

test("those outside of the circle are told apart, and nothing is offered without a sighting", () => {
  const [next] = rank([seen(0)], [camera("a", 0, 100)], () => false, NOW);
  expect(next?.inside).toBe(false);
  expect(rank([], [camera("a", 0, 100)], everywhere, NOW)).toEqual([]);
});
