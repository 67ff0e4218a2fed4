// The streets under everything: one small style for both common schemas of vector tiles, or none.

import type { LayerSpecification, SourceSpecification } from "maplibre-gl";
import { mix, type Tokens } from "./tokens";

export type Schema = "protomaps" | "openmaptiles";
export interface Basemap {
  sources: Record<string, SourceSpecification>;
  layers: LayerSpecification[];
}

const SOURCE = "base";

/** Which of the two a file of tiles follows, by the names of its layers. */
export function schemaOf(layers: readonly string[]): Schema | null {
  if (layers.includes("roads") || layers.includes("earth")) return "protomaps";
  if (layers.includes("transportation") || layers.includes("landcover")) return "openmaptiles";
  return null;
}

/** Colours that stay behind what matters: the streets are only as bright as needed to be followed. */
function palette(colours: Tokens, dark: boolean) {
  const { ground, surface, text, quiet } = colours;
  return {
    water: mix(ground, colours.act, dark ? 0.16 : 0.2),
    green: mix(ground, colours.live, dark ? 0.08 : 0.1),
    building: mix(ground, text, dark ? 0.05 : 0.06),
    minor: dark ? mix(ground, text, 0.13) : surface,
    major: dark ? mix(ground, text, 0.22) : surface,
    casing: mix(ground, text, dark ? 0 : 0.16),
    rail: mix(ground, text, 0.2),
    name: quiet,
    halo: ground,
  };
}

interface Names {
  water: string;
  land: string;
  green: string[];
  landKind: string;
  buildings: string;
  roads: string;
  roadNames: string;
  roadKind: string;
  highway: string[];
  major: string[];
  minor: string[];
  rail: string[];
  places: string;
  placeKind: string;
}

const NAMES: Readonly<Record<Schema, Names>> = {
  protomaps: {
    water: "water",
    land: "landuse",
    green: ["park", "forest", "wood", "grass", "cemetery", "golf_course", "nature_reserve", "grassland"],
    landKind: "kind",
    buildings: "buildings",
    roads: "roads",
    roadNames: "roads",
    roadKind: "kind",
    highway: ["highway"],
    major: ["major_road", "medium_road"],
    minor: ["minor_road"],
    rail: ["rail"],
    places: "places",
    placeKind: "kind",
  },
  openmaptiles: {
    water: "water",
    land: "landcover",
    green: ["wood", "grass", "park", "wetland"],
    landKind: "class",
    buildings: "building",
    roads: "transportation",
    roadNames: "transportation_name",
    roadKind: "class",
    highway: ["motorway", "trunk"],
    major: ["primary", "secondary", "tertiary"],
    minor: ["minor", "service", "residential", "unclassified"],
    rail: ["rail", "transit"],
    places: "place",
    placeKind: "class",
  },
};

/** A basemap of vector tiles. Names are drawn with the page's own font: no glyphs are fetched. */
export function vector(source: SourceSpecification, schema: Schema, colours: Tokens): Basemap {
  const dark = document.documentElement.dataset["theme"] !== "light";
  const paint = palette(colours, dark);
  const names = NAMES[schema];
  const road = (kinds: string[]) => ["in", ["get", names.roadKind], ["literal", kinds]] as never;
  const wide = (at12: number, at18: number) =>
    ["interpolate", ["exponential", 1.6], ["zoom"], 12, at12, 18, at18] as never;
  const line = (
    id: string,
    kinds: string[],
    colour: string,
    width: never,
    more: { minzoom?: number } = {},
  ): LayerSpecification => ({
    id,
    type: "line",
    source: SOURCE,
    "source-layer": names.roads,
    filter: road(kinds),
    ...more,
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": colour, "line-width": width },
  });
  const fill = (id: string, layer: string, colour: string): LayerSpecification => ({
    id,
    type: "fill",
    source: SOURCE,
    "source-layer": layer,
    paint: { "fill-color": colour },
  });
  const font = [colours.font.split(",")[0]?.replaceAll('"', "").trim() || "sans-serif", "sans-serif"];
  return {
    sources: { [SOURCE]: source },
    layers: [
      {
        ...fill("base-green", names.land, paint.green),
        filter: ["in", ["get", names.landKind], ["literal", names.green]],
      } as LayerSpecification,
      {
        ...fill("base-water", names.water, paint.water),
        filter: ["==", ["geometry-type"], "Polygon"],
      } as LayerSpecification,
      { ...fill("base-buildings", names.buildings, paint.building), minzoom: 15 } as LayerSpecification,
      line("base-rail", names.rail, paint.rail, wide(0.5, 2), { minzoom: 12 }),
      line("base-minor-edge", names.minor, paint.casing, wide(0.8, 17), { minzoom: 13 }),
      line("base-major-edge", [...names.major, ...names.highway], paint.casing, wide(3, 25)),
      line("base-minor", names.minor, paint.minor, wide(0.5, 14), { minzoom: 12 }),
      line("base-major", names.major, paint.major, wide(1.5, 20)),
      line("base-highway", names.highway, paint.major, wide(2.5, 24)),
      {
        id: "base-road-names",
        type: "symbol",
        source: SOURCE,
        "source-layer": names.roadNames,
        minzoom: 14,
        filter: road([...names.highway, ...names.major, ...names.minor]),
        layout: {
          "symbol-placement": "line",
          "text-field": ["coalesce", ["get", "name"], ["get", "ref"], ""],
          "text-font": font,
          "text-size": 13,
        },
        paint: { "text-color": paint.name, "text-halo-color": paint.halo, "text-halo-width": 1.5 },
      },
      {
        id: "base-places",
        type: "symbol",
        source: SOURCE,
        "source-layer": names.places,
        maxzoom: 15,
        filter: ["in", ["get", names.placeKind], ["literal", ["locality", "city", "town", "suburb", "neighbourhood"]]],
        layout: {
          "text-field": ["coalesce", ["get", "name"], ""],
          "text-font": font,
          "text-size": 15,
        },
        paint: { "text-color": paint.name, "text-halo-color": paint.halo, "text-halo-width": 2 },
      },
    ],
  };
}

/** A basemap of pictures, dimmed so that the cameras stay in front. */
export function raster(source: SourceSpecification): Basemap {
  const dark = document.documentElement.dataset["theme"] !== "light";
  return {
    sources: { [SOURCE]: source },
    layers: [
      {
        id: "base-pictures",
        type: "raster",
        source: SOURCE,
        paint: dark
          ? { "raster-brightness-max": 0.55, "raster-saturation": -0.6 }
          : { "raster-saturation": -0.4, "raster-opacity": 0.85 },
      },
    ],
  };
}

/** Lines of the plain grid; their features are made for each view. */
export function plain(colours: Tokens): Basemap {
  return {
    sources: {
      grid: { type: "geojson", data: EMPTY },
      "grid-labels": { type: "geojson", data: EMPTY },
    },
    layers: [
      {
        id: "grid",
        type: "line",
        source: "grid",
        paint: { "line-color": colours.line, "line-width": 1, "line-opacity": 0.7 },
      },
      {
        id: "grid-labels",
        type: "symbol",
        source: "grid-labels",
        layout: {
          "icon-image": ["concat", "label/", ["get", "text"], "/quiet"],
          "icon-anchor": ["get", "anchor"] as never,
          "icon-allow-overlap": true,
        },
      },
    ],
  };
}

export const EMPTY = { type: "FeatureCollection" as const, features: [] };
