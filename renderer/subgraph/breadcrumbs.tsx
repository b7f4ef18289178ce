import { ChevronRight, SlidersHorizontal } from "lucide-react";
import { Fragment, memo } from "react";
import { useText } from "../i18n/use-text.ts";
import { useDocument, useSession } from "../session/context.tsx";
import { IconButton } from "../ui/button.tsx";
import styles from "./subgraph.module.css";

/** Where in the workflow one is, and the way back; only inside subgraphs. */
export const Breadcrumbs = memo(function Breadcrumbs() {
  const session = useSession();
  const text = useText();
  const path = useDocument((state) => state.path);
  const inside = useDocument((state) => state.inside);
  const title = useDocument((state) => state.document.title);
  const last = inside.at(-1);
  if (!last) return null;
  return (
    <nav className={styles.breadcrumbs} data-above-canvas="" aria-label={text("subgraph.breadcrumbs")}>
      <ol>
        <li>
          <button type="button" className={styles.crumb} onClick={() => session.documents.enter([])}>
            {title}
          </button>
        </li>
        {inside.map((subgraph, at) => (
          <Fragment key={path[at]}>
            <li aria-hidden="true" className={styles.arrow}>
              <ChevronRight size={14} />
            </li>
            <li>
              {subgraph === last ? (
                <span className={styles.crumb} aria-current="page">
                  {subgraph.title}
                </span>
              ) : (
                <button
                  type="button"
                  className={styles.crumb}
                  onClick={() => session.documents.enter(path.slice(0, at + 1))}
                >
                  {subgraph.title}
                </button>
              )}
            </li>
          </Fragment>
        ))}
      </ol>
      <IconButton
        label={text("subgraph.edit")}
        side="bottom"
        onClick={() => session.view.setState({ subgraphDialog: last.id })}
      >
        <SlidersHorizontal size={14} />
      </IconButton>
    </nav>
  );
});
