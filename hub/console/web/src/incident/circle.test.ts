// The incident's circle: what it holds, and what a supervisor still has to say.

import { expect, test } from "vitest";
import type { Camera } from "../api/types";
import { incident } from "../queue/sample";
import { alone, camerasIn, metresBetween, standing } from "./circle";

const RULE = {
  name: { en: "Robbery" },
  radius_m: 800,
  duration_s: 14_400,
  scopes: ["snapshot" as const, "stream" as const],
  approval: { radius_m: 600, duration_s: 7_200 },
};
const NOW = Date.parse("2026-11-21T12:00:00Z");

function camera(more: Partial<Camera> = {}): Camera {
  return {
    camera: "c",
    name: "Porch",
    site: "home",
    scopes: ["snapshot", "stream"],
    gate: "incident",
    accuracy_m: 10,
    live: true,
    still: "live",
    still_every_s: 2,
    starts: "2026-11-21T11:00:00Z",
    ends: "2026-11-21T13:00:00Z",
    lat: 32.3,
    lon: -90.18,
    ...more,
  };
}

test("a degree of latitude is 111 km", () => {
  expect(metresBetween({ lat: 32, lon: -90 }, { lat: 33, lon: -90 })).toBeCloseTo(111_195, -1);
});

test("live ones, those with stills, and nothing outside or silent", () => {
  const cameras = [
    camera(),
    camera({ live: false }),
    camera({ scopes: ["snapshot"] }),
    camera({ live: false, still: "none" }),
    camera({ lat: 32.4 }),
  ];
  expect(camerasIn(incident("1"), RULE, cameras)).toEqual({ live: 1, stills: 2 });
  expect(camerasIn(incident("1"), { ...RULE, scopes: ["snapshot"] }, cameras)).toEqual({
    live: 0,
    stills: 3,
  });
});

test.each([
  [{}, "free"],
  [{ waits: ["circle" as const], radius_m: 700, allowed_radius_m: 600 }, "waits"],
  [{ radius_m: 700, allowed_radius_m: 600 }, "denied"],
  [{ radius_m: 700, allowed_radius_m: 700 }, "given"],
  [{ opened: "2026-11-21T09:00:00Z" }, "decided"],
])("%o is %s", (more, expected) => {
  expect(standing(incident("1", more), RULE, NOW)).toBe(expected);
});

test("without a limit for one person there is none", () => {
  const { approval: _none, ...free } = RULE;
  expect(standing(incident("1"), free, NOW)).toBe("free");
  expect(alone(incident("1"), free)).toBeNull();
  expect(alone(incident("1"), RULE)).toBe("2026-11-21T13:50:00.000Z");
});
