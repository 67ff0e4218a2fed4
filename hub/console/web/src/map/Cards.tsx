// What was clicked on: a card for each camera there, with its name as text and a way to open it.

import type { Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Camera } from "../api/types";
import { cameras, incident, wall } from "../state/store";
import { inCircle, NUMBERS, numbered } from "./nearest";
import { openCameras } from "./open";
import { away, state, told } from "./tell";
import { t } from "./words";

export function Cards({ chosen }: { chosen: Signal<readonly string[]> }) {
  const found = chosen.value
    .map((id) => cameras.value.get(id))
    .filter((one): one is Camera => one !== undefined)
    .slice(0, NUMBERS);
  const first = useRef<HTMLDivElement>(null);
  const key = chosen.value.join(" ");
  useEffect(() => {
    first.current?.querySelector("button")?.focus();
  }, [key]);
  if (found.length === 0) return null;
  const close = () => {
    chosen.value = [];
  };
  return (
    <div class="cards" ref={first}>
      {found.length > 1 && <p class="quiet small">{t("together", { count: found.length })}</p>}
      {found.map((camera) => (
        <Card key={camera.camera} camera={camera} done={close} />
      ))}
      <button class="plain close" type="button" aria-label={t("close")} onClick={close}>
        ×
      </button>
    </div>
  );
}

function Card({ camera, done }: { camera: Camera; done: () => void }) {
  const one = incident.value;
  const mayLook = inCircle.value.includes(camera);
  const nth = numbered.value.indexOf(camera) + 1;
  const onWall = wall.value.includes(camera.camera);
  return (
    <article class={`card ${state(camera, wall.value)}`}>
      <h3 title={camera.name}>
        <bdi>{camera.name}</bdi>
      </h3>
      <p class="quiet small">
        {told(camera, wall.value)}
        {one && ` · ${away(one, camera)}`}
      </p>
      {mayLook ? (
        <button
          class="primary"
          type="button"
          onClick={() => {
            openCameras([camera.camera]);
            done();
          }}
        >
          {t(onWall ? "focus" : "open")}
          {nth > 0 && <kbd>{nth}</kbd>}
        </button>
      ) : (
        <p class="small">{t(one?.open ? "outside" : "noIncident")}</p>
      )}
    </article>
  );
}
