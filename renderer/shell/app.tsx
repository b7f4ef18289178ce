import { CSPProvider } from "@base-ui/react/csp-provider";
import { Tooltip } from "@base-ui/react/tooltip";
import { ReactFlowProvider } from "@xyflow/react";
import { useEffect } from "react";
import { useStore } from "zustand";
import { AppView } from "../app-view/app-view.tsx";
import { FaceSwitch } from "../app-view/face-switch.tsx";
import { Canvas } from "../canvas/canvas.tsx";
import { MissingModels } from "../models/missing-models.tsx";
import { SessionProvider, useDocument, useSession, useSettings, useView } from "../session/context.tsx";
import type { Workspace } from "../session/workspace.ts";
import { Banners } from "./banners.tsx";
import { CommandPalette } from "./command-palette.tsx";
import { runCommand } from "./commands.ts";
import type { EarlyKeys } from "./early-keys.ts";
import { FirstPicture } from "./first-picture.tsx";
import { Home } from "./home.tsx";
import { loadScreensWhenIdle } from "./load-screens.ts";
import { NodePalette } from "./node-palette.tsx";
import { Notices } from "./notices.tsx";
import { QueuePanel } from "./queue-panel.tsx";
import { ResultsStrip } from "./results-strip.tsx";
import { RunAnnouncer } from "./run-announcer.tsx";
import { ScreensAbove } from "./screens-above.tsx";
import styles from "./shell.module.css";
import { TopBar } from "./top-bar.tsx";
import { UnsavedDialog } from "./unsaved-dialog.tsx";
import { useAutoRun } from "./use-auto-run.ts";
import { useFileDrop } from "./use-file-drop.ts";
import { useKeptFocus } from "./use-kept-focus.ts";
import { useShortcuts } from "./use-shortcuts.ts";

const TOOLTIP_DELAY_MS = 500;

export function App({ workspace, earlyKeys }: { workspace: Workspace; earlyKeys: EarlyKeys }) {
  useStore(workspace, (state) => state.active);
  return (
    <CSPProvider disableStyleElements>
      <SessionProvider value={workspace.current()}>
        <Tooltip.Provider delay={TOOLTIP_DELAY_MS}>
          <Window earlyKeys={earlyKeys} />
        </Tooltip.Provider>
      </SessionProvider>
    </CSPProvider>
  );
}

function Window({ earlyKeys }: { earlyKeys: EarlyKeys }) {
  const session = useSession();
  const hasWorkflow = useStore(session.workspace, (state) => state.active !== undefined);
  const face = useStore(session.face, (state) => state.face);
  const dialog = useView((state) => state.dialog);
  const isQueueOpen = useSettings((state) => state.queueOpen);
  useShortcuts(session);
  useFileDrop(session);
  useAutoRun(session);
  useKeptFocus();
  useEffect(() => {
    for (const id of earlyKeys.take()) runCommand(session, id);
  }, [session, earlyKeys]);
  useEffect(loadScreensWhenIdle, []);
  return (
    <div className={styles.window}>
      <TopBar />
      <Banners />
      <div className={styles.workspace} data-queue={isQueueOpen || undefined}>
        {hasWorkflow ? (
          <>
            <WorkflowHeading />
            <div className={styles.canvasArea}>
              {face === "app" ? (
                <AppView key={session.id} />
              ) : (
                <ReactFlowProvider key={session.id}>
                  <Canvas />
                </ReactFlowProvider>
              )}
              <FaceSwitch />
              {face === "graph" && <FirstPicture />}
            </div>
            {/* The form shows its pictures itself. */}
            {face === "graph" && <ResultsStrip />}
          </>
        ) : (
          <Home />
        )}
        {isQueueOpen && <QueuePanel />}
      </div>
      <NodePalette />
      {dialog === "commands" && <CommandPalette />}
      <ScreensAbove />
      <MissingModels />
      <UnsavedDialog />
      <Notices />
      <RunAnnouncer />
    </div>
  );
}

/** The tabs show the titles of workflows; those who listen to the page hear which one they are in. */
function WorkflowHeading() {
  return <h1 className="visually-hidden">{useDocument((state) => state.document.title)}</h1>;
}
