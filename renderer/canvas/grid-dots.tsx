import { useStore, ViewportPortal } from "@xyflow/react";
import { memo, useId } from "react";
import styles from "./canvas.module.css";

/** Distance of the dots, in pixels of the graph; what snaps to the grid snaps to multiples of it. */
export const GRID_GAP = 20;
const RADIUS = 0.75;
/** Half of the side of the sheet, in pixels of the graph: so far one may pan before it is laid anew. A multiple of the gap. */
const REACH = 100_000;

/**
 * The sheet that the graph lies on, with its dots. It is part of what pans and not behind it: the browser then has one opaque
 * picture to shift, where a sheet that stays and cards that move over it are a dozen transparent ones to be blended for every
 * frame. It is large, so that it covers all that is drawn upon it, and is not painted again on the way.
 */
export const GridDots = memo(function GridDots() {
  const id = useId();
  const left = useStore(({ transform: [x, , zoom], width }) => sheetAround((width / 2 - x) / zoom));
  const top = useStore(({ transform: [, y, zoom], height }) => sheetAround((height / 2 - y) / zoom));
  return (
    <ViewportPortal>
      <div className={styles.grid} style={{ left, top, width: 2 * REACH, height: 2 * REACH }} aria-hidden="true">
        <svg width="100%" height="100%" role="presentation">
          <pattern id={id} width={GRID_GAP} height={GRID_GAP} patternUnits="userSpaceOnUse">
            <circle cx={GRID_GAP / 2} cy={GRID_GAP / 2} r={RADIUS} />
          </pattern>
          <rect width="100%" height="100%" fill={`url(#${id})`} />
        </svg>
      </div>
    </ViewportPortal>
  );
});

/** Where a sheet begins that reaches far to both sides of a place; the same for all places near it. */
const sheetAround = (place: number): number => (Math.round(place / REACH) - 1) * REACH;
