import { Plus, X } from "lucide-react";
import { useMemo, useState } from "react";
import type { Sweep } from "../../graph/document.ts";
import { errorsOf, validateWorkflow } from "../../graph/validate.ts";
import { checkValue } from "../../graph/validate-values.ts";
import { setSweep } from "../document/form-commands.ts";
import { problemLine } from "../i18n/problem-text.ts";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import { showFirstProblem } from "../session/actions.ts";
import { useDocument, useSession, useView } from "../session/context.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { Select } from "../ui/select.tsx";
import { AxisEditor } from "./axis-editor.tsx";
import { type Candidate, sweepCandidates } from "./candidates.ts";
import { countCells, MOST_RUNS } from "./cells.ts";
import styles from "./sweep.module.css";

const MOST_AXES = 3;

/** Sets a matrix of runs up, and queues it. */
export function SweepDialog() {
  const isOpen = useView((state) => state.sweepDialog);
  return isOpen ? <Open /> : null;
}

function Open() {
  const session = useSession();
  const text = useText();
  const document = useDocument((state) => state.document);
  const words = useDefinitionText();
  const candidates = useMemo(() => sweepCandidates(document, session.definitionOf, words), [document, session, words]);
  const [axes, setAxes] = useState<Sweep["axes"]>(() =>
    (document.sweep?.axes ?? []).filter((axis) => candidates.some((one) => isAt(one, axis))),
  );
  const [combine, setCombine] = useState<Sweep["combine"]>(document.sweep?.combine ?? "all");
  const sweep: Sweep = { ...document.sweep, axes, combine };
  const count = countCells(sweep);
  const close = () => session.view.setState({ sweepDialog: false });
  const problems = axes.map(({ node, param, values }) => {
    const candidate = candidates.find((one) => isAt(one, { node, param }));
    if (!candidate) return undefined;
    if (values.length === 0) return text("sweep.noValues");
    const { label } = candidate;
    const wrong = values.map((value) => checkValue(candidate.param, value, label, () => `“${label}”`)).find(Boolean);
    if (!wrong) return undefined;
    return problemLine(text, wrong);
  });
  const free = candidates.filter((one) => !axes.some((axis) => isAt(one, axis)));
  const tooMany = count > MOST_RUNS;
  const canRun = axes.length > 0 && count > 0 && !tooMany && problems.every((problem) => problem === undefined);

  const queue = () => {
    const errors = errorsOf(validateWorkflow(document, session.definitionOf));
    if (errors.length > 0) {
      close();
      showFirstProblem(session, errors);
      return;
    }
    session.documents.commit({ label: "sweep", patches: setSweep(document, sweep), whole: true });
    close();
    const labels = axes.map((axis) => {
      const one = candidates.find((candidate) => isAt(candidate, axis));
      return one ? text.labelled(one.nodeTitle, one.label) : axis.param;
    });
    const names = axes.map((axis) => candidates.find((candidate) => isAt(candidate, axis))?.label ?? axis.param);
    void session.sweeps.start(session.documents.getState().document, sweep, { labels, names });
  };

  return (
    <Dialog title={text("sweep.title")} description={text("sweep.help")} wide onClose={close}>
      <div className={styles.body}>
        {candidates.length === 0 && <p className={styles.dim}>{text("sweep.nothing")}</p>}
        {axes.map((axis, at) => {
          const candidate = candidates.find((one) => isAt(one, axis));
          if (!candidate) return null;
          const name = text.labelled(candidate.nodeTitle, candidate.label);
          return (
            <section key={`${axis.node} ${axis.param}`} className={styles.axis} aria-label={name}>
              <header className={styles.axisHeader}>
                <h3>
                  <span className={styles.dim}>{text(`sweep.axis${at}` as "sweep.axis0")}</span> {name}
                </h3>
                <IconButton label={text("sweep.removeAxis", { name })} onClick={() => setAxes(axes.toSpliced(at, 1))}>
                  <X size={14} />
                </IconButton>
              </header>
              <AxisEditor
                param={candidate.param}
                label={name}
                values={axis.values}
                onChange={(values) => setAxes(axes.with(at, { ...axis, values }))}
              />
              {problems[at] && (
                <p className={styles.problem} role="alert">
                  {problems[at]}
                </p>
              )}
            </section>
          );
        })}
        {axes.length < MOST_AXES && free.length > 0 && (
          <AddAxis
            candidates={free}
            onAdd={({ place, value }) => setAxes([...axes, { ...place, values: value === "" ? [] : [value] }])}
          />
        )}
        {axes.length > 1 && (
          <div className={styles.combine}>
            <Segmented
              label={text("sweep.combine")}
              value={combine}
              options={[
                { value: "all", label: text("sweep.all") },
                { value: "pairs", label: text("sweep.pairs") },
              ]}
              onChange={setCombine}
            />
          </div>
        )}
        {tooMany && (
          <p className={styles.problem} role="alert">
            {text("sweep.tooMany", { count, most: MOST_RUNS })}
          </p>
        )}
      </div>
      <DialogActions>
        <Button onClick={close}>{text("common.cancel")}</Button>
        <Button tone="primary" disabled={!canRun} onClick={queue}>
          {count > 0 ? text("sweep.queue", { count }) : text("sweep.queueNone")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function AddAxis({ candidates, onAdd }: { candidates: readonly Candidate[]; onAdd: (candidate: Candidate) => void }) {
  const text = useText();
  const groups = Map.groupBy(candidates, ({ place }) => place.node);
  return (
    <label className={styles.add}>
      <Plus size={14} />
      <Select
        className={styles.addSelect}
        aria-label={text("sweep.addAxis")}
        value=""
        onChange={(event) => {
          const found = candidates.find(({ place }) => `${place.node}\n${place.param}` === event.target.value);
          if (found) onAdd(found);
        }}
      >
        <option value="" hidden>
          {text("sweep.addAxis")}
        </option>
        {[...groups.values()].map((group) => (
          <optgroup key={group[0]?.place.node} label={group[0]?.nodeTitle}>
            {group.map(({ place, label }) => (
              <option key={place.param} value={`${place.node}\n${place.param}`}>
                {label}
              </option>
            ))}
          </optgroup>
        ))}
      </Select>
    </label>
  );
}

const isAt = ({ place }: Candidate, axis: { node: string; param: string }) =>
  place.node === axis.node && place.param === axis.param;
