/** Where a picture stands in the viewer; CSS pixels, scale 1 = one picture pixel per CSS pixel. Pure. */
export interface Placement {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}
interface Size {
  readonly width: number;
  readonly height: number;
}

const MIN_SCALE = 0.05;
const MAX_SCALE = 32;
/** Small pictures are enlarged to fit, but not into a mosaic. */
const MAX_FIT_SCALE = 4;
const MARGIN = 24;

export function fitScale(picture: Size, stage: Size): number {
  const scale = Math.min((stage.width - 2 * MARGIN) / picture.width, (stage.height - 2 * MARGIN) / picture.height);
  return Math.max(MIN_SCALE, Math.min(MAX_FIT_SCALE, scale));
}

export function centre(picture: Size, stage: Size, scale: number): Placement {
  return {
    x: Math.round((stage.width - picture.width * scale) / 2),
    y: Math.round((stage.height - picture.height * scale) / 2),
    scale,
  };
}

/** As near to `placement` as leaves so much of the picture in view, in both directions, that one finds it again. */
export function keptInView({ x, y, scale }: Placement, picture: Size, stage: Size): Placement {
  const keep = (at: number, length: number, room: number) => {
    const seen = Math.min(MARGIN * 2, length / 2);
    return Math.max(seen - length, Math.min(room - seen, at));
  };
  return {
    x: keep(x, picture.width * scale, stage.width),
    y: keep(y, picture.height * scale, stage.height),
    scale,
  };
}

/** Zooms so that the point of the picture under `point` stays where it is. */
export function zoomAround(placement: Placement, factor: number, point: { x: number; y: number }): Placement {
  const scale = Math.max(MIN_SCALE, Math.min(MAX_SCALE, placement.scale * factor));
  const ratio = scale / placement.scale;
  return {
    x: point.x - (point.x - placement.x) * ratio,
    y: point.y - (point.y - placement.y) * ratio,
    scale,
  };
}
