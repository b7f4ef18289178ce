import { useStore as useFlowState, useReactFlow } from "@xyflow/react";
import { Map as MapIcon, Maximize, Minus, Plus, Redo2, Undo2 } from "lucide-react";
import { memo } from "react";
import { useText } from "../i18n/use-text.ts";
import { useDocument, useSession, useSettings } from "../session/context.tsx";
import { fitView } from "../session/look.ts";
import { shortcutLabel } from "../shell/shortcuts.ts";
import { IconButton } from "../ui/button.tsx";
import { Tooltip } from "../ui/tooltip.tsx";
import styles from "./canvas.module.css";
import { glide } from "./motion.ts";

const DURATION = 160;

/** Adding, undoing and looking: what the hand needs all the time, in the lower left corner. */
export const Toolbar = memo(function Toolbar() {
  const session = useSession();
  const text = useText();
  const flow = useReactFlow();
  const zoom = useFlowState((state) => Math.round(state.transform[2] * 100));
  const minimap = useSettings((state) => state.minimap);
  // The labels say which keys there are.
  useSettings((state) => state.keymap);
  return (
    <div className={styles.toolbar} role="toolbar" aria-label={text("canvas.tools")}>
      <IconButton
        label={text("menu.addNode")}
        shortcut={shortcutLabel("node.add")}
        side="top"
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          session.view.setState({ nodePalette: { at: { x: box.left, y: box.top - 440 }, isUnplaced: true } });
        }}
      >
        <Plus size={18} />
      </IconButton>
      <span className={styles.divider} />
      <HistoryButton step="undo" />
      <HistoryButton step="redo" />
      <span className={styles.divider} />
      <IconButton
        label={text("menu.zoomOut")}
        shortcut={shortcutLabel("view.zoomOut")}
        side="top"
        onClick={() => void flow.zoomOut({ duration: glide(DURATION) })}
      >
        <Minus size={16} />
      </IconButton>
      <Tooltip label={text("menu.zoom100")} shortcut={shortcutLabel("view.zoom100")} side="top">
        <button
          type="button"
          className={styles.zoom}
          aria-label={text("canvas.zoom", { zoom })}
          onClick={() => void flow.zoomTo(1, { duration: glide(DURATION) })}
        >
          {zoom}%
        </button>
      </Tooltip>
      <IconButton
        label={text("menu.zoomIn")}
        shortcut={shortcutLabel("view.zoomIn")}
        side="top"
        onClick={() => void flow.zoomIn({ duration: glide(DURATION) })}
      >
        <Plus size={16} />
      </IconButton>
      <IconButton
        label={text("menu.fit")}
        shortcut={shortcutLabel("view.fit")}
        side="top"
        onClick={() => fitView(session)}
      >
        <Maximize size={16} />
      </IconButton>
      <IconButton
        label={text("menu.minimap")}
        side="top"
        aria-pressed={minimap}
        onClick={() => session.settings.setState({ minimap: !minimap })}
      >
        <MapIcon size={16} />
      </IconButton>
    </div>
  );
});

const HISTORY = {
  undo: { label: "menu.undo", command: "edit.undo", Icon: Undo2 },
  redo: { label: "menu.redo", command: "edit.redo", Icon: Redo2 },
} as const;

/** By itself: the first key that is pressed in a workflow draws this again, and not all that stands beside it. */
function HistoryButton({ step }: { step: "undo" | "redo" }) {
  const { documents } = useSession();
  const text = useText();
  const canStep = useDocument(({ history }) => (step === "undo" ? history.past : history.future).length > 0);
  useSettings((state) => state.keymap);
  const { label, command, Icon } = HISTORY[step];
  return (
    <IconButton
      label={text(label)}
      shortcut={shortcutLabel(command)}
      side="top"
      disabled={!canStep}
      onClick={() => documents[step]()}
    >
      <Icon size={16} />
    </IconButton>
  );
}
