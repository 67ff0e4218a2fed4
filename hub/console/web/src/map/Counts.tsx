// How many cameras are in the circle, how many of them live, and how far the circle may go.

import { incident } from "../state/store";
import { circle, draft, reach } from "./circle";
import { inCircle } from "./nearest";
import { t } from "./words";

export function Counts() {
  const one = incident.value;
  const shown = circle.value;
  if (!one?.open || !shown) return null;
  const all = inCircle.value.length;
  const live = inCircle.value.filter((camera) => camera.live).length;
  const { alone, most } = reach.value;
  const waits = one.waits.includes("circle") && !draft.value;
  const beyond = !waits && Boolean(draft.value) && shown.radius_m > alone;
  return (
    <div class="counts" role="status">
      <p>
        <strong>{t(all === 0 ? "countsNone" : all === 1 ? "countsOne" : "counts", { all })}</strong>
        {all > 0 && (
          <>
            <span class="live">{t("live", { count: live })}</span>
            {live < all && <span class="stills">{t("stills", { count: all - live })}</span>}
          </>
        )}
      </p>
      {waits && <p class="waits">{t("waits", { metres: Math.round(one.allowed_radius_m) })}</p>}
      {beyond && <p class="waits">{t("willWait", { metres: alone })}</p>}
      {draft.value && shown.radius_m >= most && <p class="waits">{t("most", { metres: most })}</p>}
    </div>
  );
}
