import { Grid3x3, Images, PanelRightClose, PanelRightOpen } from "lucide-react";
import { memo } from "react";
import { useStore } from "zustand";
import { dragPictureOut } from "../gallery/drag-out.ts";
import { problemText } from "../i18n/problem-text.ts";
import { useText } from "../i18n/use-text.ts";
import type { Result } from "../run/run-state.ts";
import { useRun, useSession, useSettings } from "../session/context.tsx";
import { showNode } from "../session/look.ts";
import { RESULTS_WIDTH } from "../settings/settings-store.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { ResizeEdge } from "../ui/resize-edge.tsx";
import { StoredPicture } from "../ui/stored-picture.tsx";
import styles from "./shell.module.css";
import { shortcutLabel } from "./shortcuts.ts";

const THUMBNAIL_PX = 320;

/** The pictures of this session, newest first, beside the canvas. */
export function ResultsStrip() {
  const { settings, sweeps } = useSession();
  const text = useText();
  const open = useSettings((state) => state.resultsOpen);
  const width = useSettings((state) => state.resultsWidth);
  const results = useRun((state) => state.results);
  const hasSweeps = useStore(sweeps, (state) => state.all.length > 0);
  if (!open) {
    return (
      <div className={styles.stripTab}>
        <IconButton
          label={text("results.show")}
          shortcut={shortcutLabel("view.results")}
          side="left"
          onClick={() => settings.setState({ resultsOpen: true })}
        >
          <PanelRightOpen size={16} />
        </IconButton>
      </div>
    );
  }
  return (
    <aside className={styles.strip} style={{ width }} aria-label={text("results.title")}>
      <ResizeEdge
        label={text("results.width")}
        width={width}
        {...RESULTS_WIDTH}
        onChange={(resultsWidth) => settings.setState({ resultsWidth })}
      />
      <header className={styles.stripHeader}>
        <h2>{text("results.title")}</h2>
        {results.length > 0 && <span className={styles.stripCount}>{results.length}</span>}
        {hasSweeps && (
          <IconButton label={text("sweep.showResults")} onClick={() => sweeps.show()}>
            <Grid3x3 size={16} />
          </IconButton>
        )}
        <IconButton
          label={text("results.hide")}
          shortcut={shortcutLabel("view.results")}
          onClick={() => settings.setState({ resultsOpen: false })}
        >
          <PanelRightClose size={16} />
        </IconButton>
      </header>
      <FailedRun />
      {results.length === 0 ? (
        <div className={styles.stripEmpty}>
          <Images size={20} />
          <p>{text("results.empty")}</p>
        </div>
      ) : (
        <ul className={styles.stripList}>
          {results.map((result) => (
            <Thumbnail key={result.image.hash} result={result} />
          ))}
        </ul>
      )}
    </aside>
  );
}

/** Why the last run made no picture, with the way to the node. */
function FailedRun() {
  const session = useSession();
  const text = useText();
  // A failure of the whole run is told above the canvas.
  const error = useRun(({ last, failure }) => (last?.status === "failed" && !failure ? last.error : undefined));
  if (!error) return null;
  const { message, help } = problemText(text, error);
  return (
    <section className={styles.stripFailure} aria-label={text("queue.state.failed")}>
      <p title={help}>{message}</p>
      {error.nodeId !== undefined && (
        <Button onClick={() => showNode(session, error.nodeId ?? "")}>{text("run.showNode")}</Button>
      )}
    </section>
  );
}

const Thumbnail = memo(function Thumbnail({ result: { image, runId } }: { result: Result }) {
  const session = useSession();
  const text = useText();
  const label = useStore(session.sweeps, (state) => state.labelOf.get(runId));
  return (
    <li>
      <button
        type="button"
        className={styles.thumbnail}
        style={{ aspectRatio: `${image.width} / ${image.height}` }}
        aria-label={text("viewer.result", { seed: image.seed ?? "–" })}
        title={image.seed === undefined ? undefined : text("viewer.seed", { seed: image.seed })}
        draggable
        onDragStart={(event) => dragPictureOut(session, event, image)}
        onClick={() => session.view.setState({ viewerHash: image.hash })}
      >
        <StoredPicture
          src={session.host.imageUrl(image.hash, { thumbnail: THUMBNAIL_PX })}
          alt=""
          loading="lazy"
          decoding="async"
        />
        {label !== undefined && <span className={styles.thumbnailLabel}>{label}</span>}
      </button>
    </li>
  );
});
