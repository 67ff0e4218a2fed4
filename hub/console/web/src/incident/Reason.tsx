// A person's own words about why.

import { useId } from "preact/hooks";
import { Flaw } from "./Field";
import { LONGEST_REASON } from "./form";
import { t } from "./words";

export function Reason(props: {
  label: string;
  text: string;
  least?: number;
  longest?: number;
  flaw?: string | undefined;
  onText: (text: string) => void;
}) {
  const id = useId();
  const { least } = props;
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <textarea
        id={id}
        rows={3}
        maxLength={props.longest ?? LONGEST_REASON}
        value={props.text}
        aria-invalid={props.flaw !== undefined}
        aria-describedby={`${id}-how ${id}-flaw`}
        onInput={(event) => props.onText(event.currentTarget.value)}
      />
      {least !== undefined && (
        <p id={`${id}-how`} class="quiet small">
          {t("reasonHow", { least, count: props.text.trim().length })}
        </p>
      )}
      <Flaw id={`${id}-flaw`}>{props.flaw}</Flaw>
    </div>
  );
}
