// The signs of the kinds of sites, as paths in a box of 24.

import type { Site } from "../api/types";

export const GLYPHS: Readonly<Record<Site, string>> = {
  home: "M12 3.5 2.5 12H5v8.5h5.2v-5.6h3.6v5.6H19V12h2.5z",
  business:
    "M9 4h6a1.6 1.6 0 0 1 1.6 1.6V7.5H21V19.5H3V7.5h4.4V5.6A1.6 1.6 0 0 1 9 4zm.400 2v1.5h5.2V6zM3 12.2v1.6h7.5v1.4h3v-1.4H21v-1.6h-7.5v-.900h-3v.900z",
  city: "M12 3 2.8 8v1.8h18.4V8zM5 11.2h2.6v6H5zm5.7 0h2.6v6h-2.6zm5.7 0H19v6h-2.6zM3 18.6h18V21H3z",
  hospital: "M9.3 3h5.4v6.3H21v5.4h-6.3V21H9.3v-6.3H3V9.3h6.3z",
  park: "M12 2.5 5.5 11h2.7L4 17h6.7v4.5h2.6V17H20l-4.2-6h2.7z",
  school:
    "M12 4 1.5 9.2 12 14.4l8-4V16h1.8V9.2zM5.5 13v4.2C7.3 19 9.5 20 12 20s4.7-1 6.5-2.8V13L12 16.3z",
  worship: "M12 2.5c3 2.4 5.8 5 5.8 9V14h2.7v7h-6v-3.7a2.5 2.5 0 0 0-5 0V21h-6v-7h2.7v-2.5c0-4 2.8-6.6 5.8-9z",
};
