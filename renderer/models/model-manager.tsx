import { useEffect } from "react";
import { useStore } from "zustand";
import { problemLine } from "../i18n/problem-text.ts";
import { useText } from "../i18n/use-text.ts";
import { useHost, useSession } from "../session/context.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { CatalogueView } from "./catalogue-view.tsx";
import { DownloadsView } from "./downloads-view.tsx";
import { FoldersView } from "./folders-view.tsx";
import { LibraryView } from "./library-view.tsx";
import styles from "./models.module.css";
import { type ManagerPage, managerPages, modelsStore, openDownloads } from "./models-store.ts";

/** The models of this machine: what there is, what can be had, what is coming, where it lies. */
export function ModelManager() {
  const { host, view } = useSession();
  const text = useText();
  const store = modelsStore(host);
  const page = useStore(store, (state) => state.page);
  const failure = useStore(store, (state) => state.failure);
  const downloads = useHost((state) => state.downloads);
  const version = useHost((state) => state.modelsVersion);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another version is the reason to ask again
  useEffect(() => {
    if (page === "library") void store.refresh("library");
    if (page === "get") void store.refresh("catalogue");
    if (page === "storage") {
      void Promise.all((["folders", "disks", "derived", "library"] as const).map((part) => store.refresh(part)));
    }
  }, [store, page, version]);
  const open = openDownloads(downloads);
  const labels: Record<ManagerPage, string> = {
    library: text("manager.library"),
    get: text("manager.get"),
    downloads: open > 0 ? text("manager.downloadsOpen", { count: open }) : text("manager.downloads"),
    storage: text("manager.storage"),
  };
  return (
    <Dialog title={text("manager.title")} wide="full" onClose={() => view.setState({ dialog: undefined })}>
      <nav className={styles.pages} aria-label={text("manager.title")}>
        <Segmented
          label={text("manager.pages")}
          value={page}
          options={managerPages.map((value) => ({ value, label: labels[value] }))}
          onChange={(next) => store.setState({ failure: undefined, page: next })}
        />
      </nav>
      {failure && (
        <p className={styles.failure} role="alert">
          {problemLine(text, failure)}
        </p>
      )}
      {page === "library" && <LibraryView />}
      {page === "get" && <CatalogueView />}
      {page === "downloads" && <DownloadsView />}
      {page === "storage" && <FoldersView />}
    </Dialog>
  );
}
