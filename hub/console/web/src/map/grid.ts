// The plain grid: lines of latitude and longitude for what is in view, where there is no street map.

import type { Feature, LineString, Point } from "geojson";

export interface View {
  west: number;
  south: number;
  east: number;
  north: number;
}

/** Lines so far apart, in degrees, that some eight of them cross the view. */
export function spacing(view: View): number {
  const wanted = Math.max(view.east - view.west, 1e-6) / 8;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const factor = [1, 2, 5, 10].find((one) => one * power >= wanted) ?? 10;
  return factor * power;
}

export interface Grid {
  lines: Feature<LineString>[];
  labels: Feature<Point>[];
}

/** Lines reach a view's width beyond it, so that none is missing while it moves. */
export function grid(view: View): Grid {
  const step = spacing(view);
  const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  const wide = view.east - view.west;
  const high = view.north - view.south;
  const [west, east] = [view.west - wide, view.east + wide];
  const [south, north] = [Math.max(-85, view.south - high), Math.min(85, view.north + high)];
  const made: Grid = { lines: [], labels: [] };
  for (const lon of steps(west, east, step)) {
    made.lines.push(line([lon, south], [lon, north]));
    if (lon > view.west && lon < view.east) {
      const text = `${Math.abs(lon).toFixed(digits)}° ${lon < 0 ? "W" : "E"}`;
      made.labels.push(label(lon, view.south, text, "bottom"));
    }
  }
  for (const lat of steps(south, north, step)) {
    made.lines.push(line([west, lat], [east, lat]));
    if (lat > view.south && lat < view.north) {
      const text = `${Math.abs(lat).toFixed(digits)}° ${lat < 0 ? "S" : "N"}`;
      made.labels.push(label(view.west, lat, text, "left"));
    }
  }
  return made;
}

function steps(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step);
  const many = Math.max(0, Math.floor(to / step) - first + 1);
  // Multiplied and never added up, so that no line drifts.
  return Array.from({ length: many }, (_, at) => (first + at) * step);
}

function line(from: [number, number], to: [number, number]): Feature<LineString> {
  return {
    type: "Feature",
    properties: {},
    geometry: { type: "LineString", coordinates: [from, to] },
  };
}

function label(lon: number, lat: number, text: string, anchor: string): Feature<Point> {
  return {
    type: "Feature",
    properties: { text, anchor },
    geometry: { type: "Point", coordinates: [lon, lat] },
  };
}
