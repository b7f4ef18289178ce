import { Check, CircleAlert, Download, FolderSearch, LoaderCircle } from "lucide-react";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import type { FoundModel } from "../../protocol/models.ts";
import { formatBytes } from "../i18n/format.ts";
import { problemLine, problemText } from "../i18n/problem-text.ts";
import { modelName } from "../i18n/said-text.ts";
import { useText } from "../i18n/use-text.ts";
import { useHost, useSession, useView } from "../session/context.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { Select } from "../ui/select.tsx";
import { fetchOffered, lookForModels, takeInstead } from "./missing-actions.ts";
import styles from "./models.module.css";
import { modelsStore } from "./models-store.ts";

/** Needed by text encoders without being named by any node. */
const TOKENIZER = "tokenizer.json";

/** What a workflow names that is not here: found elsewhere, to be had, or to be replaced. Nothing happens by itself. */
export function MissingModels() {
  const session = useSession();
  const text = useText();
  const store = modelsStore(session.host);
  const missing = useStore(store, (state) => state.missing);
  const failure = useStore(store, (state) => state.failure);
  const isBehind = useView((state) => state.importReport !== undefined || state.dialog !== undefined);
  const version = useHost((state) => state.modelsVersion);
  const [isSearching, setSearching] = useState(false);
  const isMine = missing?.tab === session.id;
  // What was fetched or added meanwhile is not missing any more.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another version is the reason to look again
  useEffect(() => {
    if (isMine && !isBehind) void lookForModels(session, { always: true });
  }, [session, version, isMine, isBehind]);
  if (!missing || !isMine || isBehind) return null;
  const { found } = missing;
  const close = () => store.setState({ missing: undefined, failure: undefined });
  const matched = found.filter(({ matches }) => matches.some(({ by }) => by === "content"));
  const offered = found.filter(({ offer, matches }) => offer && matches.length === 0);
  const size = offered.reduce((sum, { offer }) => sum + (offer?.sizeBytes ?? 0), 0);
  const unsearched = found.reduce((sum, { unsearchedBytes }) => Math.max(sum, unsearchedBytes), 0);
  const search = async () => {
    setSearching(true);
    await lookForModels(session, { deep: true, always: true });
    setSearching(false);
  };
  if (found.length === 0) {
    return (
      <Dialog title={text("missing.title")} onClose={close}>
        <p className={styles.allHere}>
          <Check size={16} />
          {text("missing.allHere")}
        </p>
        <DialogActions>
          <Button tone="primary" onClick={close}>
            {text("missing.show")}
          </Button>
        </DialogActions>
      </Dialog>
    );
  }
  return (
    <Dialog
      title={text("missing.title")}
      description={text("missing.help", { count: found.length })}
      wide
      onClose={close}
    >
      {failure && (
        <p className={styles.failure} role="alert">
          {problemLine(text, failure)}
        </p>
      )}
      <ul className={`${styles.cards} ${styles.missing}`}>
        {found.map((model) => (
          <MissingModel key={`${model.kind} ${model.name}`} model={model} />
        ))}
      </ul>
      {unsearched > 0 && (
        <Button tone="quiet" disabled={isSearching} onClick={() => void search()}>
          {isSearching ? <LoaderCircle size={14} className={styles.spin} /> : <FolderSearch size={14} />}
          {text("missing.searchContent", { size: formatBytes(unsearched) })}
        </Button>
      )}
      <DialogActions>
        <Button onClick={close}>{text("missing.openAnyway")}</Button>
        {matched.length > 1 && (
          <Button
            tone="primary"
            onClick={() => {
              for (const model of matched) {
                const match = model.matches.find(({ by }) => by === "content");
                if (match) takeInstead(session, model, match.name);
              }
            }}
          >
            {text("missing.takeAll")}
          </Button>
        )}
        {offered.length > 1 && (
          <Button tone="primary" onClick={() => void fetchOffered(session, offered)}>
            <Download size={14} />
            {text("missing.fetchAll", { count: offered.length, size: formatBytes(size) })}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}

function MissingModel({ model }: { model: FoundModel }) {
  const session = useSession();
  const text = useText();
  const { kind, name, matches, elsewhere, offer } = model;
  const store = modelsStore(session.host);
  const canBeReplaced = name !== TOKENIZER;
  const choices = useHost((state) => state.models)?.filter((one) => one.kind === kind) ?? [];
  const fileName = offer?.fileName ?? name.split(/[\\/]/).at(-1) ?? name;
  const coming = useHost((state) =>
    state.downloads?.downloads.find((one) => one.state !== "done" && one.name.endsWith(`/${fileName}`)),
  );
  const percent = coming?.sizeBytes ? Math.floor((coming.bytes / coming.sizeBytes) * 100) : 0;
  const place = offer?.source.repository ?? (offer?.source.url ? URL.parse(offer.source.url)?.host : undefined);
  return (
    <li className={styles.card} aria-label={name}>
      <CircleAlert size={16} className={styles.missingIcon} />
      <div className={styles.cardText}>
        <strong>{name}</strong>
        <small>{text(`kinds.${kind}`)}</small>
        {elsewhere.map(({ folder, program }) => (
          <p key={folder} className={styles.match}>
            <span className={styles.matchText}>
              {text(program === "forge" ? "missing.inForge" : "missing.inComfy", { folder })}
            </span>
            <Button
              tone="primary"
              aria-label={text("missing.addFolderNamed", { folder })}
              onClick={() => void store.attempt(() => session.host.rpc.models.folders.add({ path: folder }))}
            >
              {text("missing.addFolder")}
            </Button>
          </p>
        ))}
        {matches.length === 0 && elsewhere.length === 0 && !offer && <small>{text("missing.nowhere")}</small>}
        {matches.map((match) => (
          <p key={match.name} className={styles.match}>
            <span className={styles.matchText}>
              {text(match.by === "content" ? "missing.sameContent" : "missing.sameName", {
                name: match.name,
                folder: match.source,
              })}
            </span>
            <Button
              tone={match.by === "content" ? "primary" : "plain"}
              aria-label={text("missing.takeNamed", { name: match.name, missing: name })}
              onClick={() => takeInstead(session, model, match.name)}
            >
              {text("missing.take")}
            </Button>
          </p>
        ))}
        {offer && (
          <p className={styles.match}>
            <span className={styles.matchText}>
              {text("missing.canBeHad", { place: place ?? "?" })}
              {" · "}
              {offer.sizeBytes === null ? text("manager.unknownSize") : formatBytes(offer.sizeBytes)}
              {" · "}
              {offer.licence ?? text("missing.unknownLicence")}
            </span>
            {coming ? (
              <span role="status">
                {text(`manager.state_${coming.state}`)} {percent} %
              </span>
            ) : (
              <Button
                aria-label={text("missing.fetchNamed", { name: fileName })}
                onClick={() => void fetchOffered(session, [model])}
              >
                <Download size={14} />
                {text("manager.downloadPlain")}
              </Button>
            )}
          </p>
        )}
        {coming?.error && <small className={styles.problem}>{problemText(text, coming.error).message}</small>}
        {canBeReplaced && (
          <label className={styles.instead}>
            {text("missing.instead")}
            <Select
              className={styles.insteadSelect}
              value=""
              onChange={(event) => event.target.value && takeInstead(session, model, event.target.value)}
            >
              <option value="" hidden={choices.length > 0}>
                {text(choices.length > 0 ? "missing.chooseOther" : "missing.noOther")}
              </option>
              {choices.map((choice) => (
                <option key={choice.name} value={choice.name}>
                  {modelName(text, choice)}
                </option>
              ))}
            </Select>
          </label>
        )}
      </div>
    </li>
  );
}
