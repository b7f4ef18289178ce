import { useId, useState } from "react";
import type { ExposedParam } from "../../graph/document.ts";
import { namesTwice, setProperties } from "../document/form-commands.ts";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import { useSession, useView } from "../session/context.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { ProblemLine } from "../widgets/problem-line.tsx";
import styles from "./workflow-properties.module.css";

/** What a workflow is called, what it says of itself, and what programs call its inputs. */
export function WorkflowProperties() {
  const request = useView((state) => state.properties);
  return request ? <Open focus={request.focus} /> : null;
}

function Open({ focus }: { focus: string | undefined }) {
  const session = useSession();
  const text = useText();
  const words = useDefinitionText();
  const [before] = useState(() => session.documents.getState());
  const { document, definitionOf, fileName } = before;
  const [title, setTitle] = useState(document.title);
  const [description, setDescription] = useState(document.description ?? "");
  const [entries, setEntries] = useState<readonly ExposedParam[]>(document.exposed ?? []);
  const problemId = useId();
  const twice = namesTwice(entries);
  const close = () => session.view.setState({ properties: undefined });
  const done = () => {
    const { document: now } = session.documents.getState();
    const exposed = now.exposed && entries;
    const patches = setProperties(now, {
      title: title.trim() || now.title,
      description: description.trim(),
      ...(exposed ? { exposed: [...exposed] } : {}),
    });
    session.documents.commit({ label: "title", patches, whole: true });
    close();
  };
  const rename = (at: number, name: string) => {
    const { name: _old, ...rest } = entries[at]!;
    setEntries(entries.with(at, (name === "" ? rest : { ...rest, name }) as ExposedParam));
  };
  const labelOf = ({ node, param, label }: ExposedParam) => {
    const owner = document.nodes.find(({ id }) => id === node);
    const definition = owner && definitionOf(owner.type);
    const own = definition?.params.find(({ name }) => name === param);
    if (!owner || !definition || !own) return label ?? param;
    return `${owner.title || words.title(definition)} · ${label ?? words.param(definition, own)}`;
  };
  const endpoint = (fileName ?? `${title}.json`).replace(/\.json$/i, "");
  return (
    <Dialog title={text("properties.title")} wide="medium" onClose={close}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (twice.size === 0) done();
        }}
      >
        <label className={styles.field}>
          <span>{text("properties.name")}</span>
          <input value={title} maxLength={500} onChange={(event) => setTitle(event.target.value)} />
        </label>
        <label className={styles.field}>
          <span>{text("properties.description")}</span>
          <textarea
            value={description}
            rows={3}
            maxLength={20_000}
            placeholder={text("properties.descriptionHint")}
            onChange={(event) => setDescription(event.target.value)}
          />
        </label>
        <section className={styles.inputs} aria-label={text("properties.inputs")}>
          <h3>{text("properties.inputs")}</h3>
          <p className={styles.hint}>{text("properties.endpoint", { name: encodeURIComponent(endpoint) })}</p>
          {document.exposed ? (
            <ul>
              {entries.map((entry, at) => {
                const usual = `${entry.node}.${entry.param}`;
                const isTwice = twice.has(entry.name ?? usual);
                const label = labelOf(entry);
                return (
                  <li key={usual}>
                    <span title={label}>{label}</span>
                    <input
                      value={entry.name ?? ""}
                      placeholder={usual}
                      maxLength={100}
                      spellCheck={false}
                      data-first={usual === focus || undefined}
                      onFocus={(event) => event.target.select()}
                      aria-label={text("form.nameOf", { name: label })}
                      aria-invalid={isTwice || undefined}
                      aria-describedby={isTwice ? `${problemId}${at}` : undefined}
                      onChange={(event) => rename(at, event.target.value)}
                    />
                    {isTwice && <ProblemLine id={`${problemId}${at}`}>{text("form.nameTwice")}</ProblemLine>}
                  </li>
                );
              })}
              {entries.length === 0 && <li className={styles.hint}>{text("form.noneChosen")}</li>}
            </ul>
          ) : (
            <p className={styles.hint}>{text("properties.automatic")}</p>
          )}
        </section>
        <DialogActions>
          <Button
            className={styles.arrange}
            onClick={() => {
              done();
              session.view.setState({ formDialog: true });
            }}
          >
            {text("form.arrange")}
          </Button>
          <Button onClick={close}>{text("common.cancel")}</Button>
          <Button tone="primary" type="submit" disabled={twice.size > 0}>
            {text("form.done")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
