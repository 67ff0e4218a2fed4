// The look page: one player, and what it says, in words.

import { createApi } from "./api.js";
import { createPlayer } from "./player.js";

const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const { incident = "", camera = "", words: told = "{}" } = main.dataset;
/** @type {Record<string, string>} */
const words = JSON.parse(told);
const by = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const UNDER_WAY = new Set(["asking", "connecting", "playing", "stills"]);
const BEFORE_THE_END_S = 60;

/**
 * @param {string} name
 * @param {Record<string, string | number>} [values]
 */
function word(name, values = {}) {
  const text = Object.hasOwn(words, name) ? words[name] : "";
  // A function, so that nothing in a camera's name means anything.
  return text.replaceAll(/{(\w+)}/g, (_, value) => String(values[value] ?? ""));
}

/** @param {number} seconds */
function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return word("seconds", { s: whole });
  const two = (/** @type {number} */ part) => String(part).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

// Every word of the page is set as text: a camera's name can be anything.
const say = (/** @type {string} */ text) => {
  if (by("message").textContent !== text) by("message").textContent = text;
};

/** Says who looks at what; the picture does not wait for it. */
async function name(/** @type {import("./api.js").Api} */ api) {
  const path = `incidents/${encodeURIComponent(incident)}`;
  const [found, cameras] = await Promise.all(
    [path, `${path}/cameras`].map(async (one) => (await api.ask("GET", one)).json()),
  );
  by("incident").textContent = word("incident", { reference: found.reference });
  const one = cameras.features.find((/** @type {any} */ each) => each.properties.camera === camera);
  if (!one?.properties.name) return;
  by("name").textContent = one.properties.name;
  document.title = `${one.properties.name} · ${document.title.split(" · ").at(-1)}`;
  label(one.properties.name);
}

/** @param {string} camera_name */
function label(camera_name) {
  const text = word("picture", { camera: camera_name });
  by("video").setAttribute("aria-label", text);
  by("still").alt = text;
}

/** @param {import("./api.js").Api} api */
function page(api) {
  let active = true;
  for (const sign of ["pointermove", "pointerdown", "keydown"]) {
    addEventListener(sign, () => (active = true), { passive: true });
  }
  const present = () => {
    const was = active;
    active = false;
    return was;
  };
  const player = createPlayer({ api, incident, camera, video: by("video"), present });
  /** @type {import("./stills.js").Still | null} */
  let still = null;
  let every = 0;
  let onlyStills = "";
  let warned = false;

  const mark = (/** @type {string} */ text) => (by("mark").textContent = text);
  const age = () => {
    if (!still || player.state !== "stills") return;
    const old = (api.now() - still.received) / 1000;
    const kind = still.kind === "last" ? "mark_last" : "mark_still";
    mark(Number.isNaN(old) ? word(`${kind}_unknown`) : word(kind, { age: duration(old) }));
  };
  setInterval(age, 1000);

  const clear = () => {
    if (by("still").src) URL.revokeObjectURL(by("still").src);
    by("still").removeAttribute("src");
    by("still").hidden = true;
    by("video").hidden = false;
    still = null;
    mark("");
    by("left").textContent = "-";
    by("delay").textContent = "-";
  };

  player.addEventListener("state", (event) => {
    const { state, reason } = /** @type {CustomEvent} */ (event).detail;
    const under = UNDER_WAY.has(state);
    by("view").dataset.state = state;
    by("watch").disabled = under;
    by("stop").disabled = !under;
    by("full").disabled = !under;
    by("told").hidden = !under || state === "asking";
    by("account").hidden = !["session-locked", "unauthenticated", "signed_out"].includes(reason);
    if (!under) {
      clear();
      if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
    }
    if (state === "asking") warned = false;
    if (state === "playing") mark(word("mark_live"));
    if (state === "connecting") mark("");
    if (state === "stills") say((onlyStills = `${word(reason)} ${word("stills", { s: every })}`));
    else if (state === "connecting" && reason) say(word("reconnecting"));
    else say((!under && word(reason)) || word(state));
    // Whoever stopped by a button that is gone finds the other one at once.
    if (document.activeElement === document.body || document.activeElement?.matches(":disabled")) {
      by(under ? "stop" : "watch").focus();
    }
  });
  player.addEventListener("time", (event) => {
    const { left } = /** @type {CustomEvent} */ (event).detail;
    by("left").textContent = duration(left);
    if (left > BEFORE_THE_END_S) warned = false;
    else if (!warned && player.state === "playing") {
      warned = true;
      say(word("soon_over", { age: duration(left) }));
    }
  });
  player.addEventListener("delay", (event) => {
    const { ms } = /** @type {CustomEvent} */ (event).detail;
    const text = ms === null ? word("unknown") : word("seconds", { s: (ms / 1000).toFixed(1) });
    by("delay").textContent = text;
  });
  player.addEventListener("frozen", (event) => {
    const { ms } = /** @type {CustomEvent} */ (event).detail;
    by("view").dataset.state = ms ? "frozen" : "playing";
    mark(ms ? word("mark_frozen", { age: duration(ms / 1000) }) : word("mark_live"));
  });
  player.addEventListener("still", (event) => {
    const image = by("still");
    const old = image.src;
    still = /** @type {CustomEvent} */ (event).detail;
    image.src = URL.createObjectURL(/** @type {any} */ (still).picture);
    if (old) URL.revokeObjectURL(old);
    image.hidden = false;
    by("video").hidden = true;
    say(onlyStills);
    age();
  });
  player.addEventListener("missed", () => say(word("missed")));
  player.addEventListener("configured", (event) => {
    every = /** @type {CustomEvent} */ (event).detail.still_every_s;
  });

  by("watch").addEventListener("click", () => player.start());
  by("stop").addEventListener("click", () => player.stop());
  by("full").addEventListener("click", () => by("view").requestFullscreen().catch(() => {}));
  addEventListener("keydown", (event) => {
    // In full screen the browser takes the first Escape.
    if (event.key === "Escape" && !document.fullscreenElement) player.stop();
  });
  return player;
}

async function begin() {
  label(camera);
  const asking = createApi();
  let session;
  try {
    session = await (await asking.ask("GET", "session", { background: true })).json();
  } catch (error) {
    by("account").hidden = false;
    by("watch").disabled = true;
    say(word(/** @type {any} */ (error).problem) || word("failed"));
    return;
  }
  const api = createApi({ csrf: session.csrf });
  const player = page(api);
  name(api).catch(() => {});
  // Following a link is wanting to look. Loading again, coming back, or being led here after
  // signing in is not: a look is on record, and its owner is told.
  const [arrived] = performance.getEntriesByType("navigation");
  const followed = /** @type {any} */ (arrived)?.type === "navigate" && location.hash !== "#ask";
  if (followed && !(/** @type {any} */ (document).prerendering)) player.start();
  else say(word("idle"));
}

begin();
