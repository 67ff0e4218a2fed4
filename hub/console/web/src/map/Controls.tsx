// The buttons of the map, for whoever has no keys.

import { incident } from "../state/store";
import type { Engine } from "./engine";
import { centre } from "./keymap";
import { mode } from "./pick";
import { t } from "./words";

export function Controls({ engine }: { engine: Engine }) {
  const one = incident.value;
  const drawing = mode.value === "lasso";
  return (
    <div class="controls" role="group" aria-label={t("group")}>
      <Control name={t("zoomIn")} press={() => engine.zoom(1)} path="M12 5v14M5 12h14" />
      <Control name={t("zoomOut")} press={() => engine.zoom(-1)} path="M5 12h14" />
      <Control
        name={t("centre")}
        off={!one}
        press={() => centre(engine)}
        path="M12 2v5M12 17v5M2 12h5M17 12h5M7 12a5 5 0 1 0 10 0a5 5 0 1 0-10 0"
      />
      <Control
        name={t("lasso")}
        off={!one?.open || mode.value === "pick"}
        pressed={drawing}
        press={() => {
          mode.value = drawing ? "look" : "lasso";
        }}
        path="M7 17c-3-1-5-3-5-6c0-4 4-7 10-7s10 3 10 7s-4 7-10 7c-2 0-4-.3-5-1zM7 17c1.500 1 1.500 3 0 4.500"
      />
    </div>
  );
}

interface Act {
  name: string;
  path: string;
  press: () => void;
  off?: boolean;
  pressed?: boolean;
}

function Control({ name, path, press, off = false, pressed }: Act) {
  return (
    <button
      type="button"
      aria-label={name}
      title={name}
      disabled={off}
      {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
      onClick={press}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d={path} />
      </svg>
    </button>
  );
}
