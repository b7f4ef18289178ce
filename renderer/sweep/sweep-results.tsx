import { Check, Columns2, Grid3x3, LoaderCircle } from "lucide-react";
import { type CSSProperties, useEffect, useState } from "react";
import { useStore } from "zustand";
import { CompareView } from "../compare/compare-view.tsx";
import { dragPictureOut } from "../gallery/drag-out.ts";
import { formatTime } from "../i18n/format.ts";
import { useText } from "../i18n/use-text.ts";
import { tell } from "../session/actions.ts";
import { useRun, useSession } from "../session/context.tsx";
import type { Session } from "../session/session.ts";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { Select } from "../ui/select.tsx";
import { StoredPicture } from "../ui/stored-picture.tsx";
import { drawContactSheet, tablesOf } from "./contact-sheet.ts";
import { cellLabel, type StartedSweep } from "./started-sweep.ts";
import styles from "./sweep.module.css";
import { shownSweep } from "./sweep-store.ts";

const THUMBNAIL_PX = 320;
const MOST_COMPARED = 4;

/** The pictures of a matrix of runs, in rows and columns, as they come. */
export function SweepResults() {
  const { sweeps } = useSession();
  const isOpen = useStore(sweeps, (state) => state.isOpen);
  const shown = useStore(sweeps, shownSweep);
  return isOpen && shown ? <Open key={shown.id} started={shown} /> : null;
}

function Open({ started }: { started: StartedSweep }) {
  const session = useSession();
  const { sweeps } = session;
  const text = useText();
  const [isDrawing, setDrawing] = useState(false);
  const [picked, setPicked] = useState<readonly number[]>([]);
  const [isComparing, setComparing] = useState(false);
  const all = useStore(sweeps, (state) => state.all);
  const phase = useRun((state) => state.phase);
  const done = started.images.filter(Boolean).length;
  useEffect(() => {
    // The end of a run may have been missed, as while the window was loaded anew.
    if (phase === "idle") void completeFromHost(session);
  }, [session, phase]);
  const save = async () => {
    setDrawing(true);
    try {
      const bytes = await drawContactSheet(started, (cell) => {
        const image = started.images[cell];
        return image && session.host.imageUrl(image.hash, { thumbnail: 640 });
      });
      const name = await session.host.saveFile(text("sweep.fileName"), bytes, "image/png");
      if (name !== undefined) session.view.notify({ tone: "success", text: text("file.saved", { name }) });
    } catch (error) {
      tell(session, error);
    } finally {
      setDrawing(false);
    }
  };
  const compared = picked.flatMap((cell) => started.images[cell] ?? []);
  const canCompare = compared.length > 1 && compared.length <= MOST_COMPARED;
  if (isComparing && canCompare) {
    return (
      <Dialog title={text("compare.title")} wide="full" onClose={() => setComparing(false)}>
        <CompareView pictures={compared} />
      </Dialog>
    );
  }
  return (
    <Dialog
      title={text("sweep.results")}
      description={started.labels.join("  ×  ")}
      wide="most"
      onClose={() => sweeps.close()}
    >
      {all.length > 1 && (
        <label className={styles.earlier}>
          <span>{text("sweep.which")}</span>
          <Select value={started.id} onChange={(event) => sweeps.show({ id: event.target.value })}>
            {all.map((one) => (
              <option key={one.id} value={one.id}>
                {`${timeText(one.startedAt)} · ${one.names.join(" × ")} · ${one.cells.length}`}
              </option>
            ))}
          </Select>
        </label>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable from the keyboard */}
      <section className={styles.tables} tabIndex={0} aria-label={text("sweep.results")}>
        {tablesOf(started).map(({ caption, columns, rows }) => (
          <table
            key={caption ?? ""}
            className={styles.table}
            style={{ "--columns": columns.length, "--rows": rows.length } as CSSProperties}
          >
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
                      <Cell
                        started={started}
                        cell={cell}
                        isRunning={phase !== "idle"}
                        isPicked={picked.includes(cell)}
                        onPick={() =>
                          setPicked(picked.includes(cell) ? picked.filter((one) => one !== cell) : [...picked, cell])
                        }
                      />
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
        <Button disabled={!canCompare} title={text("sweep.compareHelp")} onClick={() => setComparing(true)}>
          <Columns2 size={14} />
          {text("gallery.compare")}
        </Button>
        <Button disabled={done === 0 || isDrawing} onClick={() => void save()}>
          <Grid3x3 size={14} />
          {text("sweep.sheet")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

/** The latest runs that the host remembers. */
const REMEMBERED_RUNS = 500;

async function completeFromHost({ sweeps, host }: Session): Promise<void> {
  await sweeps
    .complete(async (runIds) => {
      const runs = await host.rpc.runs.list({ finished: REMEMBERED_RUNS });
      return new Map(
        runs.flatMap(({ runId, images }) => {
          const last = runIds.includes(runId) ? images.at(-1) : undefined;
          return last ? [[runId, last] as const] : [];
        }),
      );
    })
    // The banner tells that the connection is lost; opening the table again asks again.
    .catch(() => {});
}

const timeText = (ms: number) => formatTime(ms, { dateStyle: "short", timeStyle: "short" });

function Cell({
  started,
  cell,
  isRunning,
  isPicked,
  onPick,
}: {
  started: StartedSweep;
  cell: number;
  isRunning: boolean;
  isPicked: boolean;
  onPick: () => void;
}) {
  const session = useSession();
  const text = useText();
  const runId = started.runIds[cell];
  const image = started.images[cell];
  const isNow = useRun((state) => state.runId !== undefined && state.runId === runId);
  const label = cellLabel(started, cell);
  return (
    <figure className={styles.figure}>
      {image ? (
        <button
          type="button"
          className={styles.cell}
          aria-label={text("sweep.openCell", { label })}
          draggable
          onDragStart={(event) => dragPictureOut(session, event, image)}
          onClick={() => session.view.setState({ viewerHash: image.hash })}
        >
          <StoredPicture src={session.host.imageUrl(image.hash, { thumbnail: THUMBNAIL_PX })} alt="" />
        </button>
      ) : (
        <span className={styles.cell} data-empty>
          {isNow ? (
            <LoaderCircle size={20} className={styles.spin} role="img" aria-label={text("sweep.running")} />
          ) : (
            text(isRunning ? "sweep.waiting" : "sweep.none")
          )}
        </span>
      )}
      {image && (
        <button
          type="button"
          className={styles.pick}
          aria-label={text("sweep.pick", { label })}
          aria-pressed={isPicked}
          onClick={onPick}
        >
          <Check size={14} />
        </button>
      )}
      <figcaption className={styles.cellLabel} title={label}>
        {label}
      </figcaption>
    </figure>
  );
}
