// Picking a place on the map: by a click, or with the keys under the cross in the middle.

import { useEffect } from "preact/hooks";
import { register } from "../keys/keys";
import type { Engine } from "./engine";
import { stop } from "./keymap";
import { picked } from "./pick";
import { t } from "./words";

export function Pick({ engine }: { engine: Engine }) {
  const take = () => picked(engine.centre());
  useEffect(() => {
    return register({
      keys: ["Enter"],
      label: () => t("here"),
      group: () => t("group"),
      // Enter on a button or in a form is theirs.
      when: () => document.activeElement?.matches("body, canvas") ?? true,
      run: take,
    });
  }, []);
  return (
    <>
      <svg class="cross" viewBox="-24 -24 48 48" aria-hidden="true">
        <path d="M0-22V-6M0 6V22M-22 0H-6M6 0H22" />
      </svg>
      <p class="strip" role="status">
        <span>{t("pickHint")}</span>
        <button type="button" onClick={take}>
          {t("pickHere")} <kbd>Enter</kbd>
        </button>
        <button type="button" onClick={stop}>
          {t("stop")} <kbd>Esc</kbd>
        </button>
      </p>
    </>
  );
}
