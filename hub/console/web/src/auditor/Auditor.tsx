// To be built by its room.

export function Auditor() {
  return <div />;
}
