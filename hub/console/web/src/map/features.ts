// Cameras as features of the map, and what has changed of them since they were last drawn.

import type { Feature, Point } from "geojson";
import type { Camera, Look } from "../api/types";

/** What a camera is now, the most telling first: on this wall, looked at by someone, live, stills. */
export type State = "wall" | "looked" | "live" | "still";

export interface Drawn {
  camera: Camera;
  state: State;
}

export interface Change {
  remove: string[];
  add: Feature<Point>[];
  update: {
    id: string;
    newGeometry?: Point;
    addOrUpdateProperties: { key: string; value: string | number }[];
  }[];
}

/** Fields of view are drawn in steps, so that few pictures do for all. */
const STEP = 15;

export function stateOf(
  camera: Camera,
  wall: ReadonlySet<string>,
  looked: ReadonlySet<string>,
): State {
  if (wall.has(camera.camera)) return "wall";
  if (looked.has(camera.camera)) return "looked";
  return camera.live ? "live" : "still";
}

/** The cameras that anyone looks at now. */
export function lookedAt(looks: Iterable<Look>): Set<string> {
  const now = new Set<string>();
  for (const look of looks) {
    if (look.ended === null && look.outcome === null) now.add(look.camera);
  }
  return now;
}

export function drawn(
  cameras: ReadonlyMap<string, Camera>,
  wall: ReadonlySet<string>,
  looked: ReadonlySet<string>,
): Map<string, Drawn> {
  const all = new Map<string, Drawn>();
  for (const [id, camera] of cameras) {
    all.set(id, { camera, state: stateOf(camera, wall, looked) });
  }
  return all;
}

/** The smallest change that makes what is drawn true; null if it is. */
export function change(
  before: ReadonlyMap<string, Drawn>,
  after: ReadonlyMap<string, Drawn>,
): Change | null {
  const told: Change = { remove: [], add: [], update: [] };
  for (const id of before.keys()) if (!after.has(id)) told.remove.push(id);
  for (const [id, now] of after) {
    const was = before.get(id);
    if (!was) told.add.push(feature(now));
    else if (was.state !== now.state || looksOther(was.camera, now.camera)) {
      // Whether it has a direction decides which layers draw it, and a value is not taken away well.
      if (was.camera.bearing !== undefined && now.camera.bearing === undefined) {
        told.remove.push(id);
        told.add.push(feature(now));
        continue;
      }
      const { geometry, properties } = feature(now);
      const moved = was.camera.lat !== now.camera.lat || was.camera.lon !== now.camera.lon;
      told.update.push({
        id,
        ...(moved ? { newGeometry: geometry } : {}),
        addOrUpdateProperties: Object.entries(properties ?? {}).map(([key, value]) => ({
          key,
          value: value as string | number,
        })),
      });
    }
  }
  return told.remove.length + told.add.length + told.update.length > 0 ? told : null;
}

function looksOther(a: Camera, b: Camera): boolean {
  return (
    a !== b &&
    (a.lat !== b.lat ||
      a.lon !== b.lon ||
      a.site !== b.site ||
      a.bearing !== b.bearing ||
      a.fov !== b.fov)
  );
}

export function feature({ camera, state }: Drawn): Feature<Point> {
  const { bearing, fov } = camera;
  return {
    type: "Feature",
    id: camera.camera,
    geometry: { type: "Point", coordinates: [camera.lon, camera.lat] },
    properties: {
      camera: camera.camera,
      site: camera.site,
      state,
      live: camera.live ? 1 : 0,
      ...(bearing === undefined
        ? {}
        : { bearing, fov: Math.min(180, STEP * Math.max(1, Math.round((fov ?? 90) / STEP))) }),
    },
  };
}
