import { useStore, useStoreApi } from "@xyflow/react";
import { useId, useLayoutEffect, useRef } from "react";
import styles from "./canvas.module.css";

/** Distance of the dots, in pixels of the graph; what snaps to the grid snaps to multiples of it. */
export const GRID_GAP = 20;
const RADIUS = 0.75;

/**
 * The dots behind the graph. They are painted when the zoom changes, and only shifted while the graph is moved: painting all
 * of them anew for every frame of a pan takes longer than all cards and links together.
 */
export function GridDots() {
  const id = useId();
  const store = useStoreApi();
  const zoom = useStore((state) => state.transform[2]);
  const svg = useRef<SVGSVGElement>(null);
  const gap = GRID_GAP * zoom;
  useLayoutEffect(() => {
    const place = () => {
      const [x, y] = store.getState().transform;
      if (svg.current) svg.current.style.transform = `translate(${phase(x, gap)}px, ${phase(y, gap)}px)`;
    };
    place();
    return store.subscribe((state, before) => {
      if (state.transform !== before.transform && state.transform[2] === zoom) place();
    });
  }, [store, gap, zoom]);
  return (
    <div className={styles.grid} aria-hidden="true">
      <svg
        ref={svg}
        style={{ inset: -gap, width: `calc(100% + ${2 * gap}px)`, height: `calc(100% + ${2 * gap}px)` }}
        role="presentation"
      >
        <pattern id={id} width={gap} height={gap} patternUnits="userSpaceOnUse">
          <circle cx={gap / 2} cy={gap / 2} r={RADIUS * zoom} />
        </pattern>
        <rect width="100%" height="100%" fill={`url(#${id})`} />
      </svg>
    </div>
  );
}

/** How far the pattern is shifted: from 0 to less than a gap. */
function phase(offset: number, gap: number): number {
  return ((offset % gap) + gap) % gap;
}
