// Drawing around cameras: those of them that are in the circle open, the nearest first.

import { useSignal } from "@preact/signals";
import { incident, tell } from "../state/store";
import type { Engine } from "./engine";
import { inside, middle } from "./inside";
import { inCircle, NUMBERS, nearest } from "./nearest";
import { openCameras } from "./open";
import { mode } from "./pick";
import { stop } from "./keymap";
import { t } from "./words";

type Spot = readonly [number, number];
/** A hand that rests adds nothing. */
const APART_PX = 3;

export function Lasso({ engine }: { engine: Engine }) {
  const spots = useSignal<readonly Spot[]>([]);

  function at(event: PointerEvent): Spot {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  function begin(event: PointerEvent): void {
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    spots.value = [at(event)];
  }

  function go(event: PointerEvent): void {
    const last = spots.value.at(-1);
    if (!last) return;
    const spot = at(event);
    if (Math.hypot(spot[0] - last[0], spot[1] - last[1]) >= APART_PX) {
      spots.value = [...spots.value, spot];
    }
  }

  function end(): void {
    const polygon = spots.value.map(([x, y]) => engine.place(x, y));
    spots.value = [];
    const within = inCircle.value.filter((camera) => inside(polygon, camera));
    if (within.length === 0) {
      tell(t("noneDrawn"));
      return;
    }
    mode.value = "look";
    const first = nearest(within, incident.value ?? middle(polygon)).slice(0, NUMBERS);
    openCameras(first.map(({ camera }) => camera));
  }

  return (
    <>
      <svg
        class="lasso"
        aria-hidden="true"
        onPointerDown={begin}
        onPointerMove={go}
        onPointerUp={end}
        onPointerCancel={() => {
          spots.value = [];
        }}
      >
        <polygon points={spots.value.map((spot) => spot.join(",")).join(" ")} />
      </svg>
      <p class="strip" role="status">
        <span>{t("lassoHint")}</span>
        <button type="button" onClick={stop}>
          {t("stop")} <kbd>Esc</kbd>
        </button>
      </p>
    </>
  );
}
