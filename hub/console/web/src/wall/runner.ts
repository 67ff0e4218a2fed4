// One camera's pictures: a first still at once and live by the player, or still after still.

import { Refused } from "../../../../streams/pages/api.js";
import { createPlayer } from "../../../../streams/pages/player.js";
import { stills } from "../../../../streams/pages/stills.js";
import { hear } from "./heard";
import { tilesHub } from "./hub";
import { presence } from "./present";
import type { Act, Want } from "./tile";

/** Where live video cannot be shown here, stills are better than nothing. */
const FALLS_BACK = new Set(["codec-unsupported", "no-picture", "offer-refused", "relay-needed"]);
const NO_MORE_S = 3_600;

interface Taken {
  picture: Blob;
  received: number;
  kind: "live" | "last";
  look: string;
}

export interface Runner {
  readonly video: HTMLVideoElement;
  /** Begins; what ran before ends. `reason` says why there are only stills. */
  begin(want: Want, every: number, reason: string): void;
  /** Ends everything, also at the hub; it says nothing any more. */
  end(): Promise<void>;
}

export function createRunner(incident: string, camera: string, act: (act: Act) => void): Runner {
  const video = document.createElement("video");
  video.muted = true;
  video.autoplay = true;
  video.playsInline = true;
  video.disablePictureInPicture = true;
  let wait = 0;
  let run = new AbortController();
  let stop: () => Promise<void> = async () => undefined;
  const present = presence();
  const api = tilesHub((seconds) => (wait = seconds));

  function state(name: string, reason: string): void {
    act({ kind: "state", state: name, reason, wait, now: api.now() });
    wait = 0;
  }

  async function show(still: Taken, signal: AbortSignal): Promise<void> {
    const url = URL.createObjectURL(still.picture);
    const image = new Image();
    image.src = url;
    // Shown when it can be: a half decoded picture flickers.
    const bad = await image.decode().then(
      () => false,
      () => true,
    );
    if (bad || signal.aborted) {
      URL.revokeObjectURL(url);
      if (!signal.aborted) act({ kind: "missed" });
      return;
    }
    const { received, kind, look } = still;
    act({ kind: "still", still: { url, received, kind, look } });
  }

  async function stillAfterStill(every: number, reason: string, signal: AbortSignal) {
    state("stills", reason);
    const background = () => !present();
    try {
      await stills({
        api,
        incident,
        camera,
        every,
        signal,
        background,
        show: (still) => void show(still as Taken, signal),
        missed: () => act({ kind: "missed" }),
      });
    } catch (error) {
      if (!signal.aborted) state("failed", error instanceof Refused ? error.problem : "failed");
    }
  }

  /** The first still, while the way to the camera is made. */
  async function firstStill(over: AbortSignal) {
    const enough = new AbortController();
    const signal = AbortSignal.any([over, enough.signal]);
    const once = (then: () => void) => {
      then();
      enough.abort();
    };
    await stills({
      api,
      incident,
      camera,
      every: NO_MORE_S,
      signal,
      background: () => false,
      show: (still) => once(() => void show(still as Taken, over)),
      missed: () => once(() => undefined),
    }).catch(() => undefined); // The player says what is wrong.
  }

  function live(every: number, signal: AbortSignal) {
    const player = createPlayer({ api, incident, camera, video, present, events: hear });
    const first = new AbortController();
    signal.addEventListener("abort", () => first.abort(), { once: true });
    const on = (name: string, take: (detail: never) => void) =>
      player.addEventListener(name, (event) => {
        if (!signal.aborted) take((event as CustomEvent).detail as never);
      });
    on("state", (detail: { state: string; reason: string }) => {
      if (detail.state !== "asking" && detail.state !== "connecting") first.abort();
      if (detail.state === "failed" && FALLS_BACK.has(detail.reason)) {
        void stillAfterStill(every, detail.reason, signal);
      } else state(detail.state, detail.reason);
    });
    on("look", () => act({ kind: "look" }));
    on("time", (detail: { left: number; lease: number }) => act({ kind: "time", ...detail }));
    on("delay", ({ ms }: { ms: number | null }) => act({ kind: "delay", ms }));
    on("frozen", ({ ms }: { ms: number }) => act({ kind: "frozen", ms }));
    on("still", (still: Taken) => void show(still, signal));
    on("missed", () => act({ kind: "missed" }));
    stop = () => player.stop();
    void firstStill(first.signal);
    void player.start();
  }

  return {
    video,
    begin(want, every, reason) {
      run.abort();
      const ended = stop();
      stop = () => ended;
      const { signal } = (run = new AbortController());
      if (want === "stills") void stillAfterStill(every, reason, signal);
      // The owner's largest number of viewers may be one.
      else void ended.then(() => !signal.aborted && live(every, signal));
    },
    async end() {
      run.abort();
      await stop();
    },
  };
}
