// An incident summed up: as the hub tells it, and as the text that goes into a report.

import type { Message, Moment, Sighting } from "../api/types";
import { counted, day } from "../queue/durations";
import { written } from "./coordinates";
import { t } from "./words";

export interface CameraLooked {
  camera: string;
  /** Null once its owner lends it no more. */
  name: string | null;
  stills: number;
  streams: number;
  seconds: number;
  first: Moment;
  last: Moment;
}

export interface Summed {
  incident: string;
  kind: string;
  reference: string;
  lat: number;
  lon: number;
  radius_m: number;
  opened: Moment;
  opened_by: string;
  accepted: Moment | null;
  accepted_by: string | null;
  closed: Moment | null;
  closed_by: string | null;
  ends: Moment;
  operators: { pseudonym: string; role: string; looks: number }[];
  cameras: CameraLooked[];
  sightings: Sighting[];
  messages: Message[];
  pictures: {
    id: string;
    look: string;
    camera: string;
    attached: Moment;
    attached_by: string;
    sha256: string;
  }[];
}

export interface Part {
  title: string;
  /** Rows of cells; the first cell names the row. */
  rows: string[][];
  none?: string;
}

/** The summary in parts that the page shows as tables, and the copied text as lines. */
export function parts(summed: Summed, kind: string): Part[] {
  const cameras = new Map(summed.cameras.map((one) => [one.camera, one.name]));
  const named = (camera: string) => cameras.get(camera) || t("unknownCamera", { camera });
  const end = summed.closed ?? summed.ends;
  const seconds = Math.max(0, (Date.parse(end) - Date.parse(summed.opened)) / 1_000);
  return [
    {
      title: t("times"),
      rows: [
        [t("kind"), kind],
        [t("circle"), `${t("circleOf", { radius: Math.round(summed.radius_m) })}, ${written(summed)}`],
        [t("opened"), day(summed.opened), summed.opened_by],
        ...(summed.accepted
          ? [[t("accepted"), day(summed.accepted), summed.accepted_by ?? ""]]
          : []),
        summed.closed
          ? [t("closed"), day(summed.closed), summed.closed_by ?? ""]
          : [t("ends"), day(summed.ends), t("endedByItself")],
        [t("lasted"), counted(Math.round(seconds))],
        ...(summed.operators.length
          ? [[t("people"), summed.operators.map((one) => `${one.pseudonym} (${one.looks})`).join(", ")]]
          : []),
      ],
    },
    {
      title: t("cameraLooks"),
      none: t("noLooks"),
      rows: summed.cameras.map((one) => [
        named(one.camera),
        `${t("stillsTaken")}: ${one.stills}`,
        `${t("watched")}: ${counted(one.seconds)}`,
        one.camera,
      ]),
    },
    {
      title: t("path"),
      none: t("noPath"),
      rows: summed.sightings.map((one) => [
        day(one.at),
        one.camera ? named(one.camera) : written(one),
        one.note,
        one.by,
      ]),
    },
    {
      title: t("told"),
      none: t("noTold"),
      rows: summed.messages.map((one) => [day(one.at), one.text, one.by]),
    },
    {
      title: t("pictures"),
      none: t("noPictures"),
      rows: summed.pictures.map((one) => [
        day(one.attached),
        named(one.camera),
        one.attached_by,
        `SHA-256 ${one.sha256}`,
      ]),
    },
  ];
}

export function summaryText(summed: Summed, kind: string): string {
  const sections = parts(summed, kind).map(({ title, rows, none }) =>
    [
      title,
      ...(rows.length ? rows.map((row) => `  ${line(row)}`) : none ? [`  ${none}`] : []),
    ].join("\n"),
  );
  return [t("summaryOf", { reference: one(summed.reference) }), ...sections].join("\n\n");
}

function line(row: readonly string[]): string {
  return row.map(one).filter(Boolean).join(" · ");
}

/** One line, with nothing in it that turns the others. */
function one(text: string): string {
  return text.replace(/[\p{C}\p{Z}]+/gu, " ").trim();
}
