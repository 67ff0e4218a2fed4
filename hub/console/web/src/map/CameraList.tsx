// The cameras in the circle as a list: for screen readers, for the keyboard, and where no map is drawn.

import { useComputed } from "@preact/signals";
import { incident, wall } from "../state/store";
import { inCircle } from "./nearest";
import { openCameras } from "./open";
import { away, told } from "./tell";
import { t } from "./words";

/** More than anybody listens to. */
const MOST = 40;

export function CameraList({ always }: { always: boolean }) {
  const shown = useComputed(() => inCircle.value.slice(0, MOST));
  const one = incident.value;
  if (!one?.open) return null;
  const left = inCircle.value.length - shown.value.length;
  return (
    <div class={`cameralist ${always ? "always" : ""}`}>
      <h2>{t("list")}</h2>
      <ol>
        {shown.value.map((camera) => (
          <li key={camera.camera}>
            <button type="button" onClick={() => openCameras([camera.camera])}>
              <bdi>{camera.name}</bdi>
              <span class="quiet small">
                {away(one, camera)} · {told(camera, wall.value)}
              </span>
            </button>
          </li>
        ))}
      </ol>
      {left > 0 && <p class="quiet small">{t("more", { count: left })}</p>}
      {shown.value.length === 0 && <p class="quiet">{t("countsNone")}</p>}
    </div>
  );
}
