// What happened: one of the policy's kinds, by its number key or a click.

import { useId } from "preact/hooks";
import { Flaw } from "./Field";
import { kindName, type Kinds } from "./form";
import { t } from "./words";

export function KindField(props: {
  kinds: Kinds;
  chosen: string;
  language: string;
  flaw: string | undefined;
  onKind: (kind: string) => void;
}) {
  const id = useId();
  const ids = Object.keys(props.kinds);
  function pressed(event: KeyboardEvent): void {
    const kind = ids[digits.indexOf(event.key)];
    if (!kind || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    props.onKind(kind);
    // On to the next field: a number is a whole answer.
    const form = (event.currentTarget as HTMLElement).closest("form");
    form?.querySelector<HTMLElement>("input[name=reference]")?.focus();
  }
  return (
    <fieldset
      class="kinds"
      aria-describedby={`${id}-flaw`}
      data-flawed={props.flaw ? "" : undefined}
      onKeyDown={pressed}
    >
      <legend>{t("kind")}</legend>
      {ids.map((kind, index) => (
        <label key={kind}>
          <input
            type="radio"
            name="kind"
            value={kind}
            checked={kind === props.chosen}
            onChange={() => props.onKind(kind)}
          />
          {digits[index] && <kbd>{digits[index]}</kbd>}
          <bdi>{kindName(props.kinds, kind, props.language)}</bdi>
        </label>
      ))}
      <Flaw id={`${id}-flaw`}>{props.flaw}</Flaw>
    </fieldset>
  );
}

const digits = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"];
