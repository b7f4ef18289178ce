import { createORPCClient } from "@orpc/client";
import { RPCLink } from "@orpc/client/message-port";
import type { ContractRouterClient } from "@orpc/contract";
import type { DesktopContract } from "../../protocol/desktop.ts";
import { type DesktopBridge, PORT_MESSAGE } from "../../protocol/desktop-bridge.ts";
import type { Host } from "../../protocol/host.ts";
import { Connection, imageUrl } from "./connection.ts";
import { linkOptions } from "./link-options.ts";

/** The desktop host, over a port that the preload script hands over. Its dialogs are the system's own. */
export async function createElectronHost(bridge: DesktopBridge): Promise<Host> {
  const port = await receivePort(bridge);
  const connection = new Connection();
  port.addEventListener("close", () => connection.report(false));
  const rpc: ContractRouterClient<DesktopContract> = createORPCClient(new RPCLink({ port, ...linkOptions }));
  port.start();
  return {
    rpc,
    kind: "desktop",
    imageUrl,
    async openFile() {
      const file = await rpc.dialogs.openFile();
      if (!file) return undefined;
      return { name: file.name, bytes: new Uint8Array(await file.bytes.arrayBuffer()), place: file.place };
    },
    async saveFile(suggestedName, bytes, mimeType) {
      const blob = new Blob([bytes as Uint8Array<ArrayBuffer>], { type: mimeType });
      return (await rpc.dialogs.saveFile({ suggestedName, bytes: blob, mimeType })) ?? undefined;
    },
    async saveTo(place, suggestedName, bytes, { overwrites = false } = {}) {
      const blob = new Blob([(await bytes()) as Uint8Array<ArrayBuffer>], { type: "application/json" });
      const saved = await rpc.files.saveTo({ suggestedName, overwrites, bytes: blob, ...(place ? { place } : {}) });
      return saved ?? undefined;
    },
    chooseFolder: async () => (await rpc.folders.choose()) ?? undefined,
    async openAgain(place) {
      const file = await rpc.files.openAgain({ place });
      return file ? { name: file.name, bytes: new Uint8Array(await file.bytes.arrayBuffer()), place } : undefined;
    },
    async placeOfDropped(item) {
      const file = item.getAsFile();
      return (file && (await bridge.placeOfFile(file))) ?? undefined;
    },
    dragFile: (hash) => bridge.dragFile(hash),
    showProgress: (share) => void rpc.window.showProgress({ share: share ?? null }).catch(() => {}),
    speak: (language) => void rpc.window.speak({ language }).catch(() => {}),
    onConnectionChange: (listener) => connection.listen(listener),
  };
}

function receivePort(bridge: DesktopBridge): Promise<MessagePort> {
  return new Promise((resolve) => {
    const receive = (event: MessageEvent) => {
      const [port] = event.ports;
      if (event.source !== window || event.data !== PORT_MESSAGE || !port) return;
      window.removeEventListener("message", receive);
      resolve(port);
    };
    window.addEventListener("message", receive);
    bridge.connect();
  });
}
