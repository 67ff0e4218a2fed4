// A camera for tests.

import type { Camera } from "../api/types";

export function camera(id: string, more: Partial<Camera> = {}): Camera {
  return {
    camera: id,
    name: id,
    site: "home",
    scopes: ["snapshot"],
    gate: "incident",
    accuracy_m: 10,
    live: true,
    still: "live",
    still_every_s: 2,
    starts: "2026-11-21T00:00:00Z",
    ends: "2026-11-22T00:00:00Z",
    lat: 32.3038,
    lon: -90.1821,
    ...more,
  };
}
