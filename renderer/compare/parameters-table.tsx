import { useEffect, useState } from "react";
import type { WorkflowDocument } from "../../graph/document.ts";
import type { ImageReference } from "../../graph/events.ts";
import { nameOfPicture } from "../gallery/picture-name.ts";
import { readPictureWorkflow } from "../gallery/picture-workflow.ts";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import { useSession } from "../session/context.tsx";
import styles from "./compare.module.css";
import { type Difference, parameterDifferences } from "./parameter-differences.ts";

/** What two pictures were made with differently, as a table. */
export function ParametersTable({ first, second }: { first: ImageReference; second: ImageReference }) {
  const session = useSession();
  const text = useText();
  const [documents, setDocuments] = useState<readonly (WorkflowDocument | undefined)[]>();
  useEffect(() => {
    let current = true;
    setDocuments(undefined);
    void Promise.all(
      [first, second].map((picture) => readPictureWorkflow(session, picture).catch(() => undefined)),
    ).then((read) => current && setDocuments(read));
    return () => {
      current = false;
    };
  }, [session, first, second]);
  if (!documents) return <p className={styles.message}>{text("compare.reading")}</p>;
  const [a, b] = documents;
  if (!a || !b) {
    return <p className={styles.message}>{text("compare.noWorkflow", { name: nameOfPicture(a ? second : first) })}</p>;
  }
  const lines = parameterDifferences(a, b, session.definitionOf);
  // Pictures of one batch have seeds of their own, which no node tells.
  const isTold = first.seed === second.seed || lines.some(({ param }) => param?.kind === "seed");
  const seeds = isTold ? [] : [[first.seed, second.seed] as const];
  if (lines.length + seeds.length === 0) return <p className={styles.message}>{text("compare.same")}</p>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{text("compare.setting")}</th>
          <th scope="col">{text("compare.first")}</th>
          <th scope="col">{text("compare.second")}</th>
        </tr>
      </thead>
      <tbody>
        {seeds.map(([one, other]) => (
          <tr key="seed">
            <td className={styles.setting}>{text("gallery.seed")}</td>
            <Value value={one} />
            <Value value={other} />
          </tr>
        ))}
        {lines.map((line) => (
          <tr key={`${line.nodeId} ${line.field}`}>
            <td className={styles.setting}>
              <SettingName line={line} />
            </td>
            <Value value={line.first} />
            <Value value={line.second} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SettingName({ line: { node, param, field } }: { line: Difference }) {
  const words = useDefinitionText();
  const { definition, title } = node;
  const nodeName = title || (definition ? words.title(definition) : field);
  const port = definition?.inputs.find(({ name }) => name === field);
  const name =
    definition && param
      ? words.param(definition, param)
      : definition && port
        ? words.port(definition, "inputs", port)
        : field;
  return (
    <>
      {name || nodeName}
      {name !== "" && <small>{nodeName}</small>}
    </>
  );
}

function Value({ value }: { value: string | undefined }) {
  const text = useText();
  return value === undefined ? <td className={styles.absent}>{text("compare.absent")}</td> : <td>{value}</td>;
}
