import { FilePlus2, FolderOpen } from "lucide-react";
import { useText } from "../i18n/use-text.ts";
import { openCatalogue } from "../models/models-store.ts";
import { useSession } from "../session/context.tsx";
import { Button } from "../ui/button.tsx";
import { runCommand } from "./commands.ts";
import styles from "./home.module.css";
import { RecentWorkflows, useRecentWorkflows } from "./recent-workflows.tsx";
import { TemplateGallery } from "./template-gallery.tsx";

/** The start page: where to begin. */
export function Home() {
  const session = useSession();
  const text = useText();
  const recent = useRecentWorkflows();
  return (
    <main className={styles.home} aria-label={text("tabs.home")}>
      <div className={styles.column}>
        <h1>{text("home.title")}</h1>
        <div className={styles.begin}>
          <Button onClick={() => runCommand(session, "file.newEmpty")}>
            <FilePlus2 size={16} />
            {text("menu.newEmpty")}
          </Button>
          <Button onClick={() => runCommand(session, "file.open")}>
            <FolderOpen size={16} />
            {text("menu.open")}
          </Button>
        </div>
        <p className={styles.starter}>
          {text("manager.starter")}{" "}
          <button type="button" onClick={() => openCatalogue(session)}>
            {text("manager.starterLink")}
          </button>
        </p>
        {/* Both at once: templates would move away from under the pointer when the list above them comes. */}
        {recent && (
          <>
            <RecentWorkflows recent={recent} />
            <div className={styles.templates}>
              <TemplateGallery heading={text("home.templates")} />
            </div>
          </>
        )}
      </div>
    </main>
  );
}
