// A moment in local time, with the UTC that the log has as its title.

import { clock, day } from "../queue/durations";

export function Time(props: { at: string }) {
  const { at } = props;
  if (Number.isNaN(Date.parse(at))) return <bdi>{at}</bdi>;
  return (
    <time dateTime={at} title={at}>
      {day(at).slice(0, 10)} {clock(at, true)}
    </time>
  );
}
