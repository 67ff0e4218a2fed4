// Opens cameras on the wall from the map.

export { openTiles as openCameras } from "../wall/tiles";
