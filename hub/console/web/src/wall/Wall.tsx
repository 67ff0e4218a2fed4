// To be built by its room.

export function Wall() {
  return <div />;
}
