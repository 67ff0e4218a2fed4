// Says that there are no streets, and how to add them; it is said once, until someone hides it.

import { signal } from "@preact/signals";
import { settings } from "../state/store";
import { t } from "./words";

const KEPT = "rtcc.map.hidden";
const hidden = signal(globalThis.sessionStorage?.getItem(KEPT) === "yes");

export function NoMap({ broken }: { broken: boolean }) {
  if (broken) return <p class="nomap bad">{t("mapFailed")}</p>;
  if (settings.value?.map || hidden.value) return null;
  return (
    <div class="nomap">
      <details>
        <summary>
          {t("noMap")} <span class="how">{t("addMap")}</span>
        </summary>
        <p>{t("addMapText")}</p>
      </details>
      <button
        class="plain small"
        type="button"
        onClick={() => {
          hidden.value = true;
          sessionStorage.setItem(KEPT, "yes");
        }}
      >
        {t("hide")}
      </button>
    </div>
  );
}
