// Writes how long something waits or lasts, the same in both languages of the screen.

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** Counts up: "0:42", "12:05", "1 h 04 min"; what lies ahead counts as now. */
export function age(from: string, now: number): string {
  return counted(Math.max(0, Math.floor((now - Date.parse(from)) / 1_000)));
}

/** Counts down to zero. */
export function left(until: string, now: number): string {
  return counted(Math.max(0, Math.ceil((Date.parse(until) - now) / 1_000)));
}

export function counted(seconds: number): string {
  if (seconds >= HOUR) {
    const minutes = Math.floor((seconds % HOUR) / MINUTE);
    return `${Math.floor(seconds / HOUR)} h ${two(minutes)} min`;
  }
  return `${Math.floor(seconds / MINUTE)}:${two(seconds % MINUTE)}`;
}

/** The time of day that operators say on the radio: 24 hours, local. */
export function clock(moment: string, seconds = false): string {
  const at = new Date(moment);
  const hours = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return seconds ? `${hours}:${two(at.getSeconds())}` : hours;
}

/** The day and the time, for what is not of today. */
export function day(moment: string): string {
  const at = new Date(moment);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock(moment)}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
