import { Grid3x3, LoaderCircle } from "lucide-react";
import { useState } from "react";
import { useStore } from "zustand";
import type { ImageReference } from "../../graph/events.ts";
import { useText } from "../i18n/use-text.ts";
import { tell } from "../session/actions.ts";
import { useRun, useSession } from "../session/context.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { drawContactSheet, tablesOf } from "./contact-sheet.ts";
import styles from "./sweep.module.css";
import type { StartedSweep } from "./sweep-store.ts";

const THUMBNAIL_PX = 320;

/** The pictures of a matrix of runs, in rows and columns, as they come. */
export function SweepResults() {
  const { sweeps } = useSession();
  const isOpen = useStore(sweeps, (state) => state.isOpen);
  const current = useStore(sweeps, (state) => state.current);
  return isOpen && current ? <Open started={current} /> : null;
}

function Open({ started }: { started: StartedSweep }) {
  const session = useSession();
  const text = useText();
  const [isDrawing, setDrawing] = useState(false);
  const pictures = useRun((state) => state.pictureOf);
  const phase = useRun((state) => state.phase);
  const pictureOf = (cell: number) => pictures.get(started.runIds[cell] ?? "");
  const done = started.cells.filter((_, at) => pictureOf(at)).length;
  const close = () => session.sweeps.setState({ isOpen: false });
  const save = async () => {
    setDrawing(true);
    try {
      const bytes = await drawContactSheet(started, (cell) => {
        const image = pictureOf(cell);
        return image && session.host.imageUrl(image.hash, { thumbnail: 640 });
      });
      const name = await session.host.saveFile("contact-sheet.png", bytes, "image/png");
      if (name !== undefined) session.view.notify({ tone: "success", text: text("file.saved", { name }) });
    } catch (error) {
      tell(session, error);
    } finally {
      setDrawing(false);
    }
  };
  return (
    <Dialog title={text("sweep.results")} description={started.labels.join("  ×  ")} wide="most" onClose={close}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable from the keyboard */}
      <section className={styles.tables} tabIndex={0} aria-label={text("sweep.results")}>
        {tablesOf(started).map(({ caption, columns, rows }) => (
          <table key={caption ?? ""} className={styles.table}>
            {caption !== undefined && <caption>{caption}</caption>}
            <thead>
              <tr>
                {rows.some(({ head }) => head !== "") && <td />}
                {columns.map((head) => (
                  <th key={head} scope="col">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ head, cells }) => (
                <tr key={head}>
                  {head !== "" && <th scope="row">{head}</th>}
                  {cells.map((cell) => (
                    <td key={cell}>
                      <Cell started={started} cell={cell} image={pictureOf(cell)} isRunning={phase !== "idle"} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        ))}
      </section>
      <DialogActions>
        <span className={styles.progress} role="status">
          {text("sweep.done", { done, count: started.cells.length })}
        </span>
        {phase !== "idle" && <Button onClick={() => void session.runs.cancelAll()}>{text("run.cancelAll")}</Button>}
        <Button disabled={done === 0 || isDrawing} onClick={() => void save()}>
          <Grid3x3 size={14} />
          {text("sweep.sheet")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Cell({
  started,
  cell,
  image,
  isRunning,
}: {
  started: StartedSweep;
  cell: number;
  image: ImageReference | undefined;
  isRunning: boolean;
}) {
  const session = useSession();
  const text = useText();
  const runId = started.runIds[cell];
  const isNow = useRun((state) => state.runId !== undefined && state.runId === runId);
  const label = useStore(session.sweeps, (state) => state.labelOf.get(runId ?? "")) ?? "";
  if (image) {
    return (
      <button
        type="button"
        className={styles.cell}
        aria-label={text("sweep.openCell", { label })}
        onClick={() => session.view.setState({ viewerHash: image.hash })}
      >
        <img src={session.host.imageUrl(image.hash, { thumbnail: THUMBNAIL_PX })} alt="" draggable={false} />
      </button>
    );
  }
  return (
    <span className={styles.cell} data-empty>
      {isNow ? (
        <LoaderCircle size={20} className={styles.spin} role="img" aria-label={text("sweep.running")} />
      ) : (
        text(isRunning ? "sweep.waiting" : "sweep.none")
      )}
    </span>
  );
}
