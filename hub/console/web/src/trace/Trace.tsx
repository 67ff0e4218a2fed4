// The trace above the wall: how they move, and the cameras that should see them next.

import { useEffect } from "preact/hooks";
import { register } from "../keys/keys";
import { incident, may, now } from "../state/store";
import { marker } from "../wall/marking";
import { openTiles } from "../wall/tiles";
import type { Next } from "./rank";
import { hop, mark, next, path, said } from "./trace";
import "./trace.css";
import { t } from "./words";

const MEANS = [null, "foot", "car"] as const;

export function Trace() {
  useEffect(
    () =>
      register({
        keys: ["h"],
        label: () => t("hop"),
        group: () => t("trace"),
        when: () => path.value.length > 0 && Boolean(incident.value?.open),
        run: () => hop(openTiles),
      }),
    [],
  );
  const marks = may("incidents:write") && Boolean(incident.value?.open);
  useEffect(() => {
    marker.value = marks ? (id) => void mark(id) : null;
    return () => {
      marker.value = null;
    };
  }, [marks]);
  const seen = path.value;
  const last = seen.at(-1);
  if (!incident.value?.open || !last) return null;
  const ago = span((now.value - Date.parse(last.at)) / 1_000);
  return (
    <section class="trace" aria-label={t("trace")}>
      <header>
        <h2>{t("trace")}</h2>
        <p class="quiet">
          {seen.length === 1 ? t("one") : t("sightings", { count: seen.length })},{" "}
          {t("last", { ago })}
        </p>
        <div class="means" role="group" aria-label={t("means")}>
          {MEANS.map((one) => (
            <button
              key={one ?? "both"}
              type="button"
              aria-pressed={said.value === one}
              onClick={() => {
                said.value = one;
              }}
            >
              {t(one ?? "both")}
            </button>
          ))}
        </div>
      </header>
      {next.value.length === 0 ? (
        <p class="quiet">{t("nowhere")}</p>
      ) : (
        <ol aria-label={t("next")}>
          {next.value.map((one, at) => (
            <Offered key={one.camera.camera} one={one} best={at === 0} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Offered({ one, best }: { one: Next; best: boolean }) {
  return (
    <li class={one.inside ? "inside" : "outside"}>
      <button type="button" disabled={!one.inside} onClick={() => openTiles([one.camera.camera])}>
        {best && <kbd>h</kbd>} <bdi title={one.camera.name}>{one.camera.name}</bdi>
      </button>
      <span class="quiet">{one.inside ? when(one.due) : t("outside")}</span>
    </li>
  );
}

const NOW_S = 10;

function when(due: number): string {
  if (Math.abs(due) < NOW_S) return t("now");
  return due > 0 ? t("due", { time: span(due) }) : t("passed", { time: span(-due) });
}

function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 90 ? t("seconds", { n: whole }) : t("minutes", { n: Math.round(whole / 60) });
}
