// Finds the streets: the city's PMTiles or MBTiles file, or the address of a style.

import { addProtocol, type SourceSpecification, type StyleSpecification } from "maplibre-gl";
import { PMTiles, Protocol, TileType } from "pmtiles";
import type { Settings } from "../api/types";
import { type Basemap, raster, schemaOf, vector } from "./basemap";
import type { Tokens } from "./tokens";

/** Streets made anew for the theme, or a whole style of the city's own. */
export type Streets =
  | { kind: "tiles"; draw: (colours: Tokens) => Basemap }
  | { kind: "style"; style: StyleSpecification };

/** Returns the streets of the settings; null if there are none; throws if they cannot be read. */
export async function streets(map: Settings["map"]): Promise<Streets | null> {
  switch (map?.kind) {
    case "pmtiles":
      return tilesOfFile(absolute(map.url));
    case "mbtiles":
      return tilesOfServer(absolute(map.url));
    case "style":
      return { kind: "style", style: (await json(absolute(map.url))) as StyleSpecification };
    case undefined:
      return null;
  }
}

function absolute(url: string): string {
  return new URL(url, location.href).href;
}

async function json(url: string): Promise<unknown> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`the map answers ${answer.status}`);
  return answer.json();
}

interface Described {
  vector_layers?: { id: string }[];
}

async function tilesOfFile(url: string): Promise<Streets> {
  const protocol = new Protocol();
  const file = new PMTiles(url);
  protocol.add(file);
  addProtocol("pmtiles", protocol.tile);
  const header = await file.getHeader();
  const tiles = `pmtiles://${url}`;
  if (header.tileType !== TileType.Mvt) return pictures({ type: "raster", url: tiles, tileSize: 256 });
  const metadata = (await file.getMetadata()) as Described;
  return drawing({ type: "vector", url: tiles }, metadata);
}

interface TileJson extends Described {
  tiles: string[];
  minzoom?: number;
  maxzoom?: number;
  bounds?: [number, number, number, number];
  attribution?: string;
  format?: string;
}

async function tilesOfServer(url: string): Promise<Streets> {
  const told = (await json(url)) as TileJson;
  const { minzoom, maxzoom, bounds, attribution } = told;
  const source = {
    tiles: told.tiles.map((tile) => decodeURI(new URL(tile, url).href)),
    ...(minzoom === undefined ? {} : { minzoom }),
    ...(maxzoom === undefined ? {} : { maxzoom }),
    ...(bounds === undefined ? {} : { bounds }),
    ...(attribution === undefined ? {} : { attribution }),
  };
  if (told.format && told.format !== "pbf" && told.format !== "mvt") {
    return pictures({ type: "raster", tileSize: 256, ...source });
  }
  return drawing({ type: "vector", ...source }, told);
}

function pictures(source: SourceSpecification): Streets {
  return { kind: "tiles", draw: () => raster(source) };
}

function drawing(source: SourceSpecification, { vector_layers: layers = [] }: Described): Streets {
  const schema = schemaOf(layers.map(({ id }) => id));
  if (!schema) throw new Error("the map's layers are of a schema that the console does not know");
  return { kind: "tiles", draw: (colours) => vector(source, schema, colours) };
}
