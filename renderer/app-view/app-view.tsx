import {
  Download,
  Image as ImageIcon,
  ListPlus,
  Maximize2,
  Play,
  SlidersHorizontal,
  Square,
  Workflow,
} from "lucide-react";
import { useMemo, useState } from "react";
import { useStore } from "zustand";
import { readParam } from "../../graph/values.ts";
import { seedModeOf } from "../document/seeds.ts";
import { dragPictureOut } from "../gallery/drag-out.ts";
import { SendMenu } from "../gallery/picture-panel.tsx";
import { problemText } from "../i18n/problem-text.ts";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import { cancel, saveImage } from "../session/actions.ts";
import { useDocument, useHost, useRun, useSession } from "../session/context.tsx";
import { showNode } from "../session/look.ts";
import { runCommand } from "../shell/commands.ts";
import { RunCount, TimeLeft } from "../shell/run-controls.tsx";
import { shortcutLabel } from "../shell/shortcuts.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { StoredPicture } from "../ui/stored-picture.tsx";
import { Tooltip } from "../ui/tooltip.tsx";
import { ParamRow } from "../widgets/param-row.tsx";
import { show } from "./address.ts";
import styles from "./app-view.module.css";
import { type FormField, formOf } from "./form-fields.ts";

/** A workflow as a form: its exposed params, one button, and large pictures. */
export function AppView() {
  const session = useSession();
  const text = useText();
  const document = useDocument((state) => state.document);
  const definitionOf = useDocument((state) => state.definitionOf);
  const words = useDefinitionText();
  const groups = useMemo(() => formOf(document, definitionOf, words), [document, definitionOf, words]);
  return (
    <main className={styles.page} aria-label={text("form.page")}>
      <form
        className={styles.form}
        aria-label={document.title}
        onSubmit={(event) => {
          event.preventDefault();
          runCommand(session, "run.start");
        }}
      >
        <header className={styles.head}>
          <div>
            <h2>{document.title}</h2>
            {document.description && <p>{document.description}</p>}
          </div>
          <IconButton label={text("form.arrange")} onClick={() => session.view.setState({ formDialog: true })}>
            <SlidersHorizontal size={16} />
          </IconButton>
        </header>
        <div className={styles.fields}>
          {groups.map(({ title, fields }) => (
            <fieldset key={title ?? ""} className={styles.group}>
              {title !== undefined && <legend>{title}</legend>}
              {fields.map((field) => (
                <Field key={`${field.entry.node} ${field.entry.param}`} field={field} />
              ))}
            </fieldset>
          ))}
          {groups.length === 0 && <p className={styles.empty}>{text("form.nothing")}</p>}
          {!document.exposed && groups.length > 0 && (
            <p className={styles.hint}>
              {text("form.automatic")}{" "}
              <button
                type="button"
                className={styles.arrange}
                onClick={() => session.view.setState({ formDialog: true })}
              >
                {text("form.arrangeIt")}
              </button>
              {text("form.arrangeItTo")}
            </p>
          )}
        </div>
        <RunBar shown={groups.flatMap(({ fields }) => fields)} />
      </form>
      <Stage />
    </main>
  );
}

function Field({ field: { entry, node, definition, param } }: { field: FormField }) {
  const { issues } = useSession();
  const words = useDefinitionText();
  const problem = useStore(issues, (state) => state.byNode.get(node.id)?.find(({ field }) => field === param.name));
  const shown = useMemo(
    () =>
      entry.label === undefined
        ? param
        : // Its own words, and not those of the language.
          {
            ...param,
            label: entry.label,
            origin: { type: definition.type, param: param.name, ...param.origin, renamed: true },
          },
    [entry.label, param, definition],
  );
  const help = entry.description ?? (entry.label === undefined ? undefined : words.paramHelp(definition, param));
  return (
    <div className={styles.field}>
      <ParamRow
        nodeId={node.id}
        definition={definition}
        param={shown}
        value={readParam(node.params, param)}
        seedMode={seedModeOf(node, param.name)}
        problem={problem}
      />
      {help && <p className={styles.help}>{help}</p>}
    </div>
  );
}

