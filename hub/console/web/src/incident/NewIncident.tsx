// A new incident: what, which reference, where, how far; beside the map, which takes the click.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../api/http";
import { register } from "../keys/keys";
import { city } from "../state/store";
import { language } from "../words/words";
import { focusFirst, openIncident, panel } from "./acts";
import { Field } from "./Field";
import * as form from "./form";
import { KindField } from "./KindField";
import { PlaceField } from "./PlaceField";
import { proposed } from "./picking";
import { troubleWith } from "./trouble";
import { t } from "./words";
import { WideField } from "./WideField";

export function NewIncident() {
  const kinds = city.value?.policy.kinds ?? {};
  const [draft, setDraft] = useState(form.emptyDraft);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const here = useRef<HTMLFormElement>(null);
  const rule = kinds[draft.kind];
  const radius = form.metres(draft.radius);
  const { flaws, wanted } = form.check(draft, kinds);
  const shown = tried ? flaws : {};
  const limits = {
    usual: rule ? form.usualRadius(rule) : "",
    largest: rule?.radius_m ?? "",
  };
  const said = (field: form.Field) => (shown[field] ? t(shown[field], limits) : undefined);
  const change = (more: Partial<form.Draft>) => setDraft((old) => ({ ...old, ...more }));

  // At once: what is typed next belongs into the form, and is no key of the screen.
  useLayoutEffect(() => {
    const before = document.activeElement;
    focusFirst();
    const away = register({
      keys: ["Escape"],
      label: () => t("cancel"),
      group: () => t("new"),
      run: close,
    });
    return () => {
      away();
      proposed.value = null;
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  useEffect(() => {
    proposed.value = draft.place && radius ? { ...draft.place, radius_m: radius } : null;
  }, [draft.place, radius]);

  function take(kind: string): void {
    const chosen = kinds[kind];
    // A radius that somebody typed stays; one that came with a kind goes with it.
    const typed = rule ? draft.radius !== String(form.usualRadius(rule)) : draft.radius !== "";
    const usual = chosen ? String(form.usualRadius(chosen)) : "";
    change({ kind, radius: typed ? draft.radius : usual });
  }
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setTried(true);
    setTrouble("");
    if (!wanted) {
      requestAnimationFrame(() =>
        here.current?.querySelector<HTMLElement>("[aria-invalid=true], [data-flawed] input")?.focus(),
      );
      return;
    }
    if (busy) return;
    setBusy(true);
    try {
      await openIncident(wanted);
      close();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setTrouble(troubleWith(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form ref={here} class="panel" aria-labelledby="new-incident" noValidate onSubmit={submit}>
      <h2 id="new-incident">{t("new")}</h2>
      <KindField
        kinds={kinds}
        chosen={draft.kind}
        language={language.value}
        flaw={said("kind")}
        onKind={take}
      />
      <Field
        label={t("reference")}
        name="reference"
        spellcheck={false}
        value={draft.reference}
        flaw={said("reference")}
        onText={(reference) => change({ reference })}
      />
      <PlaceField place={draft.place} flaw={said("place")} onPlace={(place) => change({ place })} />
      <Field
        label={t("radius")}
        name="radius"
        inputMode="decimal"
        value={draft.radius}
        how={rule && t(rule.approval ? "radiusBoth" : "radiusAlone", limits)}
        flaw={said("radius")}
        onText={(text) => change({ radius: text })}
      />
      {form.needsApproval(rule, radius) && (
        <WideField draft={draft} usual={Number(limits.usual)} flaw={said("reason")} onDraft={change} />
      )}
      {trouble && (
        <p class="trouble" role="alert">
          {trouble}
        </p>
      )}
      <div class="buttons">
        <button class="primary" type="submit" disabled={busy}>
          {t("open")} <kbd>↵</kbd>
        </button>
        <button type="button" onClick={close}>
          {t("cancel")} <kbd>Esc</kbd>
        </button>
      </div>
    </form>
  );
}

function close(): void {
  panel.value = null;
}
