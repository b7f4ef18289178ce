import { useStore } from "zustand";
import { useSession, useView } from "../session/context.tsx";
import type { ViewState } from "../session/view-store.ts";
import { LazyScreen } from "./lazy-screen.tsx";
import type { Screens } from "./load-screens.ts";

interface ScreenAbove {
  readonly name: keyof Screens;
  isOpen(view: ViewState): boolean;
  readonly closed: Partial<ViewState>;
}

const dialog = (name: keyof Screens, id: ViewState["dialog"]): ScreenAbove => ({
  name,
  isOpen: (view) => view.dialog === id,
  closed: { dialog: undefined },
});
/** Open as long as a field of the view says of what. */
const of = (
  name: keyof Screens,
  field: "helpOn" | "subgraphDialog" | "importReport" | "logOf" | "viewerHash" | "maskEditor",
): ScreenAbove => ({ name, isOpen: (view) => view[field] !== undefined, closed: { [field]: undefined } });

const screensAbove: readonly ScreenAbove[] = [
  dialog("TemplatesDialog", "templates"),
  dialog("ShortcutsDialog", "shortcuts"),
  dialog("SettingsDialog", "settings"),
  dialog("AboutDialog", "about"),
  {
    ...dialog("GalleryDialog", "gallery"),
    // The viewer takes its place while one of its pictures is large.
    isOpen: (view) => view.dialog === "gallery" && view.viewerHash === undefined,
  },
  dialog("ModelManager", "models"),
  of("NodeHelpDialog", "helpOn"),
  of("SubgraphDialog", "subgraphDialog"),
  { name: "SweepDialog", isOpen: (view) => view.sweepDialog, closed: { sweepDialog: false } },
  { name: "FormDialog", isOpen: (view) => view.formDialog, closed: { formDialog: false } },
  of("ImportReportDialog", "importReport"),
  of("LogDialog", "logOf"),
  of("Viewer", "viewerHash"),
  of("MaskEditor", "maskEditor"),
];

/** What is open above the editor. */
export function ScreensAbove() {
  return (
    <>
      <Matrix />
      {screensAbove.map((screen) => (
        <Above key={screen.name} {...screen} />
      ))}
    </>
  );
}

function Above({ name, isOpen, closed }: ScreenAbove) {
  const { view } = useSession();
  return useView(isOpen) ? <LazyScreen name={name} onClose={() => view.setState(closed)} /> : null;
}

function Matrix() {
  const { sweeps } = useSession();
  const isOpen = useStore(sweeps, (state) => state.isOpen);
  return isOpen ? <LazyScreen name="SweepResults" onClose={() => sweeps.setState({ isOpen: false })} /> : null;
}
