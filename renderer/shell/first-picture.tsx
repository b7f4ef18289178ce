import { Check, X } from "lucide-react";
import { useText } from "../i18n/use-text.ts";
import { useDocument, useHost, useRun, useSession, useSettings } from "../session/context.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import styles from "./shell.module.css";

const STEPS = ["write", "run", "picture"] as const;

/** The first-run tour: three steps above the graph, which keeps clear of them, that tick themselves off, the last with a picture that one made. */
export function FirstPicture() {
  const { settings } = useSession();
  const text = useText();
  const isSeen = useSettings((state) => state.tourSeen);
  const hasEdited = useDocument((state) => state.history.past.length > 0);
  const hasRun = useRun((state) => state.phase !== "idle" || state.last !== undefined);
  const hasPicture = useRun((state) => state.results.length > 0);
  const folder = useHost((state) => state.info?.outputFolder ?? "");
  const hasNodes = useDocument(({ document: { nodes } }) =>
    ["prompt", "save-image"].every((type) => nodes.some((node) => node.type === type)),
  );
  // It speaks of nodes that other workflows need not have.
  if (isSeen || !hasNodes) return null;
  const done = { write: hasEdited || hasRun || hasPicture, run: hasRun || hasPicture, picture: hasPicture };
  const next = STEPS.find((step) => !done[step]);
  const close = () => settings.setState({ tourSeen: true });
  return (
    <aside className={styles.tour} data-above-canvas="" aria-label={text("tour.title")}>
      <h2>{text(hasPicture ? "tour.done" : "tour.title")}</h2>
      {hasPicture ? (
        <>
          <p className={styles.tourText}>{text("tour.saved", { folder })}</p>
          <Button tone="primary" onClick={close}>
            {text("tour.close")}
          </Button>
        </>
      ) : (
        <ol>
          {STEPS.map((step, at) => (
            <li key={step} data-done={done[step] || undefined} aria-current={step === next ? "step" : undefined}>
              <span className={styles.tourMark}>
                {done[step] ? <Check size={12} role="img" aria-label={text("tour.ticked")} /> : at + 1}
              </span>
              {text(`tour.${step}`)}
            </li>
          ))}
        </ol>
      )}
      <IconButton label={text("tour.skip")} onClick={close}>
        <X size={14} />
      </IconButton>
    </aside>
  );
}
