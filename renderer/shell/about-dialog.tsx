import { useText } from "../i18n/use-text.ts";
import { useHost, useSession } from "../session/context.tsx";
import { Dialog } from "../ui/dialog.tsx";
import styles from "./shell.module.css";

/** Work of others that the window is made of, with its licences. */
const CREDITS = [
  ["React", "MIT"],
  ["React Flow (xyflow)", "MIT"],
  ["Base UI", "MIT"],
  ["elk (Eclipse Layout Kernel)", "EPL-2.0"],
  ["zustand, cmdk, i18next, TanStack Virtual, zod, oRPC", "MIT"],
  ["Lucide", "ISC"],
  ["Inter", "OFL-1.1"],
  ["ONNX Runtime", "MIT"],
  ["sharp, libvips", "Apache-2.0, LGPL-3.0"],
] as const;

/** By the names that Node gives them. */
const PLATFORMS: Readonly<Record<string, string>> = { linux: "Linux", darwin: "macOS", win32: "Windows" };

export function AboutDialog() {
  const session = useSession();
  const text = useText();
  const info = useHost((state) => state.info);
  return (
    <Dialog
      title={`Heddle ${info?.version ?? ""}`}
      description={text("about.licence")}
      onClose={() => session.view.setState({ dialog: undefined })}
    >
      <dl className={styles.facts}>
        <dt>{text("about.platform")}</dt>
        <dd>{PLATFORMS[info?.platform ?? ""] ?? info?.platform}</dd>
        <dt>{text("about.outputFolder")}</dt>
        <dd>{info?.outputFolder}</dd>
        <dt>{text("about.modelsFolder")}</dt>
        <dd>{info?.modelsFolder}</dd>
      </dl>
      <h3 className={styles.creditsTitle}>{text("about.madeWith")}</h3>
      <dl className={styles.facts}>
        {CREDITS.map(([name, licence]) => (
          <div key={name} className={styles.credit}>
            <dt>{name}</dt>
            <dd>{licence}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
