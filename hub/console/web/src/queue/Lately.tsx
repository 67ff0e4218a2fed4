// Incidents that are over, so that their summaries are still at hand.

import { over } from "../incident/acts";
import { kindName } from "../incident/form";
import { city, incidents, now } from "../state/store";
import { language } from "../words/words";
import { clock } from "./durations";
import { Mark } from "./Mark";
import { lately, over as ended } from "./rows";
import { t } from "./words";

const MOST = 8;

export function Lately() {
  const found = lately(incidents.value.values(), now.value, MOST);
  if (!found.length) return null;
  return (
    <details class="lately">
      <summary class="quiet small">
        {t("lately")} <span class="count">{found.length}</span>
      </summary>
      <ol>
        {found.map((one) => (
          <li key={one.id}>
            <button
              type="button"
              class="row over-row"
              onClick={() => (over.value = { what: "summary", incident: one.id })}
            >
              <Mark of="over" />
              <span class="what">
                <bdi class="kind">{kindName(city.value?.policy.kinds, one.kind, language.value)}</bdi>
                <span class="small">{t("over", { at: clock(ended(one)) })}</span>
              </span>
              <bdi class="reference">{one.reference}</bdi>
              <span class="state small">{t("summary")}</span>
            </button>
          </li>
        ))}
      </ol>
    </details>
  );
}
