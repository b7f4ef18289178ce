import { FolderOpen, FolderPlus, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useStore } from "zustand";
import type { ModelDetails } from "../../protocol/models.ts";
import { FolderDialog } from "../folders/folder-dialog.tsx";
import { formatBytes } from "../i18n/format.ts";
import { problemText } from "../i18n/problem-text.ts";
import { type Text, useText } from "../i18n/use-text.ts";
import { useHost, useSession } from "../session/context.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { DiskUsage } from "./disk-usage.tsx";
import { bytesOnDisk } from "./filter-models.ts";
import { Loading } from "./library-view.tsx";
import styles from "./models.module.css";
import { modelsStore } from "./models-store.ts";

/** Where models lie, and what Heddle made of them on the disk. */
export function FoldersView() {
  const { host } = useSession();
  const text = useText();
  const store = modelsStore(host);
  const folders = useStore(store, (state) => state.folders);
  const library = useStore(store, (state) => state.library);
  const listsFolders = useHost(({ info }) => info?.listsFolders === true);
  const [path, setPath] = useState("");
  const [isChoosing, setChoosing] = useState(false);
  if (!folders) return <Loading />;
  // What lies in the folders comes anew with the version of the models.
  const again = () => Promise.all([store.refresh("folders"), store.refresh("disks")]);
  const add = async (folder: string) => {
    if (!(await store.attempt(() => host.rpc.models.folders.add({ path: folder })))) return;
    setPath("");
    await again();
  };
  /** With the system's own dialog, or with ours where a browser has none. */
  const browse = async () => {
    if (!host.chooseFolder) return setChoosing(true);
    let chosen: string | undefined;
    await store.attempt(async () => {
      chosen = await host.chooseFolder?.();
    });
    if (chosen !== undefined) await add(chosen);
  };
  const remove = async (folder: string) => {
    await store.attempt(() => host.rpc.models.folders.remove({ path: folder }));
    await again();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void add(path.trim());
  };
  return (
    <div className={`${styles.scroll} ${styles.storage}`}>
      <section className={styles.group} aria-label={text("manager.folders")}>
        <h3>{text("manager.folders")}</h3>
        <p className={styles.quiet}>{text("manager.foldersHelp")}</p>
        <form className={styles.bar} onSubmit={onSubmit}>
          <input
            className={styles.search}
            placeholder={text("manager.folderPlaceholder")}
            aria-label={text("manager.folderPlaceholder")}
            value={path}
            onChange={(event) => setPath(event.target.value)}
          />
          <Button type="submit" disabled={path.trim() === ""}>
            <FolderPlus size={14} />
            {text("manager.addFolder")}
          </Button>
          {(host.chooseFolder || listsFolders) && (
            <Button onClick={() => void browse()}>
              <FolderOpen size={14} />
              {text("manager.browseFolder")}
            </Button>
          )}
        </form>
        {isChoosing && (
          <FolderDialog
            start={path}
            onChoose={(folder) => {
              setChoosing(false);
              void add(folder);
            }}
            onClose={() => setChoosing(false)}
          />
        )}
        <ul className={styles.cards}>
          {folders.map((folder, index) => (
            <li key={folder.path} className={styles.card}>
              <div className={styles.cardText}>
                <strong className={styles.path}>{folder.path}</strong>
                <small>
                  {[
                    text(index === 0 ? "manager.mainFolder" : `manager.program_${folder.program}`),
                    library && heldText(text, library, folder.path),
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </small>
                {folder.problem && (
                  <small className={styles.problem}>{problemText(text, folder.problem).message}</small>
                )}
              </div>
              {!folder.fixed && (
                <IconButton
                  label={text("manager.removeFolder", { path: folder.path })}
                  onClick={() => void remove(folder.path)}
                >
                  <Trash2 size={16} />
                </IconButton>
              )}
            </li>
          ))}
        </ul>
      </section>
      <div>
        <DiskUsage />
        <Derived />
      </div>
    </div>
  );
}

/** How many models a folder holds, and how large they are together. */
function heldText(text: Text, library: readonly ModelDetails[], folder: string): string {
  const held = library.filter(({ source, builtIn }) => source === folder && !builtIn);
  if (held.length === 0) return text("manager.noneInFolder");
  return text("manager.count", { count: held.length, size: formatBytes(bytesOnDisk(held)) });
}

/** Faster forms of models that Heddle made: removed, they are made again when they are needed. */
function Derived() {
  const { host } = useSession();
  const text = useText();
  const store = modelsStore(host);
  const derived = useStore(store, (state) => state.derived) ?? [];
  const total = derived.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const remove = async (ids: string[]) => {
    await store.attempt(() => host.rpc.models.derived.remove({ ids }));
    await Promise.all([store.refresh("derived"), store.refresh("disks")]);
  };
  return (
    <section className={styles.group} aria-label={text("manager.derived")}>
      <h3>{text("manager.derived")}</h3>
      <p className={styles.quiet}>
        {text(derived.length === 0 ? "manager.derivedNone" : "manager.derivedHelp", { size: formatBytes(total) })}
      </p>
      <ul className={styles.cards}>
        {derived.map(({ id, model, plan, sizeBytes, isStale }) => (
          <li key={id} className={styles.card}>
            <div className={styles.cardText}>
              <strong>{model}</strong>
              <small>{[plan, formatBytes(sizeBytes)].filter(Boolean).join(" · ")}</small>
              {isStale && <small className={styles.problem}>{text("manager.derivedStale")}</small>}
            </div>
            <IconButton label={text("manager.removeDerived", { name: model, plan })} onClick={() => void remove([id])}>
              <Trash2 size={16} />
            </IconButton>
          </li>
        ))}
      </ul>
      {derived.length > 1 && (
        <Button onClick={() => void remove(derived.map(({ id }) => id))}>
          {text("manager.removeAllDerived", { size: formatBytes(total) })}
        </Button>
      )}
    </section>
  );
}
