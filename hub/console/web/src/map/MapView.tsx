// To be built by its room.

export function MapView() {
  return <div />;
}
