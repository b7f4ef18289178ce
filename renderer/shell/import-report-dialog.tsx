import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import { useStore } from "zustand";
import type { KeptNode } from "../../graph/importers/report.ts";
import { errorsOf, validateWorkflow } from "../../graph/validate.ts";
import { problemText } from "../i18n/problem-text.ts";
import { useText } from "../i18n/use-text.ts";
import { modelsStore } from "../models/models-store.ts";
import { useSession, useView } from "../session/context.tsx";
import { showNodes } from "../session/look.ts";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import styles from "./shell.module.css";

/** What became of a workflow that another program made, in plain words: does it work, what does not, what to know. */
export function ImportReportDialog() {
  const session = useSession();
  const text = useText();
  const report = useView((state) => state.importReport);
  const models = useStore(modelsStore(session.host), ({ looked, missing }) =>
    looked?.tab !== session.id ? undefined : missing?.tab === session.id ? missing.found : looked.state,
  );
  if (!report) return null;
  const close = () => session.view.setState({ importReport: undefined });
  /** Those that are in the same graph as the first, which may be inside of a subgraph. */
  const show = (nodePaths: readonly string[]) => {
    close();
    showNodes(session, nodePaths);
  };
  const groups = [...Map.groupBy(report.kept, (node) => node.class)];
  const errors = errorsOf(validateWorkflow(session.documents.getState().document, session.definitionOf));
  const isBlocked = errors.some(({ code }) => code === "unknown-node");
  const missing = typeof models === "object" ? models : [];
  // Nothing is said about running before it is known which models are here.
  const isComplete = models === "known" || (typeof models === "object" && missing.length === 0);
  // A picture to start from is put in by the person; that alone is nothing wrong.
  const runs = errors.every(({ code }) => code === "image-not-chosen");
  const verdict =
    report.kept.length === 0
      ? missing.length > 0
        ? text("import.needsModels", { count: missing.length })
        : text(runs && isComplete ? "import.works" : "import.takenOver")
      : report.nodes.mapped === 0
        ? text("import.nothingWorks")
        : text(isBlocked ? "import.blocked" : "import.partly", { count: report.kept.length });
  const alsoMissing = report.kept.length > 0 && missing.length > 0;
  return (
    <Dialog
      title={text(`import.from_${report.format}`)}
      description={
        alsoMissing
          ? verdict + text("common.sentenceGap") + text("import.modelsToo", { count: missing.length })
          : verdict
      }
      onClose={close}
    >
      <ul className={styles.importList}>
        {report.kept.length === 0 && (
          <li>
            <CircleCheck size={14} className={styles.importIcon} data-tone="success" />
            <span>{text("import.counts", { count: report.nodes.mapped })}</span>
          </li>
        )}
        {groups.map(([name, nodes]) => (
          <KeptNodes key={name} nodes={nodes} stops={isBlocked} onShow={show} />
        ))}
        {missing.map(({ kind, name }) => (
          <li key={`${kind} ${name}`}>
            <TriangleAlert size={14} className={styles.importIcon} data-tone="warning" />
            <span>
              <strong>{name}</strong> · {text(`kinds.${kind}`)}
              <span className={styles.importHelp}>{text("import.modelMissing")}</span>
            </span>
          </li>
        ))}
        {report.notes.map((note) => (
          <li key={`${note.nodeId} ${note.field} ${note.message}`}>
            <Info size={14} className={styles.importIcon} />
            <button
              type="button"
              disabled={note.nodeId === undefined}
              onClick={() => note.nodeId !== undefined && show([note.nodeId])}
            >
              {problemText(text, note).message}
              <span className={styles.importHelp}>{problemText(text, note).help}</span>
            </button>
          </li>
        ))}
      </ul>
      <DialogActions>
        {missing.length > 0 && (
          <Button
            onClick={() => {
              modelsStore(session.host).setState({ missing: undefined });
              close();
            }}
          >
            {text("common.close")}
          </Button>
        )}
        <Button tone="primary" onClick={close}>
          {text(missing.length > 0 ? "import.findModels" : "import.done")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

/** All nodes of one kind that has no equal: what would replace them is the same for each. */
function KeptNodes({
  nodes,
  stops,
  onShow,
}: {
  nodes: readonly KeptNode[];
  /** The workflow cannot run with them. */
  stops: boolean;
  onShow: (nodeIds: readonly string[]) => void;
}) {
  const text = useText();
  const [first] = nodes;
  if (!first) return null;
  const name = nodes.length === 1 ? (first.title ?? first.class) : first.class;
  return (
    <li>
      {stops ? (
        <CircleAlert size={14} className={styles.importIcon} data-tone="danger" />
      ) : (
        <TriangleAlert size={14} className={styles.importIcon} data-tone="warning" />
      )}
      <button type="button" onClick={() => onShow(nodes.map(({ nodeId }) => nodeId))}>
        <strong>{name}</strong>
        {nodes.length > 1 && <span> × {nodes.length}</span>}
        {first.pack && <span> · {text("import.pack", { pack: first.pack })}</span>}
        <span className={styles.importHelp}>{problemText(text, first).help}</span>
      </button>
    </li>
  );
}
