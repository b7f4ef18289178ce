import "@fontsource-variable/inter/wght.css";
import "./styles/tokens.css";
import "./styles/flow.css";
import "./styles/base.css";
import { createRoot } from "react-dom/client";
import { findDefinition, nodeDefinitions } from "../nodes/definitions.ts";
import { fromWireError } from "../protocol/errors.ts";
import type { Host } from "../protocol/host.ts";
import { changeLanguage, languageOf, startI18n } from "./i18n/i18n.ts";
import { readSavedSession, startAutosave } from "./session/autosave.ts";
import { createSession, type Session } from "./session/session.ts";
import { createSettingsStore } from "./settings/settings-store.ts";
import { followTheme } from "./settings/theme.ts";
import { App } from "./shell/app.tsx";
import { holdEarlyKeys } from "./shell/early-keys.ts";
import { StartScreen } from "./shell/start-screen.tsx";

const DEFAULT_TEMPLATE = "text-to-image";

const earlyKeys = holdEarlyKeys(window);
const settings = createSettingsStore(localStorage);
followTheme(settings);
await startI18n(languageOf(settings.getState().language, navigator.languages));
settings.subscribe(({ language }) => void changeLanguage(languageOf(language, navigator.languages)));

const container = document.getElementById("root");
if (!container) throw new Error("index.html has no #root");
const root = createRoot(container);

async function open(): Promise<void> {
  root.render(<StartScreen />);
  try {
    const host = await connectHost();
    const session = createSession({
      host,
      settings,
      definitions: nodeDefinitions,
      definitionOf: findDefinition,
      document: { format: "heddle-workflow", version: 1, title: "Untitled", nodes: [], links: [] },
    });
    await session.hostState.refresh();
    await openFirstDocument(session);
    startAutosave(session.documents);
    followHost(session);
    root.render(<App session={session} earlyKeys={earlyKeys} />);
  } catch (error) {
    const { message, help } = fromWireError(error);
    root.render(<StartScreen failure={`${message} ${help}`} onRetry={() => void open()} />);
  }
}

async function connectHost(): Promise<Host> {
  if ((import.meta.env.DEV || import.meta.env.MODE === "bench") && new URLSearchParams(location.search).has("mock")) {
    const { createMockHost } = await import("./testing/mock-host.ts");
    return createMockHost();
  }
  const { createHost } = await import("./host/index.ts");
  return createHost();
}

/** What was open when the window was closed, else the template to begin with. */
async function openFirstDocument(session: Session): Promise<void> {
  const saved = await readSavedSession();
  if (saved) {
    session.documents.load(saved.document, { fileName: saved.fileName, dirty: saved.dirty });
    return;
  }
  const { templates } = session.hostState.getState();
  const template = templates.find(({ id }) => id === DEFAULT_TEMPLATE) ?? templates[0];
  if (template) session.documents.load(structuredClone(template.document));
}

function followHost(session: Session): void {
  const stop = new AbortController();
  void session.hostState.follow(session.runs.receive, stop.signal);
}

void open();
