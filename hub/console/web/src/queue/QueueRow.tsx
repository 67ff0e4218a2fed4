// One line of the queue: what it is, its reference, its age, who has it, how long it may last.

import { city, inHand, now } from "../state/store";
import { language } from "../words/words";
import { kindName } from "../incident/form";
import { age, left } from "./durations";
import { Mark } from "./Mark";
import type { Row } from "./rows";
import { t } from "./words";

export function QueueRow(props: { row: Row; chosen: boolean; onChoose: () => void; onTake: () => void }) {
  const { row, chosen } = props;
  const held = row.group !== "approval" && row.incident === inHand.value;
  return (
    <li>
      <button
        type="button"
        class={`row ${row.group}${held ? " held" : ""}`}
        data-row={row.key}
        aria-current={held ? "true" : undefined}
        tabIndex={chosen ? 0 : -1}
        onFocus={props.onChoose}
        onClick={props.onTake}
      >
        <Mark of={row.group} />
        <span class="what">
          <bdi class="kind">{kindName(city.value?.policy.kinds, row.kind, language.value)}</bdi>
          <time class="age">{age(row.since, now.value)}</time>
        </span>
        <bdi class="reference">{row.reference}</bdi>
        <span class="state small">
          <span class="says">{stateOf(row)}</span>
          {row.ends && <span>{t("left", { left: left(row.ends, now.value) })}</span>}
        </span>
        {row.group !== "approval" && row.waits.length > 0 && (
          <span class="state small wait">
            <span class="says">{t("waits")}</span>
          </span>
        )}
      </button>
    </li>
  );
}

function stateOf(row: Row): string {
  switch (row.group) {
    case "new":
      return t("stateNew");
    case "mine":
      return t("stateMine");
    case "others":
      return t("stateOthers", { who: row.who ?? "" });
    case "approval": {
      const needs = row.waits.map((need) => t(need === "circle" ? "needCircle" : "needTime"));
      return [...needs, t("by", { who: row.who ?? "" })].join(" · ");
    }
  }
}
