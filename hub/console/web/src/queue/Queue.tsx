// To be built by its room.

export function Queue() {
  return <div />;
}
