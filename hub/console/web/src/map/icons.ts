// Draws the signs of the map on canvas when the map first needs them; a sign's name says what it shows.

import type { Site } from "../api/types";
import type { State } from "./features";
import { GLYPHS } from "./glyphs";
import type { Tokens } from "./tokens";

/** Finer than shown, for screens that can; MapLibre copies each sign for each tile, so not finer. */
const FINE = Math.min(2, Math.max(1.25, globalThis.devicePixelRatio || 1));
/** A wedge is a large soft spot. */
const SOFT = 0.75;

export interface Icon {
  image: ImageData;
  pixelRatio: number;
}
const BIG = 34;
const WEDGE = 96;

type Context = OffscreenCanvasRenderingContext2D;
type Paint = (context: Context, colours: Tokens) => void;

/** Returns the picture of a sign, or null for a name that is none of ours. */
export function icon(name: string, colours: Tokens): Icon | null {
  const [kind, first = "", second = ""] = name.split("/");
  switch (kind) {
    case "cam":
      return paint(BIG, BIG, colours, camera(first as Site, second as State));
    case "wedge":
      return paint(WEDGE, WEDGE, colours, wedge(Number(first), second as State), SOFT);
    case "cluster":
      return cluster(first, second, colours);
    case "nr":
      return paint(22, 22, colours, number(first));
    case "sighting":
      return paint(36, 36, colours, sighting(first));
    case "label":
      return label(first, second as keyof Tokens, colours);
    case "focus":
      return paint(52, 52, colours, focus);
    default:
      return null;
  }
}

function paint(wide: number, high: number, colours: Tokens, draw: Paint, pixelRatio = FINE): Icon {
  const canvas = new OffscreenCanvas(Math.ceil(wide * pixelRatio), Math.ceil(high * pixelRatio));
  const context = canvas.getContext("2d") as Context;
  context.scale(pixelRatio, pixelRatio);
  draw(context, colours);
  return { image: context.getImageData(0, 0, canvas.width, canvas.height), pixelRatio };
}

/** Colour and shape both tell the state: a disc shows video, a square stills only; rings mean looks. */
function camera(site: Site, state: State): Paint {
  return (context, colours) => {
    const middle = BIG / 2;
    const looks: Record<State, readonly [string, string, string]> = {
      wall: [colours.act, colours.text, colours["on-act"]],
      looked: [colours.surface, colours.act, colours.act],
      live: [colours.live, colours.ground, colours["on-live"]],
      still: [colours.surface, colours.wait, colours.wait],
    };
    const [fill, edge, sign] = looks[state];
    const size = state === "wall" ? 15 : 13;
    context.fillStyle = colours.ground;
    shape(context, state, middle, size + 1.5);
    context.fill();
    context.fillStyle = fill;
    context.strokeStyle = edge;
    context.lineWidth = state === "live" ? 1 : 2.5;
    shape(context, state, middle, size - 1);
    context.fill();
    context.stroke();
    const scale = (state === "wall" ? 17 : 15) / 24;
    context.translate(middle - 12 * scale, middle - 12 * scale);
    context.scale(scale, scale);
    context.fillStyle = sign;
    context.fill(new Path2D(GLYPHS[site] ?? GLYPHS.city), "evenodd");
  };
}

function shape(context: Context, state: State, middle: number, size: number): void {
  context.beginPath();
  if (state === "still") {
    const half = size * 0.9;
    context.roundRect(middle - half, middle - half, 2 * half, 2 * half, 5);
  } else context.arc(middle, middle, size, 0, 2 * Math.PI);
}

/** The field of view, to the north; the map turns it. */
function wedge(fov: number, state: State): Paint {
  return (context, colours) => {
    const middle = WEDGE / 2;
    const half = (fov / 2) * (Math.PI / 180);
    const north = -Math.PI / 2;
    const colour = { wall: colours.act, looked: colours.act, live: colours.live, still: colours.wait };
    const fade = context.createRadialGradient(middle, middle, 12, middle, middle, middle);
    fade.addColorStop(0, `${colour[state]}b0`);
    fade.addColorStop(1, `${colour[state]}18`);
    context.fillStyle = fade;
    context.beginPath();
    context.moveTo(middle, middle);
    context.arc(middle, middle, middle, north - half, north + half);
    context.closePath();
    context.fill();
  };
}

function cluster(count: string, state: string, colours: Tokens): Icon {
  const size = 34 + 4 * Math.min(4, count.length);
  return paint(size, size, colours, (context) => {
    const chosen = state === "wall";
    context.fillStyle = chosen ? colours.act : colours.raised;
    context.strokeStyle = chosen ? colours.text : colours.live;
    context.lineWidth = 2.5;
    context.beginPath();
    context.arc(size / 2, size / 2, size / 2 - 2, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
    text(context, count, size / 2, size / 2, 15, chosen ? colours["on-act"] : colours.text, colours);
  });
}

function number(digit: string): Paint {
  return (context, colours) => {
    context.fillStyle = colours.text;
    context.strokeStyle = colours.ground;
    context.lineWidth = 1.5;
    context.beginPath();
    context.roundRect(1, 1, 20, 20, 5);
    context.fill();
    context.stroke();
    text(context, digit, 11, 11, 15, colours.ground, colours);
  };
}

/** A diamond, which no camera has, in the colour of the trace. */
function sighting(nth: string): Paint {
  return (context, colours) => {
    context.fillStyle = colours.trace;
    context.strokeStyle = colours.ground;
    context.lineWidth = 2;
    context.translate(18, 18);
    context.rotate(Math.PI / 4);
    context.beginPath();
    context.roundRect(-11, -11, 22, 22, 3);
    context.fill();
    context.stroke();
    context.rotate(-Math.PI / 4);
    text(context, nth, 0, 0, 14, colours.ground, colours);
  };
}

function focus(context: Context, colours: Tokens): void {
  context.strokeStyle = colours.act;
  context.lineWidth = 3;
  context.beginPath();
  context.arc(26, 26, 23, 0, 2 * Math.PI);
  context.stroke();
}

function label(words: string, colour: keyof Tokens, colours: Tokens): Icon {
  const measure = new OffscreenCanvas(1, 1).getContext("2d") as Context;
  measure.font = `600 13px ${colours.font}`;
  const wide = Math.min(240, Math.ceil(measure.measureText(words).width) + 10);
  return paint(wide, 20, colours, (context) => {
    context.fillStyle = `${colours.ground}cc`;
    context.beginPath();
    context.roundRect(0, 0, wide, 20, 4);
    context.fill();
    text(context, words, wide / 2, 10, 13, colours[colour] ?? colours.quiet, colours, 600);
  });
}

function text(
  context: Context,
  words: string,
  x: number,
  y: number,
  size: number,
  colour: string,
  colours: Tokens,
  weight = 700,
): void {
  context.fillStyle = colour;
  context.font = `${weight} ${size}px ${colours.font}`;
  context.textAlign = "center";
  // Digits and capitals are centred by eye, not by the line's box.
  context.textBaseline = "alphabetic";
  const { actualBoundingBoxAscent: up, actualBoundingBoxDescent: down } =
    context.measureText(words);
  context.fillText(words, x, y + (up - down) / 2);
}
