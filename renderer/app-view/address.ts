import type { Workspace } from "../session/workspace.ts";
import type { Face } from "./face-store.ts";

/**
 * The address says how the workflow in front is looked at, so that it can be kept as a bookmark: `#app` is its form,
 * `#app/<template>` opens a template as a form.
 */
const APP = "#app";

export function followAddress(
  workspace: Workspace,
  openTemplate: (id: string) => boolean,
  window: Pick<Window, "location" | "history" | "addEventListener">,
): void {
  const read = () => {
    const { hash } = window.location;
    const [, id] = /^#app\/(.+)$/.exec(hash) ?? [];
    if (id !== undefined && !openTemplate(decoded(id))) return;
    if (hash === APP || id !== undefined) show(workspace, "app");
    else if (hash === "") show(workspace, "graph");
  };
  let unfollow: (() => void) | undefined;
  const follow = () => {
    unfollow?.();
    const { face } = workspace.current();
    const write = () => {
      const { pathname, search, hash } = window.location;
      const wanted = face.getState().face === "app" ? APP : "";
      if (hash !== wanted) window.history.replaceState(null, "", pathname + search + wanted);
    };
    unfollow = face.subscribe(write);
    write();
  };
  // What the address asks for comes before what the tabs say.
  read();
  follow();
  workspace.subscribe((state, before) => {
    if (state.active !== before.active || state.tabs !== before.tabs) follow();
  });
  window.addEventListener("hashchange", read);
}

/** As it stands where a person or a program wrote it wrongly. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The form is of the whole workflow: it is looked at from outside of subgraphs. */
export function show(workspace: Workspace, face: Face): void {
  const session = workspace.current();
  if (face === "app") {
    session.documents.enter([]);
    session.flow.select(new Set());
  }
  session.face.setState({ face });
}
