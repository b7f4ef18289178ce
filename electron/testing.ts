import { EventEmitter } from "node:events";
import { vi } from "vitest";

/** A stand-in for the `electron` module's main side: records what is asked of it, and lets a test play the user. */
export function createElectron() {
  const windows: FakeWindow[] = [];

  class FakeWebContents extends EventEmitter {
    readonly startDrag = vi.fn();
    windowOpenHandler: ((details: { url: string }) => { action: string }) | undefined;
    getURL = () => "heddle://app/";
    setWindowOpenHandler(handler: (details: { url: string }) => { action: string }) {
      this.windowOpenHandler = handler;
    }
  }

  class FakeWindow extends EventEmitter {
    static getAllWindows = () => windows;
    static fromWebContents = (contents: FakeWebContents) =>
      windows.find((window) => window.webContents === contents) ?? null;
    readonly webContents = new FakeWebContents();
    readonly options: { webPreferences: Record<string, unknown>; show: boolean };
    readonly show = vi.fn();
    readonly focus = vi.fn();
    readonly setProgressBar = vi.fn();
    readonly restore = vi.fn();
    readonly loadURL = vi.fn(async (_url: string) => {});
    isMinimized = () => true;

    constructor(options: FakeWindow["options"]) {
      super();
      this.options = options;
      windows.push(this);
      app.emit("web-contents-created", {}, this.webContents);
    }
  }

  const app = Object.assign(new EventEmitter(), {
    enableSandbox: vi.fn(),
    getLocale: vi.fn(() => "en-US"),
    setName: vi.fn(),
    setPath: vi.fn(),
    commandLine: { hasSwitch: vi.fn((_name: string) => false) },
    requestSingleInstanceLock: vi.fn(() => true),
    whenReady: vi.fn(async () => {}),
    quit: vi.fn(),
    exit: vi.fn(),
  });
  const handlers = new Map<string, (request: Request) => Response | Promise<Response>>();
  const requests = new Map<string, (event: unknown, ...parameters: unknown[]) => unknown>();
  const utility = Object.assign(new EventEmitter(), {
    pid: undefined,
    stdout: null,
    stderr: null,
    postMessage: vi.fn(),
  });
  const session = {
    setPermissionRequestHandler: vi.fn(),
    setPermissionCheckHandler: vi.fn(),
    setDevicePermissionHandler: vi.fn(),
  };
  return {
    app,
    BrowserWindow: FakeWindow,
    ipcMain: Object.assign(new EventEmitter(), {
      handle: (channel: string, handler: (event: unknown, ...parameters: unknown[]) => unknown) =>
        void requests.set(channel, handler),
    }),
    protocol: {
      registerSchemesAsPrivileged: vi.fn(),
      handle: (scheme: string, handler: (request: Request) => Response | Promise<Response>) =>
        void handlers.set(scheme, handler),
    },
    session: { defaultSession: session },
    dialog: {
      showOpenDialog: vi.fn(async () => ({ filePaths: [] as string[] })),
      showSaveDialog: vi.fn(async () => ({ filePath: "" })),
      showErrorBox: vi.fn(),
    },
    Menu: { buildFromTemplate: vi.fn((template: unknown) => template), setApplicationMenu: vi.fn() },
    shell: { openExternal: vi.fn(async (_url: string) => {}) },
    nativeImage: { createFromBuffer: (bytes: Buffer) => ({ isEmpty: () => bytes.length === 0 }) },
    utilityProcess: { fork: vi.fn((_entry: string) => utility) },
    /** What only tests look at. */
    fake: { windows, handlers, requests, utility, session },
  };
}
