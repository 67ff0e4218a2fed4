// The two handles of the circle, its centre and its edge: for mouse, finger and keyboard.

import { effect } from "@preact/signals";
import { type Map as MapLibre, Marker } from "maplibre-gl";
import { incident } from "../state/store";
import { changeable, circle, draft, nudge, reach, resize, settle, within } from "./circle";
import { drag } from "./drag";
import { metres, type Place, toward } from "./geo";
import { t } from "./words";

const EAST = 90;
/** A key moves the centre so far on the screen, and not less than it is exact. */
const STEP_PX = 12;
/** In a circle smaller than this on the screen the handles would lie on each other. */
const APART_PX = 40;

const DIRECTIONS: Readonly<Record<string, number>> = {
  ArrowUp: 0,
  ArrowRight: 90,
  ArrowDown: 180,
  ArrowLeft: 270,
};

export function handles(map: MapLibre): () => void {
  const centre = handle("handle centre");
  const edge = handle("handle edge");
  const far = edge.getElement().appendChild(document.createElement("span"));
  let held = false;
  let shown = false;

  function dragged(marker: Marker, change: (to: Place) => void): void {
    drag(map, marker.getElement(), {
      begin() {
        held = true;
      },
      move: change,
      end() {
        held = false;
        void settle();
      },
    });
  }

  dragged(centre, (to) => {
    const now = circle.peek();
    if (now) draft.value = { ...to, radius_m: now.radius_m };
  });
  dragged(edge, (to) => {
    const now = circle.peek();
    if (!now) return;
    const radius = within(metres(now, to), reach.peek());
    draft.value = { lat: now.lat, lon: now.lon, radius_m: radius };
  });

  centre.getElement().addEventListener("keydown", (event) => {
    const direction = DIRECTIONS[event.key];
    const now = circle.peek();
    if (direction === undefined || !now) return;
    taken(event);
    const scale = metresPerPixel(map, now);
    nudge(toward(now, direction, Math.max(1, STEP_PX * scale)));
  });
  edge.getElement().addEventListener("keydown", (event) => {
    if (!(event.key in DIRECTIONS)) return;
    taken(event);
    resize(event.key === "ArrowUp" || event.key === "ArrowRight");
  });

  function place(): void {
    const now = circle.peek();
    const wanted = Boolean(now) && changeable();
    if (wanted !== shown) {
      shown = wanted;
      for (const one of [centre, edge]) {
        if (wanted && now) one.setLngLat([now.lon, now.lat]).addTo(map);
        else one.remove();
      }
    }
    if (!now || !wanted) return;
    const reaches = Math.round(now.radius_m);
    const label = t("moveEdge", { metres: reaches });
    far.textContent = t("metres", { metres: reaches });
    centre.getElement().ariaLabel = t("moveCentre");
    edge.getElement().ariaLabel = label;
    edge.getElement().classList.toggle("beyond", now.radius_m > reach.peek().alone);
    apart();
    centre.setLngLat([now.lon, now.lat]);
    const east = toward(now, EAST, now.radius_m);
    // The edge handle stays due east however the pointer wanders.
    edge.setLngLat([east.lon, east.lat]);
  }

  function apart(): void {
    const now = circle.peek();
    if (!now || !shown) return;
    if (held) return;
    edge.getElement().hidden = now.radius_m / metresPerPixel(map, now) < APART_PX;
  }

  map.on("zoom", apart);
  const stop = effect(() => {
    void [circle.value, reach.value, incident.value?.open];
    place();
  });
  return () => {
    stop();
    centre.remove();
    edge.remove();
  };
}

function handle(name: string): Marker {
  const element = document.createElement("button");
  element.type = "button";
  element.className = name;
  return new Marker({ element });
}

function taken(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
}

function metresPerPixel(map: MapLibre, { lat }: Place): number {
  return (40_075_016.7 * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** map.getZoom());
}
