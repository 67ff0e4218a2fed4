// The wall: the cameras of the incident in hand, as large as the room allows.

import { useEffect, useRef, useState } from "preact/hooks";
import { inCircle } from "../map/nearest";
import { incident } from "../state/store";
import { wallKeys } from "./acts";
import { said } from "./announce";
import { Empty } from "./Empty";
import { layout } from "./layout";
import { followMoves } from "./moves";
import { TileView } from "./TileView";
import { closeAll, tiles } from "./tiles";
import { t } from "./words";
import "./wall.css";

export function Wall() {
  useEffect(followMoves, []);
  useEffect(wallKeys, []);
  const shown = tiles.value;
  return (
    <div class="tiles">
      <header class="tiles-bar">
        <h2>{t("wall")}</h2>
        {shown.length > 0 && (
          <p class="quiet">{t("count", { open: shown.length, all: inCircle.value.length })}</p>
        )}
        <span class="space" />
        {shown.length > 0 && (
          <button class="plain" type="button" onClick={() => void closeAll()}>
            {t("closeAll")}
          </button>
        )}
      </header>
      <Waits />
      {shown.length ? <Grid /> : <Empty />}
      <p class="unseen" role="status" aria-live="polite">
        {said.value}
      </p>
    </div>
  );
}

function Grid() {
  const element = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState({ width: 0, height: 0 });
  useEffect(() => {
    if (!element.current) return undefined;
    const watch = new ResizeObserver(([entry]) => {
      if (entry) setRoom({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    watch.observe(element.current);
    return () => watch.disconnect();
  }, []);
  const { columns, scrolls } = layout(tiles.value.length, room.width, room.height);
  return (
    <div
      ref={element}
      class={`grid ${scrolls ? "scrolls" : ""}`}
      style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
    >
      {tiles.value.map((tile) => (
        <TileView key={tile.value.camera} tile={tile} />
      ))}
    </div>
  );
}

function Waits() {
  const mine = incident.value;
  if (!mine?.open || !mine.waits.length) return null;
  return (
    <p class="waits">
      {mine.waits.includes("time")
        ? t("waitsTime")
        : t("waitsCircle", { metres: mine.allowed_radius_m })}
    </p>
  );
}
