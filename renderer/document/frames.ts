interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The boxes that belong to a frame: those whose middle lies in it. */
export function boxesInside<T extends Area>(frame: Area, boxes: readonly T[]): T[] {
  return boxes.filter((box) => {
    const x = box.x + box.width / 2;
    const y = box.y + box.height / 2;
    return x > frame.x && x < frame.x + frame.width && y > frame.y && y < frame.y + frame.height;
  });
}
