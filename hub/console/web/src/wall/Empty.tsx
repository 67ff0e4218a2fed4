// A wall without a tile says why, and what opens one.

import { inCircle, numbered } from "../map/nearest";
import { incident } from "../state/store";
import { placeOf } from "./Facts";
import { keptOf } from "./moves";
import { FIRST } from "./order";
import { onlyStills } from "./tile";
import { openTiles } from "./tiles";
import { t } from "./words";

export function Empty() {
  const mine = incident.value;
  if (!mine) return <Words title={t("noIncident")} hint={t("noIncidentHint")} />;
  if (!mine.open) return <Words title={t("closedIncident")} hint={t("closedIncidentHint")} />;
  const near = numbered.value;
  if (!near.length) return <Words title={t("nobody")} hint={t("nobodyHint")} />;
  const before = keptOf(mine.id);
  const first = near.slice(0, FIRST).map(({ camera }) => camera);
  return (
    <div class="empty">
      <Words title={t("empty")} hint={t("emptyHint")} />
      <div class="choices">
        {before.length > 0 && (
          <button class="primary" type="button" onClick={() => openTiles(before)}>
            {t("openBefore", { count: before.length })}
          </button>
        )}
        <button
          class={before.length ? "" : "primary"}
          type="button"
          onClick={() => openTiles(first)}
        >
          {t("openFirst", { count: first.length })}
        </button>
      </div>
      <ol class="near">
        {near.map((camera, at) => (
          <li key={camera.camera}>
            <button class="plain" type="button" onClick={() => openTiles([camera.camera])}>
              <kbd>{at + 1}</kbd>
              <bdi title={camera.name}>{camera.name || t("unnamed")}</bdi>
              <span class="quiet">{placeOf(camera).text}</span>
              <span class={onlyStills(camera) ? "tag still" : "tag live"}>
                {t(onlyStills(camera) ? "toStills" : "live")}
              </span>
            </button>
          </li>
        ))}
      </ol>
      {inCircle.value.length > near.length && (
        <p class="quiet small">{t("count", { open: 0, all: inCircle.value.length })}</p>
      )}
    </div>
  );
}

function Words({ title, hint }: { title: string; hint: string }) {
  return (
    <div class="hint">
      <p class="title">{title}</p>
      <p class="quiet">{hint}</p>
    </div>
  );
}
