// Runs MapLibre: keeps what is drawn the same as what the store knows, at most four times a second.

import { effect } from "@preact/signals";
import {
  AttributionControl,
  type GeoJSONSource,
  Map as MapLibre,
  type MapMouseEvent,
  ScaleControl,
  setWorkerUrl,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { proposed } from "../incident/picking";
import { theme } from "../shell/theme";
import { cameras, focused, incident, looks, settings, wall } from "../state/store";
import { language } from "../words/words";
import { plain } from "./basemap";
import { batches } from "./batches";
import { type Circle, circle } from "./circle";
import { change, type Drawn, drawn, lookedAt } from "./features";
import type { Place } from "./geo";
import { grid } from "./grid";
import { handles } from "./handles";
import { icon } from "./icons";
import { dimmed, over, styled } from "./layers";
import { streets } from "./load";
import { numbered } from "./nearest";
import { meant } from "./meant";
import { around, circleShapes, markShapes, ring, rounded, traceShapes } from "./shapes";
import { tokens } from "./tokens";
import { path, rings } from "./traced";
import { t } from "./words";

// A file of our own, because the page's policy allows no script that is made on the way.
setWorkerUrl(workerUrl);

const EVERY_MS = 250;
/** A click may miss a camera by so many pixels. */
const NEAR_PX = 10;
const CITY_ZOOM = 12;
const TOUCHED = ["cameras", "far", "clusters"];
const SHOW_MS = 200;
/** What lies on the map leaves so much of it free, in pixels. */
const ROOM = { top: 112, right: 88, bottom: 72, left: 48 };

export interface Told {
  cameras: (ids: string[]) => void;
  place: (place: Place) => void;
  /** The streets cannot be read; all else is drawn. */
  noStreets: () => void;
}

export interface Engine {
  zoom: (by: 1 | -1) => void;
  show: (circle: Circle) => void;
  go: (place: Place) => void;
  centre: () => Place;
  place: (x: number, y: number) => Place;
  stop: () => void;
}

export async function start(box: HTMLElement, told: Told): Promise<Engine> {
  const middle = circle.value ?? settings.value?.centre ?? { lat: 0, lon: 0 };
  let colours = tokens();
  const roads = await streets(settings.value?.map ?? null).catch(() => {
    told.noStreets();
    return null;
  });
  const map = new MapLibre({
    container: box,
    style: styleNow(),
    center: [middle.lon, middle.lat],
    zoom: CITY_ZOOM,
    maxZoom: 20,
    maxPitch: 0,
    dragRotate: false,
    pitchWithRotate: false,
    boxZoom: false,
    doubleClickZoom: false,
    fadeDuration: 0,
    attributionControl: false,
    refreshExpiredTiles: false,
    locale: { "Map.Title": t("map") },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new ScaleControl({ maxWidth: 140, unit: "metric" }), "bottom-right");
  if (roads) map.addControl(new AttributionControl({ compact: false }), "bottom-right");
  map.setMissingStyleImageResolver((name) => {
    const made = icon(name, colours);
    if (made && !map.hasImage(name)) map.addImage(name, made.image, { pixelRatio: made.pixelRatio });
  });

  function styleNow() {
    colours = tokens();
    if (roads?.kind === "style") return over(roads.style, colours);
    return styled(roads ? roads.draw(colours) : plain(colours), colours);
  }

  function moving(now: "yes" | "no"): void {
    box.dataset["moving"] = now;
  }

  let sent: ReadonlyMap<string, Drawn> = new Map();
  const kept = new Map<string, string>();
  let ready = false;

  function drawCameras(): void {
    if (!ready) return;
    const mine = new Set(wall.peek());
    const now = drawn(cameras.peek(), mine, lookedAt(looks.peek().values()));
    const told = change(sent, now);
    sent = now;
    if (told) for (const name of ["cameras", "crowd"]) void source(name)?.updateData(told);
  }

  function drawMarks(): void {
    if (!ready) return;
    set("marks", markShapes(numbered.peek(), cameras.peek().get(focused.peek() ?? "")));
  }

  function drawCircle(): void {
    if (ready) set("circle", circleShapes(proposed.peek() ?? circle.peek(), allowed()));
  }

  function dim(): void {
    if (!ready) return;
    const one = incident.peek();
    const held = one?.open ? ring("", one, Math.min(one.radius_m, allowed())) : null;
    for (const layer of ["cameras", "far", "wedges"]) {
      map.setPaintProperty(layer, "icon-opacity", dimmed(held));
    }
  }

  function drawTrace(): void {
    if (ready) {
      set(
        "trace",
        traceShapes(path.peek(), rings.peek(), ({ by, radius_m }) =>
          `${t(by)} ${t("metres", { metres: rounded(radius_m) })}`,
        ),
      );
    }
  }

  function drawGrid(): void {
    if (!ready || roads) return;
    const seen = map.getBounds();
    const { lines, labels } = grid({
      west: seen.getWest(),
      south: seen.getSouth(),
      east: seen.getEast(),
      north: seen.getNorth(),
    });
    set("grid", lines);
    set("grid-labels", labels);
  }

  function source(name: string): GeoJSONSource | undefined {
    return map.getSource<GeoJSONSource>(name);
  }

  function set(name: string, features: GeoJSON.Feature[]): void {
    // The store often says the same again, and each new drawing costs a frame.
    const text = JSON.stringify(features);
    if (kept.get(name) === text) return;
    kept.set(name, text);
    void source(name)?.setData({ type: "FeatureCollection", features });
  }

  const crowd = batches(EVERY_MS, drawCameras);
  const marks = batches(EVERY_MS, drawMarks);
  map.on("style.load", () => {
    ready = true;
    sent = new Map();
    kept.clear();
    for (const draw of [drawCameras, drawMarks, drawCircle, drawTrace, drawGrid, dim]) draw();
  });
  map.on("moveend", drawGrid);
  map.on("movestart", () => moving("yes"));
  map.on("idle", () => moving("no"));
  map.on("click", clicked);
  for (const layer of TOUCHED) {
    map.on("mouseenter", layer, () => map.getCanvas().classList.add("over"));
    map.on("mouseleave", layer, () => map.getCanvas().classList.remove("over"));
  }

  function clicked(event: MapMouseEvent): void {
    told.place({ lat: event.lngLat.lat, lon: event.lngLat.lng });
    const { x, y } = event.point;
    const found = map.queryRenderedFeatures(
      [
        [x - NEAR_PX, y - NEAR_PX],
        [x + NEAR_PX, y + NEAR_PX],
      ],
      { layers: [...TOUCHED] },
    );
    const spots = found.flatMap(({ properties }) => {
      const camera = cameras.peek().get(String(properties["camera"]));
      return camera ? [{ id: camera.camera, ...map.project([camera.lon, camera.lat]) }] : [];
    });
    const ids = meant(spots, event.point);
    const many = found.find(({ properties }) => "cluster_id" in properties);
    if (ids.length === 0 && many) void nearer(many.properties["cluster_id"] as number, event);
    else told.cameras(ids);
  }

  async function nearer(cluster: number, { lngLat }: MapMouseEvent): Promise<void> {
    const zoom = await source("crowd")?.getClusterExpansionZoom(cluster);
    map.easeTo({ center: lngLat, zoom: zoom ?? map.getZoom() + 2, duration: SHOW_MS });
  }

  const follows = [
    effect(() => {
      void [cameras.value, wall.value, looks.value];
      crowd.mark();
    }),
    effect(() => {
      void [numbered.value, focused.value];
      marks.mark();
    }),
    effect(() => {
      void [circle.value, incident.value, proposed.value];
      drawCircle();
    }),
    effect(() => {
      const wanted = proposed.value;
      // What was typed or found by its address may lie outside of what is seen.
      if (wanted && !map.getBounds().contains([wanted.lon, wanted.lat])) {
        map.easeTo({ center: [wanted.lon, wanted.lat], duration: SHOW_MS });
      }
    }),
    effect(() => {
      void incident.value;
      dim();
    }),
    effect(() => {
      void [path.value, rings.value, language.value];
      drawTrace();
    }),
    effect(() => {
      const label = language.value && t("map");
      map.getCanvas().setAttribute("aria-label", label);
    }),
    themed(() => {
      ready = false;
      map.setStyle(styleNow(), { diff: false });
    }),
    handles(map),
  ];

  return {
    zoom(by) {
      map.easeTo({ zoom: Math.round(map.getZoom()) + by, duration: SHOW_MS });
    },
    show(one) {
      const [west, south, east, north] = around(one);
      map.fitBounds([west, south, east, north], { padding: ROOM, maxZoom: 18, duration: SHOW_MS });
    },
    go({ lat, lon }) {
      map.easeTo({ center: [lon, lat], zoom: Math.max(16, map.getZoom()), duration: SHOW_MS });
    },
    centre() {
      const { lat, lng } = map.getCenter();
      return { lat, lon: lng };
    },
    place(x, y) {
      const { lat, lng } = map.unproject([x, y]);
      return { lat, lon: lng };
    },
    stop() {
      for (const stop of follows) stop();
      crowd.stop();
      marks.stop();
      map.remove();
    },
  };
}

function allowed(): number {
  if (proposed.peek()) return Number.POSITIVE_INFINITY;
  const mine = incident.peek();
  if (!mine?.waits.includes("circle")) return Number.POSITIVE_INFINITY;
  return mine.allowed_radius_m;
}

/** Calls when the theme has changed, after the page has its new colours. */
function themed(act: () => void): () => void {
  let first = true;
  return effect(() => {
    void theme.value;
    if (!first) queueMicrotask(act);
    first = false;
  });
}
