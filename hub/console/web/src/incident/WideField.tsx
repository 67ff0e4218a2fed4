// A circle that needs a second person: ask and wait, or break the glass and say why.

import { useId } from "preact/hooks";
import { type Draft, LEAST_REASON } from "./form";
import { Reason } from "./Reason";
import { t } from "./words";

export function WideField(props: {
  draft: Draft;
  usual: number;
  flaw: string | undefined;
  onDraft: (more: Partial<Draft>) => void;
}) {
  const { draft, usual } = props;
  const name = useId();
  return (
    <fieldset class="wide">
      <legend>{t("wide", { usual })}</legend>
      <label>
        <input
          type="radio"
          name={name}
          checked={!draft.glass}
          onChange={() => props.onDraft({ glass: false })}
        />
        {t("wideWait", { usual })}
      </label>
      <label>
        <input
          type="radio"
          name={name}
          checked={draft.glass}
          onChange={() => props.onDraft({ glass: true })}
        />
        {t("wideGlass")}
      </label>
      {draft.glass && (
        <Reason
          label={t("reason")}
          least={LEAST_REASON}
          text={draft.reason}
          flaw={props.flaw}
          onText={(reason) => props.onDraft({ reason })}
        />
      )}
    </fieldset>
  );
}
