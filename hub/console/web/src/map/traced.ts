// What the map draws of the trace: where someone was seen, in order, and how far they can be now.

export { path, reached as rings } from "../trace/trace";
