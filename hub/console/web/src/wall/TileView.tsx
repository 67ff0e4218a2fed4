// One tile: a picture, what it is, and what can be done with it.

import type { Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { numbered } from "../map/nearest";
import { cameras, focused, may, now } from "../state/store";
import { duration } from "./ages";
import { placeOf, Facts } from "./Facts";
import { elements, isFull, toggleFull } from "./full";
import { Icon, type IconName } from "./icons";
import { keepStill } from "./keep";
import { marker } from "./marking";
import { shortName } from "./names";
import { because } from "./reasons";
import { badge, picture, underWay, type Tile } from "./tile";
import { closeTile, look, mayLive, toggle, videoOf } from "./tiles";
import { t } from "./words";
import "./tile.css";

export function TileView({ tile: told }: { tile: Signal<Tile> }) {
  const tile = told.value;
  const id = tile.camera;
  const at = numbered.value.findIndex(({ camera }) => camera === id);
  const chosen = focused.value === id;
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    const one = element.current;
    if (!one) return undefined;
    elements.set(id, one);
    return () => void elements.delete(id);
  }, [id]);
  useEffect(() => {
    if (chosen) element.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const name = shortName(tile);
  const place = placeOf(cameras.value.get(id)).text;
  const label = at < 0 ? t("tile", { name, place }) : t("tileNumber", { number: at + 1, name, place });
  return (
    <section
      ref={element}
      class={`tile ${chosen ? "chosen" : ""}`}
      role="group"
      aria-label={label}
      aria-current={chosen ? "true" : undefined}
      tabIndex={chosen ? 0 : -1}
      data-camera={id}
      data-phase={tile.phase}
      onFocusIn={() => (focused.value = id)}
      onPointerDown={() => (focused.value = id)}
      onDblClick={() => void toggleFull(id)}
    >
      <header>
        {at >= 0 && <kbd class="number">{at + 1}</kbd>}
        <h3 title={tile.name}>
          <bdi>{tile.name || t("unnamed")}</bdi>
        </h3>
        <Button icon="close" label={t("closeTile", { name })} keys="0" run={() => closeTile(id)} />
      </header>
      <div class="picture" data-tone={badge(tile, now.value).tone}>
        <Picture tile={tile} />
        <Badge tile={tile} />
        <Trouble tile={tile} />
        <Acts tile={tile} />
      </div>
      <Facts tile={tile} />
    </section>
  );
}

function Picture({ tile }: { tile: Tile }) {
  const place = useRef<HTMLDivElement>(null);
  const shown = picture(tile);
  const label = t("picture", { name: shortName(tile) });
  const video = videoOf(tile.camera);
  useEffect(() => {
    if (!video || !place.current) return;
    place.current.replaceChildren(video);
    // A video that was moved in the page stands still until it is told to go on.
    video.play().catch(() => undefined);
  }, [video]);
  useEffect(() => video?.setAttribute("aria-label", label), [video, label]);
  return (
    <>
      <div class="video" ref={place} hidden={shown !== "video"} />
      {shown === "still" && tile.still && (
        <img src={tile.still.url} alt={label} class={tile.phase === "over" ? "old" : ""} />
      )}
    </>
  );
}

function Badge({ tile }: { tile: Tile }) {
  const { tone, age } = badge(tile, now.value);
  if (tone === "none") return null;
  const old = age === null ? t("ageUnknown") : t("ago", { age: duration(age) });
  return (
    <p class={`badge ${tone}`}>
      <strong>{t(tone)}</strong>
      {tone !== "live" && <span>{tone === "frozen" ? duration(age ?? 0) : old}</span>}
    </p>
  );
}

function Trouble({ tile }: { tile: Tile }) {
  const { phase, reason } = tile;
  if (phase === "live" || (phase === "stills" && !tile.missed && tile.still)) return null;
  if (phase === "stills") {
    return <p class="word low">{t(tile.missed ? "nextStill" : "opening")}</p>;
  }
  if (phase === "opening" || phase === "connecting") {
    const text = reason ? `${because(reason)}. ${t("connecting")}` : t(phase);
    return <p class={`word ${tile.still ? "low" : ""} busy`}>{text}</p>;
  }
  const seconds = Math.max(0, Math.ceil(((tile.again ?? 0) - now.value) / 1_000));
  // A camera that is lent no more is not asked for again.
  const again = phase === "waiting" || cameras.value.has(tile.camera);
  return (
    <div class="word bad">
      <p>{because(reason)}</p>
      {phase === "waiting" && <p class="small">{t("triesAt", { seconds })}</p>}
      {again && (
        <button type="button" onClick={() => look(tile.camera)}>
          {t("tryAgain")}
        </button>
      )}
    </div>
  );
}

function Acts({ tile }: { tile: Tile }) {
  const id = tile.camera;
  const runs = underWay(tile);
  const full = isFull(id);
  const mark = marker.value;
  return (
    <div class="acts">
      {runs && mayLive(cameras.value.get(id)) && (
        <Button
          icon={tile.phase === "stills" ? "live" : "stills"}
          label={t(tile.phase === "stills" ? "toLive" : "toStills")}
          keys="l"
          run={() => toggle(id)}
        />
      )}
      {runs && may("pictures:write") && (
        <Button
          icon="keep"
          label={t("keep")}
          keys="s"
          busy={tile.keeping}
          run={() => void keepStill(id)}
        />
      )}
      {mark && <Button icon="mark" label={t("mark")} keys="x" run={() => mark(id)} />}
      <Button
        icon={full ? "notFull" : "full"}
        label={t(full ? "notFull" : "full")}
        keys="f"
        run={() => void toggleFull(id)}
      />
    </div>
  );
}

interface Does {
  icon: IconName;
  label: string;
  keys: string;
  busy?: boolean;
  run: () => void;
}

function Button({ icon, label, keys, busy = false, run }: Does) {
  return (
    <button
      type="button"
      class="sign"
      aria-label={label}
      aria-keyshortcuts={keys}
      aria-busy={busy}
      title={`${label} (${keys})`}
      onClick={run}
      onDblClick={(event) => event.stopPropagation()}
    >
      <Icon name={icon} />
    </button>
  );
}
