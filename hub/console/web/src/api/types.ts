// What the hub's API answers and its feed tells, as far as the console uses it.

export type Role = "officer" | "supervisor" | "auditor" | "administrator";
export type Scope = "snapshot" | "stream" | "clip";
export type Still = "live" | "last" | "none";
export type Site = "home" | "business" | "city" | "hospital" | "park" | "school" | "worship";
/** RFC 3339. */
export type Moment = string;

export interface Session {
  session: string;
  pseudonym: string;
  role: Role;
  scopes: string[];
  state: "active" | "locked" | "ended";
  locks: Moment;
  expires: Moment;
  csrf: string;
}

export interface KindRule {
  name: Record<string, string>;
  radius_m: number;
  duration_s: number;
  scopes: Scope[];
  approval?: { radius_m: number; duration_s: number };
}

export interface City {
  name: string;
  policy: { version: string; kinds: Record<string, KindRule> };
}

/** One camera that its owner is lending now; bearing and field of view in degrees. */
export interface Camera {
  camera: string;
  name: string;
  site: Site;
  scopes: Scope[];
  gate: "incident" | "always";
  accuracy_m: number;
  live: boolean;
  still: Still;
  still_every_s: number;
  starts: Moment;
  ends: Moment;
  bearing?: number;
  fov?: number;
  lat: number;
  lon: number;
}

export interface Incident {
  id: string;
  kind: string;
  reference: string;
  lat: number;
  lon: number;
  radius_m: number;
  opened: Moment;
  opened_by: string;
  /** Who took it on, and when; null while nobody has. */
  accepted: Moment | null;
  accepted_by: string | null;
  ends: Moment;
  open: boolean;
  closed: Moment | null;
  waits: ("circle" | "time")[];
  allowed_radius_m: number;
}

export interface Sighting {
  id: string;
  incident: string;
  camera: string | null;
  lat: number;
  lon: number;
  at: Moment;
  by: string;
  note: string;
}

export interface Look {
  id: string;
  incident: string;
  camera: string;
  scope: Scope;
  pseudonym: string;
  asked: Moment;
  ended: Moment | null;
  outcome: string | null;
}

/** What was told to the units about an incident. */
export interface Message {
  id: string;
  incident: string;
  at: Moment;
  by: string;
  text: string;
  picture: string | null;
  sent: boolean;
}

export interface Waiting {
  incident: string;
  kind: string;
  reference: string;
  opened: Moment;
  opened_by: string;
  waits: ("circle" | "time")[];
  radius_m: number;
  allowed_radius_m: number;
}

export interface Settings {
  /** Where the map comes from; null draws the plain grid. */
  map: { kind: "pmtiles" | "mbtiles" | "style"; url: string } | null;
  /** Whether descriptions can be sent on to the units' system. */
  webhook: boolean;
  places: boolean;
  centre: { lat: number; lon: number };
  version: string;
}
