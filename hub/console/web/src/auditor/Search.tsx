// What is searched for in the log.

import type { Ref } from "preact";
import { useState } from "preact/hooks";
import { Field, Flaw } from "../incident/Field";
import { KINDS, type Kind } from "./entry";
import { ALL, inOrder, type Wanted } from "./query";
import { search, wanted } from "./reading";
import { kindIn, t } from "./words";

export function Search(props: { field: Ref<HTMLSelectElement> }) {
  const [draft, setDraft] = useState<Wanted>(wanted.value);
  const [flaw, setFlaw] = useState(false);
  const set = (change: Partial<Wanted>) => setDraft({ ...draft, ...change });
  function submit(event: Event): void {
    event.preventDefault();
    setFlaw(!inOrder(draft));
    if (inOrder(draft)) search(draft);
  }
  function clear(): void {
    setDraft(ALL);
    setFlaw(false);
    search(ALL);
  }
  return (
    <form class="search" role="search" aria-label={t("toSearch")} noValidate onSubmit={submit}>
      <div class="field">
        <label for="log-kind">{t("kind")}</label>
        <select
          id="log-kind"
          ref={props.field}
          value={draft.kind}
          onChange={(event) => set({ kind: event.currentTarget.value as Kind | "" })}
        >
          <option value="">{t("any")}</option>
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {kindIn(kind)}
            </option>
          ))}
        </select>
      </div>
      {(["actor", "home"] as const).map((name) => (
        <Field
          key={name}
          label={t(name)}
          name={name}
          value={draft[name]}
          spellcheck={false}
          onText={(text) => set({ [name]: text })}
        />
      ))}
      {(["since", "until"] as const).map((name) => (
        <div class="field" key={name}>
          <label for={`log-${name}`}>{t(name)}</label>
          <input
            id={`log-${name}`}
            type="datetime-local"
            value={draft[name]}
            aria-invalid={flaw && name === "until"}
            aria-describedby={flaw ? "log-order" : undefined}
            onInput={(event) => set({ [name]: event.currentTarget.value })}
          />
        </div>
      ))}
      <div class="buttons">
        <button class="primary" type="submit">
          {t("search")}
        </button>
        <button type="button" onClick={clear}>
          {t("clear")}
        </button>
      </div>
      <Flaw id="log-order">{flaw && t("order")}</Flaw>
    </form>
  );
}
