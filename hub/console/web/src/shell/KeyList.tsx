// The list of all keys that do something now.

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { active } from "../keys/keys";
import { t } from "./words";

const shown = signal(false);

export function showKeys(): void {
  shown.value = true;
}

export function KeyList() {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = shown.value;
  useEffect(() => {
    if (open && dialog.current && !dialog.current.open) dialog.current.showModal();
  }, [open]);
  if (!open) return null;
  const groups = Map.groupBy(active(), (key) => key.group());
  return (
    <dialog ref={dialog} aria-labelledby="keys-title" onClose={() => (shown.value = false)}>
      <h2 id="keys-title">{t("keys")}</h2>
      {[...groups].map(([group, keys]) => (
        <section key={group}>
          <h3>{group}</h3>
          <dl class="keys">
            {keys.map((key) => (
              <div key={key.keys[0]}>
                <dt>
                  {key.keys.map((name) => (
                    <kbd key={name}>{name}</kbd>
                  ))}
                </dt>
                <dd>{key.label()}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <button type="button" onClick={() => dialog.current?.close()}>
        {t("close")}
      </button>
    </dialog>
  );
}
