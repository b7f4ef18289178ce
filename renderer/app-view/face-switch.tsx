import { AppWindow, Workflow } from "lucide-react";
import { useStore } from "zustand";
import { useText } from "../i18n/use-text.ts";
import { useSession } from "../session/context.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { show } from "./address.ts";
import styles from "./app-view.module.css";

/** From the graph to the form and back. */
export function FaceSwitch() {
  const session = useSession();
  const text = useText();
  const face = useStore(session.face, (state) => state.face);
  return (
    <div className={styles.switch}>
      <Segmented
        label={text("form.face")}
        value={face}
        options={[
          { value: "graph", label: text("form.graph"), icon: <Workflow size={16} /> },
          { value: "app", label: text("form.app"), icon: <AppWindow size={16} /> },
        ]}
        onChange={(next) => show(session.workspace, next)}
      />
    </div>
  );
}
