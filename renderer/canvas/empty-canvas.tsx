import { LayoutTemplate, Plus } from "lucide-react";
import { useText } from "../i18n/use-text.ts";
import { useSession } from "../session/context.tsx";
import { Button } from "../ui/button.tsx";
import styles from "./canvas.module.css";

/** What an empty workflow shows: the two ways to begin. */
export function EmptyCanvas() {
  const { view } = useSession();
  const text = useText();
  return (
    <div className={styles.emptyCanvas}>
      <h2>{text("canvas.emptyTitle")}</h2>
      <p>{text("canvas.emptyHelp")}</p>
      <div className={styles.emptyActions}>
        <Button tone="primary" onClick={() => view.setState({ dialog: "templates" })}>
          <LayoutTemplate size={16} />
          {text("menu.newFromTemplate")}
        </Button>
        <Button
          onClick={() => {
            const at = { x: window.innerWidth / 2 - 180, y: window.innerHeight / 3 };
            view.setState({ nodePalette: { at, isUnplaced: true } });
          }}
        >
          <Plus size={16} />
          {text("menu.addNode")}
        </Button>
      </div>
    </div>
  );
}
