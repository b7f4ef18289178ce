import { useState } from "react";
import { portTypes } from "../../graph/definition.ts";
import type { Subgraph, SubgraphParam, SubgraphPort } from "../../graph/document.ts";
import { SocketShape } from "../canvas/socket-shape.tsx";
import { freshId } from "../document/ids.ts";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import { useDocument, useSession, useView } from "../session/context.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { Disclosure } from "../ui/disclosure.tsx";
import { RowTools } from "./row-tools.tsx";
import styles from "./subgraph.module.css";
import { changeSubgraph } from "./subgraph-actions.ts";

/** What of a subgraph is seen from outside: its name, its sockets, and the parameters that each use sets for itself. */
export function SubgraphDialog() {
  const id = useView((state) => state.subgraphDialog);
  const subgraph = useDocument((state) => state.document.subgraphs?.find((candidate) => candidate.id === id));
  return subgraph ? <Open key={subgraph.id} subgraph={subgraph} /> : null;
}

function Open({ subgraph }: { subgraph: Subgraph }) {
  const session = useSession();
  const text = useText();
  const [title, setTitle] = useState(subgraph.title);
  const [description, setDescription] = useState(subgraph.description ?? "");
  const [inputs, setInputs] = useState<readonly SubgraphPort[]>(subgraph.inputs);
  const [outputs, setOutputs] = useState<readonly SubgraphPort[]>(subgraph.outputs);
  const [params, setParams] = useState<readonly SubgraphParam[]>(subgraph.params);
  const close = () => session.view.setState({ subgraphDialog: undefined });
  const save = () => {
    const words = description.trim();
    changeSubgraph(session, subgraph.id, {
      title: title.trim() || text("subgraph.untitled"),
      ...(words || subgraph.description !== undefined ? { description: words } : {}),
      inputs: [...inputs],
      outputs: [...outputs],
      params: [...params],
    });
    close();
  };
  return (
    <Dialog title={text("subgraph.dialog")} wide onClose={close}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <div className={styles.body}>
          <label className={styles.line}>
            <span>{text("subgraph.name")}</span>
            <input
              className={styles.input}
              value={title}
              maxLength={500}
              onChange={(event) => setTitle(event.target.value)}
            />
          </label>
          <label className={styles.line}>
            <span>{text("subgraph.description")}</span>
            <input
              className={styles.input}
              value={description}
              maxLength={20_000}
              onChange={(event) => setDescription(event.target.value)}
            />
          </label>
          <div className={styles.columns}>
            <Ports title={text("subgraph.inputs")} ports={inputs} onChange={setInputs} />
            <Ports title={text("subgraph.outputs")} ports={outputs} onChange={setOutputs} />
          </div>
          <Params subgraph={subgraph} inputs={inputs} params={params} onChange={setParams} />
        </div>
        <DialogActions>
          <Button onClick={close}>{text("common.cancel")}</Button>
          <Button tone="primary" type="submit">
            {text("subgraph.done")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function Ports({
  title,
  ports,
  onChange,
}: {
  title: string;
  ports: readonly SubgraphPort[];
  onChange: (ports: readonly SubgraphPort[]) => void;
}) {
  const text = useText();
  // As they were when the dialog opened: the name of a field does not change while one types into it.
  const [names] = useState(() => new Map(ports.map(({ name, label }) => [name, label ?? name])));
  return (
    <fieldset className={styles.group}>
      <legend>{title}</legend>
      {ports.length === 0 && <p className={styles.none}>{text("subgraph.noSockets")}</p>}
      <ul>
        {ports.map((port, at) => {
          const type = portTypes.find((candidate) => candidate === port.type) ?? "any";
          return (
            <li key={port.name} className={styles.row}>
              <span style={{ color: `var(--port-${type})` }}>
                <SocketShape type={type} />
              </span>
              <input
                className={styles.input}
                aria-label={text("subgraph.socketName", { name: names.get(port.name) ?? port.name })}
                value={port.label ?? port.name}
                maxLength={500}
                onChange={(event) => onChange(ports.with(at, { ...port, label: event.target.value }))}
              />
              <RowTools list={ports} at={at} name={port.label ?? port.name} onChange={onChange} />
            </li>
          );
        })}
      </ul>
    </fieldset>
  );
}

function Params({
  subgraph,
  inputs,
  params,
  onChange,
}: {
  subgraph: Subgraph;
  inputs: readonly SubgraphPort[];
  params: readonly SubgraphParam[];
  onChange: (params: readonly SubgraphParam[]) => void;
}) {
  const text = useText();
  const words = useDefinitionText();
  const definitionOf = useDocument((state) => state.definitionOf);
  const nodes = subgraph.nodes.flatMap((node) => {
    const definition = definitionOf(node.type);
    return definition && !definition.isAnnotation && definition.params.length > 0 ? [{ node, definition }] : [];
  });
  const isShown = (node: string, param: string) => params.some((own) => own.node === node && own.param === param);
  const toggle = (node: string, param: string) => {
    if (isShown(node, param)) onChange(params.filter((own) => own.node !== node || own.param !== param));
    else {
      const taken = new Set([...params, ...inputs].map(({ name }) => name));
      onChange([...params, { name: freshId(param, taken), node, param }]);
    }
  };
  const foundOf = (own: SubgraphParam) => nodes.find(({ node }) => node.id === own.node);
  const usualLabelOf = (own: SubgraphParam) => {
    const found = foundOf(own);
    const definition = found?.definition.params.find(({ name }) => name === own.param);
    return found && definition ? words.param(found.definition, definition) : own.param;
  };
  const labelOf = (own: SubgraphParam) => own.label ?? usualLabelOf(own);
  /** With the node that it is of; the name of a field does not change while one types into it. */
  const placeOf = (own: SubgraphParam) => {
    const found = foundOf(own);
    return `${found ? found.node.title || words.title(found.definition) : own.node} ${usualLabelOf(own)}`;
  };
  return (
    <fieldset className={styles.group}>
      <legend>{text("subgraph.params")}</legend>
      {params.length > 0 && (
        <ul>
          {params.map((param, at) => (
            <li key={param.name} className={styles.row}>
              <input
                className={styles.input}
                aria-label={text("subgraph.paramName", { name: placeOf(param) })}
                value={labelOf(param)}
                maxLength={500}
                onChange={(event) => onChange(params.with(at, { ...param, label: event.target.value }))}
              />
              <RowTools list={params} at={at} name={labelOf(param)} onChange={onChange} />
            </li>
          ))}
        </ul>
      )}
      <div className={styles.choices}>
        {nodes.map(({ node, definition }) => (
          <Disclosure key={node.id} label={node.title || words.title(definition)} isOpen={nodes.length <= 4}>
            <div className={styles.ticks}>
              {definition.params.map((param) => (
                <label key={param.name} className={styles.choice}>
                  <input
                    type="checkbox"
                    checked={isShown(node.id, param.name)}
                    onChange={() => toggle(node.id, param.name)}
                  />
                  {words.param(definition, param)}
                </label>
              ))}
            </div>
          </Disclosure>
        ))}
      </div>
    </fieldset>
  );
}
