// The head of the queue: a new incident, what a supervisor has to do, and the sound.

import { begin, over } from "../incident/acts";
import { may, openReviews, waiting } from "../state/store";
import { Mark } from "./Mark";
import { sound, toggleSound } from "./sound";
import { t } from "./words";

export function QueueHead() {
  return (
    <header class="queue-head">
      {may("incidents:write") && (
        <button class="primary" type="button" onClick={() => begin()}>
          {t("open")} <kbd>n</kbd>
        </button>
      )}
      <button
        class="plain sounding"
        type="button"
        aria-pressed={sound.value}
        aria-label={t(sound.value ? "soundOn" : "soundOff")}
        title={t(sound.value ? "soundOn" : "soundOff")}
        onClick={toggleSound}
      >
        <Mark of={sound.value ? "loud" : "quiet"} />
      </button>
      {may("approvals:write") && (
        <button
          type="button"
          class={waiting.value.length ? "calls" : ""}
          onClick={() => (over.value = { what: "approvals" })}
        >
          {t("approvals")} {waiting.value.length} <kbd>p</kbd>
        </button>
      )}
      {may("reviews:write") && (
        <button
          type="button"
          class={openReviews.value ? "calls" : ""}
          onClick={() => (over.value = { what: "reviews" })}
        >
          {t("reviews")} {openReviews.value} <kbd>w</kbd>
        </button>
      )}
    </header>
  );
}
