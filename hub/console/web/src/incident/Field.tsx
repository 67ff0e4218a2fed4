// A field with its name, what it wants, and in words what is wrong with it.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export function Flaw(props: { id: string; children: ComponentChildren }) {
  return (
    <p id={props.id} class="flaw small" role={props.children ? "alert" : undefined}>
      {props.children}
    </p>
  );
}

export function Field(props: {
  label: string;
  name: string;
  value: string;
  how?: string | undefined;
  flaw?: string | undefined;
  inputMode?: "decimal" | "text";
  spellcheck?: boolean;
  onText: (text: string) => void;
}) {
  const { label, how, flaw, onText, ...rest } = props;
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        type="text"
        autocomplete="off"
        {...rest}
        id={id}
        aria-invalid={flaw !== undefined}
        aria-describedby={`${id}-how ${id}-flaw`}
        onInput={(event) => onText(event.currentTarget.value)}
      />
      {how && (
        <p id={`${id}-how`} class="quiet small">
          {how}
        </p>
      )}
      <Flaw id={`${id}-flaw`}>{flaw}</Flaw>
    </div>
  );
}