/** Run, or how far the run is; and what keeps it from running where no field of the form can show it. */
function RunBar({ shown }: { shown: readonly FormField[] }) {
  const session = useSession();
  const text = useText();
  const phase = useRun((state) => state.phase);
  const percent = useRun((state) => Math.round(state.progress * 100));
  const waiting = useRun((state) => state.waiting.length);
  const isBehind = useRun((state) => state.isBehind);
  const failure = useRun((state) => state.failure ?? (state.last?.status === "failed" ? state.last.error : undefined));
  const connected = useHost((state) => state.connected);
  const byNode = useStore(session.issues, (state) => state.byNode);
  const elsewhere = [...byNode.values()]
    .flat()
    .find(
      ({ severity, nodeId, field }) =>
        severity === "error" && !shown.some(({ node, param }) => node.id === nodeId && param.name === field),
    );
  const problem = elsewhere ?? failure;
  return (
    <footer className={styles.runBar}>
      {problem && (
        <div className={styles.problem} role="alert">
          <p>{problemText(text, problem).message}</p>
          {problem.nodeId !== undefined && (
            <Button
              onClick={() => {
                show(session.workspace, "graph");
                showNode(session, problem.nodeId ?? "");
              }}
            >
              <Workflow size={14} />
              {text("form.showInGraph")}
            </Button>
          )}
        </div>
      )}
      {phase === "idle" ? (
        <div className={styles.runGroup}>
          <RunCount className={styles.runCount} />
          <Tooltip label={text("run.runHelp")} shortcut={shortcutLabel("run.start")} side="top">
            <Button
              tone="primary"
              type="submit"
              className={styles.run}
              disabled={!connected || elsewhere !== undefined}
            >
              <Play size={16} fill="currentColor" />
              {text("run.run")}
            </Button>
          </Tooltip>
        </div>
      ) : (
        <div className={styles.running}>
          <div
            className={styles.progress}
            role="progressbar"
            aria-label={text("run.progress")}
            aria-valuenow={percent}
            aria-valuemin={0}
            aria-valuemax={100}
          >
            <div className={styles.bar} style={{ width: `${percent}%` }} />
            <span>
              {phase === "running" && `${percent}%`}
              {phase === "starting" && (isBehind ? text("run.waiting", { count: waiting }) : text("run.starting"))}
              {phase === "cancelling" && text("run.cancelling")}
              {phase === "running" && <TimeLeft />}
              {waiting > 0 && phase === "running" && ` · ${text("run.waiting", { count: waiting })}`}
            </span>
          </div>
          <IconButton
            label={text("run.queueAnother")}
            shortcut={shortcutLabel("run.start")}
            side="top"
            onClick={() => runCommand(session, "run.start")}
          >
            <ListPlus size={16} />
          </IconButton>
          <Button disabled={phase === "cancelling"} onClick={() => void cancel(session)}>
            <Square size={12} fill="currentColor" />
            {text("run.cancel")}
          </Button>
        </div>
      )}
    </footer>
  );
}

/** The picture that is being made, or one of those that were. */
function Stage() {
  const session = useSession();
  const text = useText();
  const results = useRun((state) => state.results);
  const phase = useRun((state) => state.phase);
  const live = useRun((state) => {
    if (state.phase !== "running") return undefined;
    return [...state.nodes.values()].find((node) => node.phase === "running" && node.preview)?.preview?.dataUrl;
  });
  const [chosen, setChosen] = useState<string>();
  const [newest, setNewest] = useState(results[0]?.image.hash);
  if (newest !== results[0]?.image.hash) {
    // A new picture takes the place of one that was looked at before.
    setNewest(results[0]?.image.hash);
    setChosen(undefined);
  }
  const image = (results.find((result) => result.image.hash === chosen) ?? results[0])?.image;
  const address = live ?? (image && session.host.imageUrl(image.hash));
  return (
    <section className={styles.stage} aria-label={text("form.result")}>
      <div className={styles.picture} data-busy={phase !== "idle" || undefined}>
        {address === undefined ? (
          <div className={styles.blank}>
            <ImageIcon size={28} />
            <p>{text(phase === "idle" ? "form.blank" : "form.working")}</p>
          </div>
        ) : (
          <StoredPicture
            src={address}
            alt={live ? text("node.preview") : text("viewer.result", { seed: image?.seed ?? "–" })}
            draggable={image !== undefined && !live}
            onDragStart={(event) => image && dragPictureOut(session, event, image)}
          />
        )}
        {image && !live && (
          <div className={styles.actions}>
            <IconButton
              label={text("form.enlarge")}
              side="top"
              onClick={() => session.view.setState({ viewerHash: image.hash })}
            >
              <Maximize2 size={16} />
            </IconButton>
            <IconButton label={text("form.save")} side="top" onClick={() => void saveImage(session, image)}>
              <Download size={16} />
            </IconButton>
            <SendMenu picture={image} compact />
          </div>
        )}
      </div>
      {results.length > 1 && (
        <ul className={styles.strip} aria-label={text("results.title")}>
          {results.slice(0, 60).map((result) => (
            <li key={result.image.hash}>
              <button
                type="button"
                aria-label={text("viewer.result", { seed: result.image.seed ?? "–" })}
                aria-pressed={result.image.hash === image?.hash}
                onClick={() => setChosen(result.image.hash)}
              >
                <StoredPicture
                  src={session.host.imageUrl(result.image.hash, { thumbnail: 160 })}
                  alt=""
                  loading="lazy"
                />
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
