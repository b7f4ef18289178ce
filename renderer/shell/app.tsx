import { CSPProvider } from "@base-ui/react/csp-provider";
import { Tooltip } from "@base-ui/react/tooltip";
import { ReactFlowProvider } from "@xyflow/react";
import { Canvas } from "../canvas/canvas.tsx";
import { SessionProvider, useSession, useView } from "../session/context.tsx";
import type { Session } from "../session/session.ts";
import { Banners } from "./banners.tsx";
import { CommandPalette } from "./command-palette.tsx";
import { NodePalette } from "./node-palette.tsx";
import { Notices } from "./notices.tsx";
import { ResultsStrip } from "./results-strip.tsx";
import { RunAnnouncer } from "./run-announcer.tsx";
import styles from "./shell.module.css";
import { ShortcutsDialog } from "./shortcuts-dialog.tsx";
import { TemplatesDialog } from "./templates-dialog.tsx";
import { TopBar } from "./top-bar.tsx";
import { UnsavedDialog } from "./unsaved-dialog.tsx";
import { useShortcuts } from "./use-shortcuts.ts";
import { Viewer } from "./viewer.tsx";

const TOOLTIP_DELAY_MS = 500;

export function App({ session }: { session: Session }) {
  return (
    <CSPProvider disableStyleElements>
      <SessionProvider value={session}>
        <Tooltip.Provider delay={TOOLTIP_DELAY_MS}>
          <ReactFlowProvider>
            <Window />
          </ReactFlowProvider>
        </Tooltip.Provider>
      </SessionProvider>
    </CSPProvider>
  );
}

function Window() {
  const session = useSession();
  const dialog = useView((state) => state.dialog);
  useShortcuts(session);
  return (
    <div className={styles.window}>
      <TopBar />
      <Banners />
      <div className={styles.workspace}>
        <Canvas />
        <ResultsStrip />
      </div>
      <NodePalette />
      {dialog === "commands" && <CommandPalette />}
      {dialog === "templates" && <TemplatesDialog />}
      {dialog === "shortcuts" && <ShortcutsDialog />}
      <UnsavedDialog />
      <Viewer />
      <Notices />
      <RunAnnouncer />
    </div>
  );
}
