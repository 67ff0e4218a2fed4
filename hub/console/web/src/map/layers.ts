// What the console draws over the streets: circle, trace, cameras and their numbers.

import type { Feature, Polygon } from "geojson";
import type {
  ExpressionSpecification,
  LayerSpecification,
  SourceSpecification,
  StyleSpecification,
} from "maplibre-gl";
import { type Basemap, EMPTY } from "./basemap";
import type { Tokens } from "./tokens";

/** Nearer than this each camera is drawn by itself, and its direction too. */
export const ALONE_ZOOM = 14;
const LIVELY = ["max", ["case", ["==", ["get", "state"], "wall"], 1, 0]];

export function sources(): Record<string, SourceSpecification> {
  const plain = (): SourceSpecification => ({ type: "geojson", data: EMPTY });
  return {
    circle: plain(),
    trace: plain(),
    marks: plain(),
    // Two sources, because a change redraws all of a clustered one, and of the other only some tiles.
    cameras: { type: "geojson", data: EMPTY, buffer: 64 },
    crowd: {
      type: "geojson",
      data: EMPTY,
      cluster: true,
      clusterRadius: 56,
      clusterMaxZoom: ALONE_ZOOM - 1,
      clusterProperties: { wall: LIVELY },
      buffer: 64,
    },
  };
}

export function layers(colours: Tokens): LayerSpecification[] {
  const which = (kind: string) => ["==", ["get", "kind"], kind] as never;
  const grows = ["interpolate", ["linear"], ["zoom"], 11, 0.6, 13, 0.85, 15.5, 1.1] as never;
  const above = { "icon-allow-overlap": true, "icon-ignore-placement": true } as const;
  const cameras = (id: string, source: string) => ({
    id,
    type: "symbol",
    source,
    layout: {
      "icon-image": ["concat", "cam/", ["get", "site"], "/", ["get", "state"]],
      "icon-size": grows,
      "symbol-sort-key": ["match", ["get", "state"], "wall", 3, "looked", 2, "live", 1, 0],
      ...above,
    },
  });
  return [
    {
      id: "circle",
      type: "fill",
      source: "circle",
      filter: which("allowed"),
      paint: { "fill-color": colours.act, "fill-opacity": 0.08 },
    },
    {
      id: "circle-waits",
      type: "line",
      source: "circle",
      filter: which("waits"),
      paint: { "line-color": colours.wait, "line-width": 2.5, "line-dasharray": [3, 2] },
    },
    {
      id: "circle-edge",
      type: "line",
      source: "circle",
      filter: which("allowed"),
      paint: { "line-color": colours.act, "line-width": 2.5 },
    },
    {
      id: "rings-foot",
      type: "line",
      source: "trace",
      filter: which("foot"),
      paint: { "line-color": colours.trace, "line-width": 2.5 },
    },
    {
      id: "rings-car",
      type: "line",
      source: "trace",
      filter: which("car"),
      paint: { "line-color": colours.trace, "line-width": 2, "line-dasharray": [2, 3] },
    },
    {
      id: "path",
      type: "line",
      source: "trace",
      filter: which("path"),
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": colours.trace, "line-width": 4 },
    },
    {
      id: "wedges",
      type: "symbol",
      source: "cameras",
      minzoom: 15,
      filter: ["has", "bearing"],
      layout: {
        "icon-image": ["concat", "wedge/", ["get", "fov"], "/", ["get", "state"]],
        "icon-rotate": ["get", "bearing"],
        "icon-rotation-alignment": "map",
        "icon-size": ["interpolate", ["exponential", 2], ["zoom"], 15, 0.6, 19, 2.5],
        ...above,
      },
    },
    {
      id: "clusters",
      type: "symbol",
      source: "crowd",
      maxzoom: ALONE_ZOOM,
      filter: ["has", "point_count"],
      layout: {
        "icon-image": [
          "concat",
          "cluster/",
          ["get", "point_count_abbreviated"],
          ["case", ["==", ["get", "wall"], 1], "/wall", "/live"],
        ],
        ...above,
      },
    },
    {
      ...cameras("far", "crowd"),
      filter: ["!", ["has", "point_count"]] as never,
      maxzoom: ALONE_ZOOM,
    } as LayerSpecification,
    { ...cameras("cameras", "cameras"), minzoom: ALONE_ZOOM } as LayerSpecification,
    {
      id: "focus",
      type: "symbol",
      source: "marks",
      filter: which("focus"),
      layout: { "icon-image": "focus", "icon-size": grows, ...above },
    },
    {
      id: "numbers",
      type: "symbol",
      source: "marks",
      filter: which("number"),
      minzoom: 13,
      layout: {
        "icon-image": ["concat", "nr/", ["get", "text"]],
        "icon-offset": [18, -18],
        ...above,
      },
    },
    {
      id: "sightings",
      type: "symbol",
      source: "trace",
      filter: which("sighting"),
      layout: { "icon-image": ["concat", "sighting/", ["get", "text"]], ...above },
    },
    {
      id: "ring-labels",
      type: "symbol",
      source: "trace",
      filter: which("label"),
      layout: {
        "icon-image": ["concat", "label/", ["get", "text"], "/trace"],
        "icon-allow-overlap": true,
      },
    },
  ];
}

/** What lies outside of the circle steps back: nobody may look there. */
export function dimmed(circle: Feature<Polygon> | null): ExpressionSpecification | number {
  if (!circle) return 1;
  const busy = ["in", ["get", "state"], ["literal", ["wall", "looked"]]];
  return ["case", ["any", busy, ["within", circle]], 1, 0.4] as never;
}

/** The whole style: ground, streets or grid, and ours on top. */
export function styled(base: Basemap, colours: Tokens): StyleSpecification {
  return {
    version: 8,
    sources: { ...base.sources, ...sources() },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": colours.ground } },
      ...base.layers,
      ...layers(colours),
    ],
    transition: { duration: 0, delay: 0 },
  };
}

/** A city's own style, with ours on top. */
export function over(style: StyleSpecification, colours: Tokens): StyleSpecification {
  return {
    ...style,
    sources: { ...style.sources, ...sources() },
    layers: [...style.layers, ...layers(colours)],
    transition: { duration: 0, delay: 0 },
  };
}
