// What an operator must know about a picture: where it is, how late, for how long, who else.

import type { Camera } from "../api/types";
import { bearing, metres } from "../map/geo";
import { cameras, incident, looks, now, session } from "../state/store";
import { duration } from "./ages";
import { far, HERE_M, wind } from "./compass";
import { Arrow, Icon } from "./icons";
import { others } from "./others";
import { because } from "./reasons";
import type { Tile } from "./tile";
import { t } from "./words";

const ENDS_SOON_S = 60;
const LATE_MS = 2_000;

/** The way from the incident to the camera. */
export function placeOf(camera: Camera | undefined): { text: string; degrees: number | null } {
  const from = incident.value;
  if (!camera || !from) return { text: "", degrees: null };
  const way = metres(from, camera);
  if (way < HERE_M) return { text: t("here"), degrees: null };
  const degrees = bearing(from, camera);
  const { value, unit } = far(way);
  return { text: t("place", { far: `${value}\u00a0${unit}`, wind: t(wind(degrees)) }), degrees };
}

export function Facts({ tile }: { tile: Tile }) {
  const camera = cameras.value.get(tile.camera);
  const place = placeOf(camera);
  const looksTo = camera?.bearing;
  return (
    <div class="facts">
      <p class="line">
        {place.text && (
          <span class="fact place">
            {place.degrees !== null && <Arrow degrees={place.degrees} />}
            {place.text}
          </span>
        )}
        {looksTo !== undefined && (
          <span class="fact view">
            <Arrow degrees={looksTo} kind="view" />
            {t("looksTo", { wind: t(wind(looksTo)) })}
          </span>
        )}
        {tile.told && (
          <span class="fact told" title={t("toldTitle")}>
            <Icon name="told" />
            <span>{t("told")}</span>
          </span>
        )}
      </p>
      <p class="line quiet">
        <Stream tile={tile} every={camera?.still_every_s} />
        <Also camera={tile.camera} />
      </p>
    </div>
  );
}

function Stream({ tile, every }: { tile: Tile; every: number | undefined }) {
  if (tile.phase === "stills") {
    return (
      <>
        <span class="fact" title={every ? t("everyTitle", { seconds: every }) : ""}>
          {every ? t("every", { seconds: every }) : t("still")}
        </span>
        {tile.reason && tile.reason !== "chosen" && (
          <span class="fact why" title={because(tile.reason)}>
            {because(tile.reason)}
          </span>
        )}
      </>
    );
  }
  if (tile.phase !== "live") return null;
  const { delay, left, lease } = tile;
  const late = delay !== null && delay > LATE_MS;
  return (
    <>
      <span class={`fact ${late ? "late" : ""}`} title={t("delayTitle")}>
        {delay === null ? t("delayUnknown") : t("delay", { seconds: (delay / 1_000).toFixed(1) })}
      </span>
      {left !== null && (
        <span class={`fact ${left < ENDS_SOON_S ? "late" : ""}`} title={t("leftTitle")}>
          {t("left", { age: duration(left) })}
        </span>
      )}
      {lease !== null && (
        <span class="fact lease" title={t("leaseTitle")}>
          {t("lease", { seconds: lease })}
        </span>
      )}
    </>
  );
}

function Also({ camera }: { camera: string }) {
  const also = others(looks.value.values(), camera, session.value?.pseudonym, now.value);
  const [first] = also;
  if (!first) return null;
  return (
    <span class="fact also" title={also.join(", ")}>
      {also.length === 1
        ? t("alsoOne", { who: first })
        : t("alsoMany", { count: also.length })}
    </span>
  );
}
