// Tells the units who or what to look for: a short form, its text, and what was told before.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { register } from "../keys/keys";
import { clock } from "../queue/durations";
import {
  cameras,
  city,
  incident,
  looks,
  may,
  now,
  session,
  settings,
  sightings,
  tell,
} from "../state/store";
import { language } from "../words/words";
import { describeToUnits, panel } from "./acts";
import * as form from "./describe";
import { Field } from "./Field";
import { kindName } from "./form";
import { stillsFor } from "./stills";
import { Told } from "./Told";
import { troubleWith } from "./trouble";
import { t } from "./words";

export function Describe() {
  const mine = incident.value;
  const [typed, setTyped] = useState(form.emptyDescription);
  const [withSeen, setWithSeen] = useState(true);
  const [look, setLook] = useState("");
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const here = useRef<HTMLFormElement>(null);
  const text = useRef<HTMLTextAreaElement>(null);

  // At once: what is typed next belongs into the form, and is no key of the screen.
  useLayoutEffect(() => {
    const before = document.activeElement;
    here.current?.querySelector<HTMLElement>("input")?.focus();
    const away = register({
      keys: ["Escape"],
      label: () => t("cancel"),
      group: () => t("describe"),
      run: close,
    });
    return () => {
      away();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  if (!mine) return null;

  const seen = lastSeen(mine.id);
  const stills = stillsFor(mine.id, session.value?.pseudonym ?? "", looks.value.values(), now.value);
  const chosen = stills.some((one) => one.look === look) ? look : "";
  const wanted = { ...typed, seen: withSeen ? seen : null };
  const result = form.descriptionText(wanted, {
    kind: kindName(city.value?.policy.kinds, mine.kind, language.value),
    reference: mine.reference,
    language: language.value,
    clock,
  });
  const ready = form.says(wanted) || wanted.seen !== null;
  const change = (more: Partial<form.Description>) => setTyped((old) => ({ ...old, ...more }));
  const field = (name: "clothing" | "hair" | "build" | "vehicle" | "colour" | "plate" | "more") => ({
    name,
    value: typed[name],
    onText: (value: string) => change({ [name]: value }),
  });
  const sends = may("incidents:write");

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    setTrouble("");
    if (!ready) {
      setTrouble(t("emptyText"));
      return;
    }
    if (busy || !mine || !sends) return;
    setBusy(true);
    try {
      await describeToUnits(mine.id, result, chosen || undefined);
      tell(t(settings.value?.webhook ? "sent" : "kept"), "good");
      setTyped(form.emptyDescription());
      setLook("");
    } catch (error) {
      setTrouble(troubleWith(error));
    } finally {
      setBusy(false);
    }
  }
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(result);
      tell(t("copied"), "good");
    } catch {
      text.current?.select();
      tell(t("notCopied"), "bad");
    }
  }

  return (
    <form
      ref={here}
      class="panel"
      aria-labelledby="describe"
      onSubmit={send}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send(event);
      }}
    >
      <h2 id="describe">{t("describe")}</h2>
      <fieldset class="pairs">
        <legend>{t("person")}</legend>
        <Field label={t("build")} {...field("build")} />
        <Field label={t("hair")} {...field("hair")} />
        <Field label={t("clothing")} {...field("clothing")} />
      </fieldset>
      <fieldset class="pairs">
        <legend>{t("vehicle")}</legend>
        <Field label={t("colour")} {...field("colour")} />
        <Field label={t("model")} {...field("vehicle")} />
        <Field label={t("plate")} spellcheck={false} {...field("plate")} />
      </fieldset>
      <div class="field">
        <label for="heading">{t("heading")}</label>
        <select
          id="heading"
          value={typed.direction}
          onChange={(event) =>
            change({ direction: event.currentTarget.value as form.Direction | "" })
          }
        >
          <option value="">{t("headingNone")}</option>
          {form.DIRECTIONS.map((one) => (
            <option key={one} value={one}>
              {form.SAY[language.value][one]}
            </option>
          ))}
        </select>
      </div>
      {seen ? (
        <label class="choice">
          <input
            type="checkbox"
            checked={withSeen}
            onChange={(event) => setWithSeen(event.currentTarget.checked)}
          />
          <span>
            {t("lastSeen")} {clock(seen.at)}, <bdi>{form.spot(seen)}</bdi>
          </span>
        </label>
      ) : (
        <p class="quiet small">{t("noSeen")}</p>
      )}
      <Field label={t("more")} {...field("more")} />
      <div class="field">
        <label for="still">{t("still")}</label>
        <select
          id="still"
          value={chosen}
          disabled={!stills.length}
          onChange={(event) => setLook(event.currentTarget.value)}
        >
          <option value="">{t("stillNone")}</option>
          {stills.map((one) => (
            <option key={one.look} value={one.look}>
              {t("stillOf", { name: cameraName(one.camera), at: clock(one.at, true) })}
            </option>
          ))}
        </select>
        {!stills.length && <p class="quiet small">{t("stillHow")}</p>}
      </div>
      <div class="field">
        <label for="units-text">{t("text")}</label>
        <textarea ref={text} id="units-text" dir="auto" readOnly rows={5} value={result} />
      </div>
      {trouble && (
        <p class="trouble" role="alert">
          {trouble}
        </p>
      )}
      <div class="buttons">
        {sends && (
          <button class="primary" type="submit" disabled={busy}>
            {t(settings.value?.webhook ? "send" : "keepIt")} <kbd>↵</kbd>
          </button>
        )}
        <button type="button" onClick={() => void copy()}>
          {t("copy")}
        </button>
        <button class="plain" type="button" onClick={close}>
          {t("done")} <kbd>Esc</kbd>
        </button>
      </div>
      <Told incident={mine.id} />
    </form>
  );
}

function close(): void {
  panel.value = null;
}

function cameraName(id: string): string {
  return cameras.value.get(id)?.name ?? t("unknownCamera", { camera: id });
}

/** The newest sighting, with the name of its camera if it was on one. */
function lastSeen(id: string): form.Description["seen"] {
  const newest = [...sightings.value.values()]
    .filter((one) => one.incident === id)
    .toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at))[0];
  if (!newest) return null;
  const place = { lat: newest.lat, lon: newest.lon };
  const where = newest.camera ? cameraName(newest.camera) : "";
  return { where, place, at: newest.at };
}
