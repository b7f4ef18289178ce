import { Check, Copy, LoaderCircle, ShieldCheck, TriangleAlert } from "lucide-react";
import { useState } from "react";
import type { ModelDetails } from "../../protocol/models.ts";
import { formatBytes, formatTime } from "../i18n/format.ts";
import { problemText } from "../i18n/problem-text.ts";
import { modelName, saidText } from "../i18n/said-text.ts";
import { useText } from "../i18n/use-text.ts";
import { copyText } from "../session/actions.ts";
import { useSession } from "../session/context.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { ModelPlansSection } from "./model-plans.tsx";
import styles from "./models.module.css";
import { modelsStore } from "./models-store.ts";

/** Kinds that have parts whose precision can be chosen. */
const plannedKinds: ReadonlySet<string> = new Set(["checkpoint", "diffusionModel", "textEncoder", "vae"]);

/** Everything that is known of one model. */
export function ModelPanel({ model }: { model: ModelDetails }) {
  const session = useSession();
  const text = useText();
  const store = modelsStore(session.host);
  const [work, setWork] = useState<"hash" | "verify">();
  const [verified, setVerified] = useState<"matches" | "differs" | "unknown">();
  const { kind, name, origin } = model;
  const isFile = /\.\w+$/.test(model.path);
  const compute = async (what: "hash" | "verify") => {
    setWork(what);
    await store.attempt(async () => {
      if (what === "hash") await session.host.rpc.models.hash({ kind, name });
      else setVerified((await session.host.rpc.models.verify({ kind, name })).result);
    });
    setWork(undefined);
    if (store.getState().failure === undefined) await store.refresh("library");
  };
  const facts: [string, string | null][] = [
    [text("manager.factName"), model.name],
    [text("manager.factFamily"), model.family && saidText(model.family)],
    [text("manager.factVariant"), model.variant && text(`variants.${model.variant}`)],
    [text("manager.factPrecision"), model.precision && saidText(model.precision)],
    [text("manager.factParameters"), model.parameters ? countOf(model.parameters) : null],
    [text("manager.factSize"), formatBytes(model.sizeBytes)],
    [text("manager.factUsed"), model.lastUsed ? dateOf(model.lastUsed) : text("manager.never")],
    [text("manager.factFolder"), model.builtIn ? text("manager.builtIn") : model.source],
    [text("manager.factOrigin"), origin.repository ?? origin.url],
    [text("manager.factLicence"), origin.licence],
  ];
  return (
    <aside className={styles.panel} aria-label={modelName(text, model)}>
      {model.preview && (
        <img className={styles.preview} src={session.host.imageUrl(model.preview, { thumbnail: 640 })} alt="" />
      )}
      <h3>{modelName(text, model)}</h3>
      {model.problem && (
        <p className={styles.warning}>
          <TriangleAlert size={14} />
          {problemText(text, model.problem).message}
        </p>
      )}
      {model.pending && <p className={styles.quiet}>{text("manager.reading")}</p>}
      {model.triggerWords.length > 0 && (
        <section>
          <h4>{text("manager.triggerWords")}</h4>
          <ul className={styles.words}>
            {model.triggerWords.map((word) => (
              <li key={word}>
                <button
                  type="button"
                  title={text("manager.copyWord")}
                  onClick={() => void copyText(session, word, text("manager.wordCopied", { word }))}
                >
                  {word}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <dl className={styles.facts}>
        {facts.map(([label, value]) =>
          value ? (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ) : null,
        )}
        {isFile && (
          <div>
            <dt>SHA-256</dt>
            <dd className={styles.hash}>
              {model.sha256 ? (
                <>
                  <code>{model.sha256}</code>
                  <IconButton
                    label={text("manager.copyHash")}
                    onClick={() => void copyText(session, model.sha256 ?? "", text("manager.hashCopied"))}
                  >
                    <Copy size={14} />
                  </IconButton>
                </>
              ) : (
                <Button disabled={work !== undefined} onClick={() => void compute("hash")}>
                  {work === "hash" && <LoaderCircle size={14} className={styles.spin} />}
                  {text("manager.computeHash")}
                </Button>
              )}
            </dd>
          </div>
        )}
      </dl>
      {plannedKinds.has(kind) && !model.problem && <ModelPlansSection model={model} />}
      {isFile && !model.builtIn && (
        <div className={styles.panelActions}>
          <Button disabled={work !== undefined} onClick={() => void compute("verify")}>
            {work === "verify" ? <LoaderCircle size={14} className={styles.spin} /> : <ShieldCheck size={14} />}
            {text("manager.verify")}
          </Button>
          {verified && (
            <span className={styles.verdict} data-result={verified} role="status">
              {verified === "matches" && <Check size={14} />}
              {text(`manager.verified_${verified}`)}
            </span>
          )}
        </div>
      )}
    </aside>
  );
}

function countOf(count: number): string {
  return count >= 1e9 ? `${(count / 1e9).toFixed(1)} B` : `${(count / 1e6).toFixed(count >= 1e8 ? 0 : 1)} M`;
}

function dateOf(iso: string): string {
  return formatTime(new Date(iso), { dateStyle: "medium", timeStyle: "short" });
}
