import { loadLocalBackend } from "../server/engine-process/local-backend.ts";
import { type EngineChannel, serveEngine } from "../server/engine-process/serve-engine.ts";

/** Entry of the engine process in the desktop host: an Electron utility process. */
const port = process.parentPort;

const channel: EngineChannel = {
  send: (message) => port.postMessage(message),
  onMessage: (listener) => void port.on("message", (event) => listener(event.data)),
  // A utility process ends with its host.
  onClose: () => {},
};

await serveEngine(channel, loadLocalBackend);
process.exit(0);
