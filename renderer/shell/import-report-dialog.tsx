import { CircleAlert, Info } from "lucide-react";
import { useText } from "../i18n/use-text.ts";
import { useSession, useView } from "../session/context.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import styles from "./shell.module.css";

/** What became of a workflow that another program made: what has no equal first, then what to know. */
export function ImportReportDialog() {
  const session = useSession();
  const text = useText();
  const report = useView((state) => state.importReport);
  if (!report) return null;
  const close = () => session.view.setState({ importReport: undefined });
  const show = (nodeId: string) => {
    close();
    session.flow.select(new Set([nodeId]));
    void session.canvas?.fitView({ nodes: [{ id: nodeId }], maxZoom: 1, padding: 0.4, duration: 200 });
  };
  return (
    <Dialog title={text("import.title")} description={report.summary} onClose={close}>
      <dl className={styles.importCounts}>
        {(["nodes", "links", "values"] as const).map((what) => (
          <div key={what}>
            <dt>{text(`import.${what}`)}</dt>
            <dd>{text("import.of", { mapped: report[what].mapped, total: report[what].total })}</dd>
          </div>
        ))}
      </dl>
      <ul className={styles.importList}>
        {report.kept.map((node) => (
          <li key={node.nodeId}>
            <CircleAlert size={14} className={styles.importIcon} data-tone="danger" />
            <button type="button" onClick={() => show(node.nodeId)}>
              <strong>{node.title ?? node.class}</strong>
              {node.pack && <span> · {node.pack}</span>}
              <span className={styles.importHelp}>
                {node.message} {node.help}
              </span>
            </button>
          </li>
        ))}
        {report.models.map((model) => (
          <li key={`${model.nodeId} ${model.param} ${model.name}`}>
            <Info size={14} className={styles.importIcon} />
            <button type="button" onClick={() => show(model.nodeId)}>
              <strong>{model.name}</strong>
              <span className={styles.importHelp}>{model.url ?? text("import.model")}</span>
            </button>
          </li>
        ))}
        {report.notes.map((note) => (
          <li key={`${note.nodeId} ${note.field} ${note.message}`}>
            <Info size={14} className={styles.importIcon} />
            <button type="button" disabled={note.nodeId === undefined} onClick={() => show(note.nodeId ?? "")}>
              {note.message}
              <span className={styles.importHelp}>{note.help}</span>
            </button>
          </li>
        ))}
      </ul>
      <DialogActions>
        <Button tone="primary" onClick={close}>
          {text("import.done")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
