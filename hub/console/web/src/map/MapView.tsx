// The map: where cameras, the circle and the trace are, and what can be done to them there.

import { signal, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { incident, inHand } from "../state/store";
import { Cards } from "./Cards";
import { Controls } from "./Controls";
import { CameraList } from "./CameraList";
import { forget } from "./circle";
import { Counts } from "./Counts";
import type { Engine } from "./engine";
import { keys } from "./keymap";
import { Lasso } from "./Lasso";
import "./map.css";
import { NoMap } from "./NoMap";
import { mode, picked } from "./pick";
import { Pick } from "./Pick";
import { t } from "./words";

/** The cameras whose card is shown: those under the last click. */
const chosen = signal<readonly string[]>([]);

type State = "loading" | "drawn" | "none";

export function MapView() {
  const box = useRef<HTMLDivElement>(null);
  const engine = useSignal<Engine | null>(null);
  const state = useSignal<State>("loading");
  const streets = useSignal(true);

  useEffect(() => {
    let gone = false;
    if (box.current) {
      void begin(box.current, () => {
        streets.value = false;
      })
        .then((one) => {
          if (gone) one.stop();
          else {
            engine.value = one;
            state.value = "drawn";
          }
        })
        .catch((problem: unknown) => {
          console.warn("The map cannot be drawn.", problem);
          state.value = "none";
        });
    }
    return () => {
      gone = true;
      engine.value?.stop();
      engine.value = null;
      picked(null);
    };
  }, []);

  useEffect(() => keys(() => engine.value, chosen), []);

  // Taking on an incident brings it into view; a change of its circle alone does not.
  useSignalEffect(() => {
    void inHand.value;
    forget();
    const [one, circle] = [engine.value, incident.peek()];
    if (one && circle) one.show(circle);
  });

  return (
    <div class={`mapview ${mode.value}`} data-state={state.value}>
      <div class="canvas" ref={box} />
      {state.value === "none" && <p class="strip bad">{t("noWebgl")}</p>}
      {mode.value === "lasso" && engine.value && <Lasso engine={engine.value} />}
      {mode.value === "pick" && engine.value && <Pick engine={engine.value} />}
      <Counts />
      {engine.value && <Controls engine={engine.value} />}
      {mode.value === "look" && <Cards chosen={chosen} />}
      {state.value === "drawn" && <NoMap broken={!streets.value} />}
      <CameraList always={state.value === "none"} />
    </div>
  );
}

/** The library comes after the rest of the screen, which is of use without it. */
async function begin(box: HTMLElement, noStreets: () => void): Promise<Engine> {
  const { start } = await import("./engine");
  return start(box, {
    cameras: (ids) => {
      if (mode.value === "look") chosen.value = ids;
    },
    place: (place) => {
      if (mode.value === "pick") picked(place);
    },
    noStreets,
  });
}
