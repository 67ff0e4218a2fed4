// What was told to the units about an incident, the newest first.

import { clock } from "../queue/durations";
import { messages, settings } from "../state/store";
import { t } from "./words";

export function Told(props: { incident: string }) {
  const found = [...messages.value.values()]
    .filter((one) => one.incident === props.incident)
    .toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at));
  if (!found.length) return null;
  return (
    <section class="told" aria-labelledby="told">
      <h3 id="told">{t("sentList")}</h3>
      <ol>
        {found.map((one) => (
          <li key={one.id}>
            <p class="quiet small">
              {clock(one.at)} {one.by} ·{" "}
              {t(one.sent ? "sentYes" : settings.value?.webhook ? "sentNot" : "keptOnly")}
              {one.picture && ` · ${t("withStill")}`}
            </p>
            <p class="lines" dir="auto">
              {one.text}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
