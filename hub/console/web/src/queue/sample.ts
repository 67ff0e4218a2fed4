// An incident for tests.

import type { Incident } from "../api/types";

export function incident(id: string, more: Partial<Incident> = {}): Incident {
  return {
    id,
    kind: "robbery",
    reference: `CAD-${id}`,
    lat: 32.3,
    lon: -90.18,
    radius_m: 400,
    opened: "2026-11-21T11:50:00Z",
    opened_by: "OF-AAAA",
    accepted: null,
    accepted_by: null,
    ends: "2026-11-21T15:50:00Z",
    open: true,
    closed: null,
    waits: [],
    allowed_radius_m: 400,
    ...more,
  };
}
