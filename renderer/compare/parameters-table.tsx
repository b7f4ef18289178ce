import { memo, useEffect, useMemo, useState } from "react";
import type { WorkflowDocument } from "../../graph/document.ts";
import type { ImageReference } from "../../graph/events.ts";
import { nameOfPicture } from "../gallery/picture-name.ts";
import { readPictureWorkflow } from "../gallery/picture-workflow.ts";
import { useDefinitionText, useText } from "../i18n/use-text.ts";
import { useSession } from "../session/context.tsx";
import styles from "./compare.module.css";
import { type DifferenceRow, differenceRows } from "./parameter-differences.ts";
import type { PictureCaption } from "./picture-captions.ts";

/**
 * What some pictures were made with differently, as a table with a column for each. Drawn only when they change: their view is
 * moved beside it with every frame.
 */
export const ParametersTable = memo(function ParametersTable({
  pictures,
  captions,
}: {
  pictures: readonly ImageReference[];
  captions: readonly PictureCaption[];
}) {
  const session = useSession();
  const text = useText();
  const [documents, setDocuments] = useState<readonly (WorkflowDocument | undefined)[]>();
  const hashes = pictures.map(({ hash }) => hash).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a list of the same pictures is read already
  useEffect(() => {
    let current = true;
    setDocuments(undefined);
    void Promise.all(pictures.map((picture) => readPictureWorkflow(session, picture).catch(() => undefined))).then(
      (read) => current && setDocuments(read),
    );
    return () => {
      current = false;
    };
  }, [session, hashes]);
  const lines = useMemo(
    () => differenceRows(documents?.flatMap((document) => document ?? []) ?? [], session.definitionOf),
    [documents, session],
  );
  if (!documents || documents.length !== pictures.length) {
    return <p className={styles.message}>{text("compare.reading")}</p>;
  }
  const silent = pictures.find((_, at) => !documents[at]);
  if (silent) return <p className={styles.message}>{text("compare.noWorkflow", { name: nameOfPicture(silent) })}</p>;
  // Pictures of one batch have seeds of their own, which no node tells.
  const isTold =
    new Set(pictures.map(({ seed }) => seed)).size === 1 || lines.some(({ param }) => param?.kind === "seed");
  if (isTold && lines.length === 0) {
    return <p className={styles.message}>{text(pictures.length === 2 ? "compare.same" : "compare.allSame")}</p>;
  }
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{text("compare.setting")}</th>
          {captions.map(({ letter, name }) => (
            <th key={letter} scope="col" title={name}>
              <span className={styles.letter}>{letter}</span> {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {!isTold && (
          <tr>
            <td className={styles.setting}>{text("gallery.seed")}</td>
            <Values values={pictures.map(({ seed }) => seed)} />
          </tr>
        )}
        {lines.map((line) => (
          <tr key={`${line.nodeId} ${line.field}`}>
            <td className={styles.setting}>
              <SettingName line={line} />
            </td>
            <Values values={line.values} />
          </tr>
        ))}
      </tbody>
    </table>
  );
});

function SettingName({ line: { node, param, field } }: { line: DifferenceRow }) {
  const words = useDefinitionText();
  const { definition, title, within } = node;
  const nodeName = [...within, title || (definition ? words.title(definition) : field)].join(" › ");
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
      {name !== "" && name !== nodeName && <small>{nodeName}</small>}
    </>
  );
}

/** A cell for each; those that are as in the first picture step back. */
function Values({ values }: { values: readonly (string | undefined)[] }) {
  const text = useText();
  return values.map((value, at) => {
    const isAlike = at > 0 && values.length > 2 && value === values[0];
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: columns never change their places
      <td key={at} className={value === undefined ? styles.absent : isAlike ? styles.alike : undefined}>
        {value ?? text("compare.absent")}
      </td>
    );
  });
}
