import { Check, CirclePause, Download as DownloadIcon, Pause, Play, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { Download } from "../../protocol/models.ts";
import { formatBytes, formatEstimate } from "../i18n/format.ts";
import { problemLine } from "../i18n/problem-text.ts";
import { useText } from "../i18n/use-text.ts";
import { useHost, useSession } from "../session/context.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import styles from "./models.module.css";
import { modelsStore } from "./models-store.ts";

/** What is coming, with pause and resume, and how fast it may come. */
export function DownloadsView() {
  const text = useText();
  const downloads = useHost((state) => state.downloads);
  const list = downloads?.downloads ?? [];
  return (
    <div className={styles.scroll}>
      <DownloadSettings />
      {list.length === 0 ? (
        <div className={styles.none}>
          <DownloadIcon size={24} />
          <p>{text("manager.noDownloads")}</p>
        </div>
      ) : (
        <ul className={styles.cards} aria-label={text("manager.downloads")}>
          {list.map((download) => (
            <DownloadCard key={download.id} download={download} />
          ))}
        </ul>
      )}
    </div>
  );
}

function DownloadCard({ download }: { download: Download }) {
  const { host } = useSession();
  const text = useText();
  const { downloads } = host.rpc.models;
  const { attempt } = modelsStore(host);
  const { id, state, bytes, sizeBytes, bytesPerSecond, error } = download;
  const name = download.name.split("/").at(-1) ?? download.name;
  const percent = sizeBytes ? Math.min(100, Math.floor((bytes / sizeBytes) * 100)) : undefined;
  const isActive = ["waiting", "checking", "downloading", "verifying"].includes(state);
  const left = sizeBytes && bytesPerSecond > 0 ? ((sizeBytes - bytes) / bytesPerSecond) * 1000 : undefined;
  const failure = error && problemLine(text, error);
  return (
    <li className={styles.download} data-state={state} aria-label={name}>
      <div className={styles.downloadHead}>
        <div className={styles.cardText}>
          <strong>{name}</strong>
          <small>
            {[
              text(`kinds.${download.kind}`),
              download.origin.repository ?? hostOf(download.origin.url),
              download.origin.licence,
            ]
              .filter(Boolean)
              .join(" · ")}
          </small>
        </div>
        {isActive && state !== "verifying" && (
          <IconButton
            label={text("manager.pause", { name })}
            onClick={() => void attempt(() => downloads.pause({ id }))}
          >
            <Pause size={16} />
          </IconButton>
        )}
        {(state === "paused" || state === "failed") && (
          <Button
            onClick={() => void attempt(() => downloads.resume({ id }))}
            aria-label={text("manager.resumeNamed", { name })}
          >
            <Play size={14} />
            {text("manager.resume")}
          </Button>
        )}
        <IconButton
          label={text(state === "done" ? "manager.forget" : "manager.cancel", { name })}
          onClick={() => void attempt(() => downloads.cancel({ id }))}
        >
          <X size={16} />
        </IconButton>
      </div>
      {state !== "done" && (
        <div
          className={styles.meter}
          role="progressbar"
          aria-label={text("manager.progressOf", { name })}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={percent}
        >
          <span style={{ width: `${percent ?? 0}%` }} />
        </div>
      )}
      <p className={styles.downloadState}>
        {state === "done" && <Check size={14} />}
        {state === "paused" && <CirclePause size={14} />}
        <span>
          {text(`manager.state_${state}`)}
          {state !== "done" && sizeBytes !== null && ` · ${formatBytes(bytes)} / ${formatBytes(sizeBytes)}`}
          {state === "downloading" && bytesPerSecond > 0 && ` · ${formatBytes(bytesPerSecond)}/s`}
          {state === "downloading" &&
            left !== undefined &&
            ` · ${text("manager.left", { duration: formatEstimate(left) })}`}
          {state === "downloading" && download.waitingUntil && ` · ${text("manager.patience")}`}
        </span>
      </p>
      {failure && (
        <p className={styles.failure} role="alert">
          {failure}
        </p>
      )}
    </li>
  );
}

function hostOf(url: string | null): string | null {
  return url === null ? null : (URL.parse(url)?.host ?? url);
}

const MEGABYTE = 1_000_000;

function DownloadSettings() {
  const { host } = useSession();
  const text = useText();
  const store = modelsStore(host);
  const limit = useHost((state) => state.downloads?.bandwidthLimit ?? null);
  const hasToken = useHost((state) => state.downloads?.hasToken ?? false);
  const [token, setToken] = useState("");
  const saveToken = (event: FormEvent) => {
    event.preventDefault();
    void store.attempt(() => host.rpc.models.downloads.settings({ token })).then((done) => done && setToken(""));
  };
  return (
    <div className={styles.settings}>
      <label>
        {text("manager.limit")}
        <input
          type="number"
          min={0}
          step={1}
          className={styles.number}
          placeholder={text("manager.noLimit")}
          value={limit === null ? "" : Math.round(limit / MEGABYTE)}
          onChange={({ target }) => {
            const value = Number(target.value) * MEGABYTE;
            void store.attempt(() => host.rpc.models.downloads.settings({ bandwidthLimit: value > 0 ? value : null }));
          }}
        />
        MB/s
      </label>
      <form onSubmit={saveToken}>
        <label>
          {text("manager.token")}
          <input
            type="password"
            autoComplete="off"
            className={styles.token}
            placeholder={text(hasToken ? "manager.tokenKept" : "manager.tokenNone")}
            value={token}
            onChange={(event) => setToken(event.target.value)}
          />
        </label>
        <Button type="submit" disabled={token.trim() === ""}>
          {text("manager.saveToken")}
        </Button>
        {hasToken && (
          <Button
            tone="quiet"
            onClick={() => void store.attempt(() => host.rpc.models.downloads.settings({ token: null }))}
          >
            {text("manager.removeToken")}
          </Button>
        )}
      </form>
    </div>
  );
}
