// The keys of the map.

import type { Signal } from "@preact/signals";
import { register } from "../keys/keys";
import { incident } from "../state/store";
import { changeable, circle, resize } from "./circle";
import type { Engine } from "./engine";
import { mode, picked } from "./pick";
import { t } from "./words";

export function keys(engine: () => Engine | null, chosen: Signal<readonly string[]>): () => void {
  const group = () => t("group");
  const drawn = () => engine() !== null;
  return register(
    {
      keys: ["m"],
      label: () => t("centre"),
      group,
      when: () => drawn() && incident.value !== null,
      run: () => centre(engine()),
    },
    { keys: ["+", "="], label: () => t("zoomIn"), group, when: drawn, run: () => engine()?.zoom(1) },
    { keys: ["-"], label: () => t("zoomOut"), group, when: drawn, run: () => engine()?.zoom(-1) },
    { keys: ["r"], label: () => t("larger"), group, when: changeable, run: () => resize(true) },
    {
      keys: ["Shift+r"],
      label: () => t("smaller"),
      group,
      when: changeable,
      run: () => resize(false),
    },
    {
      keys: ["v"],
      label: () => t("lasso"),
      group,
      when: () => drawn() && Boolean(incident.value?.open) && mode.value !== "pick",
      run: () => {
        mode.value = mode.value === "lasso" ? "look" : "lasso";
      },
    },
    {
      keys: ["Escape"],
      label: () => t("close"),
      group,
      when: () => chosen.value.length > 0,
      run: () => {
        chosen.value = [];
      },
    },
    {
      keys: ["Escape"],
      label: () => t("cancel"),
      group,
      when: () => mode.value !== "look",
      run: stop,
    },
  );
}

export function centre(engine: Engine | null): void {
  if (circle.value) engine?.show(circle.value);
}

/** Ends drawing or picking without an answer. */
export function stop(): void {
  if (mode.value === "pick") picked(null);
  mode.value = "look";
}
