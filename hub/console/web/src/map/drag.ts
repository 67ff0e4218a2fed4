// Drags a handle on the map: by mouse or finger, and wherever the pointer goes meanwhile.

import type { Map as MapLibre } from "maplibre-gl";
import type { Place } from "./geo";

export interface Drag {
  begin: () => void;
  move: (to: Place) => void;
  end: () => void;
}

/** A press that moves less than this is a click, and moves nothing. */
const SLACK_PX = 3;

export function drag(map: MapLibre, handle: HTMLElement, { begin, move, end }: Drag): void {
  let from: { x: number; y: number } | null = null;
  /** From the pointer to the handle's middle, so that it does not jump. */
  let grip = { x: 0, y: 0 };
  let moving = false;

  // Else the map below would move along.
  for (const name of ["mousedown", "touchstart", "dblclick"] as const) {
    handle.addEventListener(name, (event) => event.stopPropagation());
  }
  handle.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    handle.setPointerCapture(event.pointerId);
    const box = handle.getBoundingClientRect();
    from = { x: event.clientX, y: event.clientY };
    grip = { x: box.x + box.width / 2 - from.x, y: box.y + box.height / 2 - from.y };
  });
  handle.addEventListener("pointermove", (event) => {
    if (!from) return;
    const { clientX: x, clientY: y } = event;
    if (!moving) {
      if (Math.hypot(x - from.x, y - from.y) < SLACK_PX) return;
      moving = true;
      begin();
    }
    const box = map.getCanvasContainer().getBoundingClientRect();
    const { lat, lng } = map.unproject([x + grip.x - box.x, y + grip.y - box.y]);
    move({ lat, lon: lng });
  });
  for (const name of ["pointerup", "pointercancel"] as const) {
    handle.addEventListener(name, () => {
      if (moving) end();
      from = null;
      moving = false;
    });
  }
}
