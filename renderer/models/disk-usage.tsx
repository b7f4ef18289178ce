import type { CSSProperties } from "react";
import { useStore } from "zustand";
import type { Disk } from "../../protocol/models.ts";
import { formatBytes } from "../i18n/format.ts";
import { useText } from "../i18n/use-text.ts";
import { useSession } from "../session/context.tsx";
import { bytesOnDisk } from "./filter-models.ts";
import styles from "./models.module.css";
import { modelsStore } from "./models-store.ts";

/** What fills the disks that models lie on, and how much room there still is. */
export function DiskUsage() {
  const { host } = useSession();
  const text = useText();
  const disks = useStore(modelsStore(host), (state) => state.disks);
  if (!disks || disks.length === 0) return null;
  return (
    <section className={styles.group} aria-label={text("manager.disk")}>
      <h3>{text("manager.disk")}</h3>
      {disks.map((disk) => (
        <DiskBar key={disk.folders[0] ?? ""} disk={disk} isOnly={disks.length === 1} />
      ))}
    </section>
  );
}

function DiskBar({ disk: { folders, hasDerived, totalBytes, freeBytes }, isOnly }: { disk: Disk; isOnly: boolean }) {
  const { host } = useSession();
  const text = useText();
  const store = modelsStore(host);
  const library = useStore(store, (state) => state.library);
  const derived = useStore(store, (state) => state.derived);
  const models = bytesOnDisk(library?.filter(({ source, builtIn }) => !builtIn && folders.includes(source)) ?? []);
  const made = hasDerived ? (derived?.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) ?? 0) : 0;
  const parts = [
    { name: "models", bytes: models, label: text("manager.diskModels") },
    { name: "derived", bytes: made, label: text("manager.derived") },
    { name: "other", bytes: Math.max(0, totalBytes - freeBytes - models - made), label: text("manager.diskOther") },
  ].filter(({ name, bytes }) => bytes > 0 || name === "models");
  return (
    <div className={styles.disk}>
      {!isOnly && <p className={styles.path}>{folders.join(", ") || text("manager.derived")}</p>}
      <p>
        <strong>{text("manager.diskFree", { size: formatBytes(freeBytes) })}</strong>{" "}
        <span className={styles.quiet}>{text("manager.diskOf", { size: formatBytes(totalBytes) })}</span>
      </p>
      <div className={styles.diskBar} aria-hidden="true">
        {parts
          .filter(({ bytes }) => bytes > 0)
          .map(({ name, bytes }) => (
            <span key={name} data-part={name} style={{ "--share": bytes / totalBytes } as CSSProperties} />
          ))}
      </div>
      <ul className={styles.diskParts}>
        {parts.map(({ name, bytes, label }) => (
          <li key={name}>
            <span data-part={name} aria-hidden="true" />
            {label} <span className={styles.amount}>{formatBytes(bytes)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
