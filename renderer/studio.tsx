import { createRoot } from "react-dom/client";
import { type HeddleError, toHeddleError } from "../common/errors.ts";
import { findDefinition, nodeDefinitions } from "../nodes/definitions.ts";
import type { HostEvent } from "../protocol/contract.ts";
import { fromWireError } from "../protocol/errors.ts";
import type { Host } from "../protocol/host.ts";
import { followAddress } from "./app-view/address.ts";
import { createGalleryStore } from "./gallery/gallery-store.ts";
import { changeLanguage, followLanguage, languageOf, startI18n, translate } from "./i18n/i18n.ts";
import { problemLine } from "./i18n/problem-text.ts";
import { workflowOf } from "./i18n/template-text.ts";
import { createQueueStore } from "./run/queue-store.ts";
import { recoverTabs, startAutosave } from "./session/autosave.ts";
import { sharedStorage, windowStorage } from "./session/browser-storage.ts";
import { createDrafts } from "./session/drafts.ts";
import type { HostStore } from "./session/host-store.ts";
import { channelLocks, webLocks } from "./session/name-locks.ts";
import { recallResults } from "./session/recall-results.ts";
import type { Studio } from "./session/session.ts";
import { createViewStore } from "./session/view-store.ts";
import { isWindowOpen, takeAnotherWindowId, takeWindowId } from "./session/window-identity.ts";
import { createWorkspace, type Workspace } from "./session/workspace.ts";
import { createSettingsStore } from "./settings/settings-store.ts";
import { followTheme } from "./settings/theme.ts";
import { App } from "./shell/app.tsx";
import type { EarlyKeys } from "./shell/early-keys.ts";
import { applyKeymap } from "./shell/shortcuts.ts";
import { StartScreen } from "./shell/start-screen.tsx";
import { createSubgraphLibraryStore } from "./subgraph/library-store.ts";

const DEFAULT_TEMPLATE = "text-to-image";

/** A host that has said what there is to know of it. */
export interface Connected {
  readonly host: Host;
  readonly hostState: HostStore;
}

/** The answer is looked for this long before it is said that it is waited for. */
const PATIENCE_MS = 50;

/** Shows the editor when the host has answered; what goes wrong is told, and `connect` asks once more. */
export async function startStudio(
  answer: Promise<Connected>,
  connect: () => Promise<Connected>,
  earlyKeys: EarlyKeys,
): Promise<void> {
  const settings = createSettingsStore(sharedStorage(), window);
  followTheme(settings);
  applyKeymap(settings.getState().keymap);
  settings.subscribe(({ keymap }) => applyKeymap(keymap));
  const view = createViewStore();
  const tellNoWords = () => view.notify({ tone: "error", text: translate("language.notLoaded") });
  const wanted = languageOf(settings.getState().language, navigator.languages);
  if ((await startI18n(wanted)) !== wanted) tellNoWords();
  settings.subscribe(({ language }, before) => {
    if (language !== before.language) changeLanguage(languageOf(language, navigator.languages)).catch(tellNoWords);
  });

  const container = document.getElementById("root");
  if (!container) throw new Error("index.html has no #root");
  const root = createRoot(container);
  const open = async (connecting: Promise<Connected>): Promise<void> => {
    const waiting = setTimeout(() => root.render(<StartScreen />), PATIENCE_MS);
    let explain: (error: unknown) => HeddleError = fromWireError;
    try {
      const { host, hostState } = await connecting;
      // What goes wrong from here on is no fault of the connection.
      explain = toHeddleError;
      const studio: Studio = {
        host,
        hostState,
        definitions: nodeDefinitions,
        definitionOf: findDefinition,
        gallery: createGalleryStore(host),
        queue: createQueueStore(host),
        library: createSubgraphLibraryStore(host),
        view,
        settings,
      };
      const workspace = createWorkspace(studio);
      await openTabs(workspace, studio);
      followAddress(workspace, (id) => openTemplate(workspace, studio, id), window);
      followHost(workspace, studio);
      followLanguage((language) => host.speak?.(language));
      clearTimeout(waiting);
      root.render(<App workspace={workspace} earlyKeys={earlyKeys} />);
      recallResults(workspace, host);
    } catch (error) {
      clearTimeout(waiting);
      const failure = problemLine(translate, explain(error));
      root.render(<StartScreen failure={failure} onRetry={() => void open(connect())} />);
    }
  };
  await open(answer);
}

/** Opens a template that an address names; not when it is in front already, as after a reload. */
function openTemplate(workspace: Workspace, { hostState }: Studio, id: string): boolean {
  const template = hostState.getState().templates.find((candidate) => candidate.id === id);
  if (template) workspace.open(workflowOf(template));
  return template !== undefined;
}

/** What was open when the window was closed or killed, else the template to begin with. */
async function openTabs(workspace: Workspace, { hostState, view }: Studio): Promise<void> {
  const drafts = createDrafts(sharedStorage());
  // What browsers give to secure pages only: `heddle serve --host` may be spoken to over plain HTTP.
  const ofBrowser: LockManager | undefined = navigator.locks;
  const locks = ofBrowser
    ? webLocks(ofBrowser)
    : channelLocks(sharedStorage(), new BroadcastChannel("heddle.windows"), document);
  let windowId = await takeWindowId(windowStorage(), locks);
  const recovered = await recoverTabs(drafts, windowId, (id) => isWindowOpen(id, locks)).catch(
    async (error: unknown) => {
      // Under its own name this window would write over the list of what it could not read.
      windowId = await takeAnotherWindowId(windowId, windowStorage(), locks);
      // A browser that lets pages keep nothing has kept nothing, which is told when it is first tried.
      if (!isNothingKept(error)) view.notify({ tone: "error", text: translate("tabs.unread") });
      return undefined;
    },
  );
  if (recovered) workspace.restore(recovered.tabs, recovered.active);
  else {
    const { templates } = hostState.getState();
    const template = templates.find(({ id }) => id === DEFAULT_TEMPLATE) ?? templates[0];
    if (template) workspace.open(workflowOf(template));
  }
  let told: number | undefined;
  const autosave = startAutosave(workspace, drafts, windowId, (isKept) => {
    if (told !== undefined) view.dismiss(told);
    told = isKept
      ? undefined
      : view.notify({ tone: "error", text: translate("tabs.notKept"), detail: translate("tabs.notKeptHelp") });
  });
  const taken = new Set(workspace.getState().tabs.map(({ id }) => id));
  // On a full disk they stay where they are.
  if (!(await autosave.flush())) return;
  for (const orphan of recovered?.orphans ?? []) await drafts.remove(orphan, taken).catch(() => {});
}

const isNothingKept = (error: unknown) => error instanceof DOMException && error.name === "SecurityError";

function followHost(workspace: Workspace, { hostState, queue }: Studio): void {
  const stop = new AbortController();
  const receive = (event: HostEvent) => {
    queue.receive(event);
    for (const { runs } of workspace.getState().tabs) runs.receive(event);
  };
  void hostState.follow(receive, stop.signal);
}
