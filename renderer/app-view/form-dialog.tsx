import { useMemo, useState } from "react";
import type { ExposedParam } from "../../graph/document.ts";
import { apiNameOf, namesTwice, setExposed } from "../document/form-commands.ts";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import { useDocument, useSession, useView } from "../session/context.tsx";
import { RowTools } from "../subgraph/row-tools.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { Disclosure } from "../ui/disclosure.tsx";
import { GRIP, RowGrip } from "../ui/row-grip.tsx";
import { SuggestInput } from "../ui/suggest-input.tsx";
import { useReorder } from "../ui/use-reorder.ts";
import { ProblemLine } from "../widgets/problem-line.tsx";
import styles from "./app-view.module.css";
import { inFormOrder, usualEntries } from "./form-fields.ts";

/** Which params a workflow exposes, in which order, groups and words; the same are the inputs of its endpoint. */
export function FormDialog() {
  const isOpen = useView((state) => state.formDialog);
  return isOpen ? <Open /> : null;
}

const keyOf = ({ node, param }: ExposedParam) => `${node} ${param}`;
const isSame = (a: ExposedParam, node: string, param: string) => a.node === node && a.param === param;

function Open() {
  const session = useSession();
  const text = useText();
  const words = useDefinitionText();
  const document = useDocument((state) => state.document);
  const definitionOf = useDocument((state) => state.definitionOf);
  const [entries, setEntries] = useState<readonly ExposedParam[]>(() =>
    inFormOrder(document.exposed ?? usualEntries(document, definitionOf, words)),
  );
  const nodes = useMemo(
    () =>
      document.nodes.flatMap((node) => {
        const definition = definitionOf(node.type);
        const isShown = definition && !definition.isAnnotation && definition.params.length > 0;
        return isShown ? [{ node, definition, title: node.title || words.title(definition) }] : [];
      }),
    [document.nodes, definitionOf, words],
  );
  const close = () => session.view.setState({ formDialog: false });
  const labelOf = ({ node, param }: ExposedParam) => {
    const found = nodes.find((one) => one.node.id === node);
    const definition = found?.definition.params.find(({ name }) => name === param);
    return found && definition ? words.param(found.definition, definition) : param;
  };
  const edit = (at: number, part: Partial<ExposedParam>) => {
    const next: ExposedParam = { ...entries[at]!, ...part };
    // An empty field means that the usual holds.
    for (const key of ["name", "label", "description", "group"] as const) if (next[key] === "") delete next[key];
    setEntries(entries.with(at, next));
  };
  const toggle = (node: string, param: string) =>
    setEntries(
      entries.some((entry) => isSame(entry, node, param))
        ? entries.filter((entry) => !isSame(entry, node, param))
        : [...entries, { node, param }],
    );
  const twice = namesTwice(entries);
  const groups = [...new Set(entries.flatMap(({ group }) => group ?? []))];
  const [said, say] = useState("");
  const move = (key: string, index: number) => {
    const from = entries.findIndex((entry) => keyOf(entry) === key);
    const entry = entries[from];
    if (!entry) return;
    setEntries(entries.toSpliced(from, 1).toSpliced(index, 0, entry));
    const name = entry.label ?? labelOf(entry);
    say(text("list.moved", { name, place: index + 1, count: entries.length }));
  };
  const reorder = useReorder("y", move, GRIP);
  const save = (exposed: readonly ExposedParam[] | undefined) => {
    session.documents.commit({ label: "form", patches: setExposed(document, exposed), whole: true });
    close();
  };
  return (
    <Dialog title={text("form.dialog")} description={text("form.dialogHelp")} wide="most" onClose={close}>
      <div className={styles.dialog}>
        <section className={styles.chosen} aria-label={text("form.chosen")}>
          <h3>{text("form.chosen")}</h3>
          {entries.length === 0 && <p className={styles.hint}>{text("form.noneChosen")}</p>}
          <p className="visually-hidden" role="status">
            {said}
          </p>
          <ol {...reorder}>
            {entries.map((entry, at) => {
              const label = entry.label ?? labelOf(entry);
              const field = (key: "label" | "group" | "name" | "description", placeholder: string) => {
                const shared = {
                  value: entry[key] ?? "",
                  placeholder,
                  "aria-label": text(`form.${key}Of`, { name: label }),
                  maxLength: key === "description" ? 2_000 : key === "name" ? 100 : 200,
                };
                return (
                  // biome-ignore lint/a11y/noLabelWithoutControl: it is one of two
                  <label className={styles.small}>
                    <span>{text(`form.${key}`)}</span>
                    {key === "group" ? (
                      <SuggestInput {...shared} suggestions={groups} onValueChange={(group) => edit(at, { group })} />
                    ) : (
                      <input
                        {...shared}
                        aria-invalid={(key === "name" && twice.has(apiNameOf(entry))) || undefined}
                        onChange={(event) => edit(at, { [key]: event.target.value })}
                      />
                    )}
                  </label>
                );
              };
              return (
                <li key={keyOf(entry)} data-item={keyOf(entry)} className={styles.entry}>
                  <header>
                    <RowGrip
                      name={label}
                      at={at}
                      count={entries.length}
                      onMove={(index) => move(keyOf(entry), index)}
                    />
                    <strong>{label}</strong>
                    <code>{`${entry.node}.${entry.param}`}</code>
                    <RowTools list={entries} at={at} name={label} onChange={setEntries} />
                  </header>
                  {twice.has(apiNameOf(entry)) && <ProblemLine>{text("form.nameTwice")}</ProblemLine>}
                  <div className={styles.entryFields}>
                    {field("label", labelOf(entry))}
                    {field("group", text("form.noGroup"))}
                    {field("name", `${entry.node}.${entry.param}`)}
                    {field("description", text("form.noHelp"))}
                  </div>
                </li>
              );
            })}
          </ol>
        </section>
        <section className={styles.available} aria-label={text("form.available")}>
          <h3>{text("form.available")}</h3>
          {nodes.length === 0 && <p className={styles.hint}>{text("sweep.nothing")}</p>}
          {nodes.map(({ node, definition, title }) => (
            <Disclosure key={node.id} label={title} isOpen={nodes.length <= 8}>
              {definition.params.map((param) => (
                <label key={param.name} className={styles.choice}>
                  <input
                    type="checkbox"
                    checked={entries.some((entry) => isSame(entry, node.id, param.name))}
                    onChange={() => toggle(node.id, param.name)}
                  />
                  {words.param(definition, param)}
                </label>
              ))}
            </Disclosure>
          ))}
        </section>
      </div>
      <DialogActions>
        {document.exposed && (
          <Button className={styles.reset} onClick={() => save(undefined)}>
            {text("form.reset")}
          </Button>
        )}
        <Button onClick={close}>{text("common.cancel")}</Button>
        <Button tone="primary" disabled={twice.size > 0} onClick={() => save(entries)}>
          {text("form.done")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
