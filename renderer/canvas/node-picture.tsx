import { Image as ImageIcon, ImageOff, Maximize2 } from "lucide-react";
import { useMemo, useState } from "react";
import type { ImageReference, Preview } from "../../graph/events.ts";
import { SplitPictures } from "../compare/split-pictures.tsx";
import { useText } from "../i18n/use-text.ts";
import { outcomeOf } from "../run/outcome.ts";
import type { NodeRun } from "../run/run-state.ts";
import { useDocument, usePrefix, useRun, useSession } from "../session/context.tsx";
import { StoredPicture } from "../ui/stored-picture.tsx";
import styles from "./node.module.css";

const THUMBNAIL_PX = 512;

/** The live preview of a sampler, the pictures of an output, or the place where they will be. */
export function NodePicture({
  nodeId,
  isOutput,
  comparesPairs = false,
  run,
}: {
  nodeId: string;
  isOutput: boolean;
  /** The node shows pairs to compare. */
  comparesPairs?: boolean;
  run: NodeRun | undefined;
}) {
  const text = useText();
  const images = run?.images ?? [];
  if (images.length > 1 && comparesPairs) return <Pairs images={images} isStale={isStale(run)} />;
  if (images.length > 0) {
    return (
      <div
        className={styles.pictures}
        data-many={images.length > 1 || undefined}
        data-stale={isStale(run) || undefined}
      >
        {images.map((image) => (
          <Picture key={image.hash} image={image} nodeId={nodeId} />
        ))}
      </div>
    );
  }
  if (run?.preview) return <LivePreview nodeId={nodeId} run={run} preview={run.preview} />;
  if (!isOutput) return null;
  return (
    <div className={styles.empty}>
      <ImageIcon size={20} />
      <span>{text("node.noPicture")}</span>
    </div>
  );
}

/** What a sampler saw of its picture last; once it is there, the picture that came of it. */
function LivePreview({ nodeId, run, preview }: { nodeId: string; run: NodeRun; preview: Preview }) {
  const { host } = useSession();
  const text = useText();
  const prefix = usePrefix();
  const links = useDocument((state) => state.graph.links);
  const isRunning = useRun((state) => state.phase !== "idle");
  const isOver = run.phase === "done" || run.phase === "cached";
  const orOlder = run.isPreviewOld === true && !isOver;
  // While it draws nothing can have come of it, and it need not be drawn again with every event of the run.
  const nodes = useRun((state) => (isOver || orOlder ? state.nodes : undefined));
  const outcome = useMemo(
    () => nodes && outcomeOf(nodes, links, { nodeId, prefix, orOlder }),
    [nodes, links, nodeId, prefix, orOlder],
  );
  // Nothing came of it, and nothing will.
  if (isOver && !outcome && !isRunning) return null;
  const shown = outcome
    ? { ...outcome.image, src: host.imageUrl(outcome.image.hash, { thumbnail: THUMBNAIL_PX }) }
    : { ...preview, src: preview.dataUrl };
  return (
    <div className={styles.pictures} data-stale={run.phase === "queued" || outcome?.isOld || undefined}>
      <StoredPicture
        className={styles.preview}
        src={shown.src}
        alt={text(outcome ? "node.outcome" : "node.preview")}
        style={{ aspectRatio: `${shown.width} / ${shown.height}` }}
      />
    </div>
  );
}

/** Pictures that belong together two by two, each pair with a slider between them. */
function Pairs({ images, isStale: stale }: { images: readonly ImageReference[]; isStale: boolean }) {
  const { host } = useSession();
  const pairs = images.flatMap((first, at) =>
    at % 2 === 0 && images[at + 1] ? [[first, images[at + 1]!] as const] : [],
  );
  const show = ({ hash, seed }: ImageReference, name: string) => (
    <StoredPicture
      src={host.imageUrl(hash)}
      alt={seed === undefined ? name : text.series([name, text("viewer.seed", { seed })])}
    />
  );
  const text = useText();
  return (
    <div className={styles.pictures} data-stale={stale || undefined}>
      {pairs.map(([first, second], at) => (
        <SplitPictures
          // biome-ignore lint/suspicious/noArrayIndexKey: the same picture may be there twice
          key={at}
          className={`${styles.pair} nodrag nowheel`}
          style={{ aspectRatio: `${first.width} / ${first.height}` }}
          first={show(first, text("compare.first"))}
          second={show(second, text("compare.second"))}
        />
      ))}
    </div>
  );
}

function isStale(run: NodeRun | undefined): boolean {
  return run?.phase === "queued" || run?.phase === "running" || run?.phase === "failed";
}

function Picture({ image, nodeId }: { image: ImageReference; nodeId: string }) {
  const session = useSession();
  const text = useText();
  const [failed, setFailed] = useState(false);
  if (failed) {
    return (
      <div className={styles.empty}>
        <ImageOff size={20} />
        <span>{text("node.pictureGone")}</span>
      </div>
    );
  }
  return (
    <button
      type="button"
      className={`${styles.picture} nodrag`}
      style={{ aspectRatio: `${image.width} / ${image.height}` }}
      aria-label={text("viewer.open", { width: image.width, height: image.height })}
      data-node={nodeId}
      onClick={() => session.view.setState({ viewerHash: image.hash })}
    >
      <img
        src={session.host.imageUrl(image.hash, { thumbnail: THUMBNAIL_PX })}
        alt={text("viewer.result", { seed: image.seed ?? "–" })}
        draggable={false}
        onError={() => setFailed(true)}
      />
      <span className={styles.enlarge}>
        <Maximize2 size={14} />
      </span>
    </button>
  );
}
