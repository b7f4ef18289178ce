import { createORPCClient } from "@orpc/client";
import { RPCLink } from "@orpc/client/websocket";
import ReconnectingWebSocket from "partysocket/ws";
import type { Host } from "../../protocol/host.ts";
import { chooseFile, fileAgain, placeOfDroppedFile, saveCopy, saveWorkflow, tookOverFile } from "./browser-files.ts";
import { Connection, imageUrl } from "./connection.ts";
import { linkOptions } from "./link-options.ts";
import { createTabIcon, iconOfPage, type TabIcon } from "./tab-icon.ts";

/** A host across HTTP: the page was served by it. */
export function createWebHost(): Host {
  forgetToken();
  const address = new URL("/rpc", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new ReconnectingWebSocket(address.href, [], {
    minReconnectionDelay: 250,
    maxReconnectionDelay: 5_000,
    reconnectionDelayGrowFactor: 1.5,
    minUptime: 1_000,
    // A call that finds no connection fails at once; it must not be sent later, when nobody waits for it.
    maxEnqueuedMessages: 0,
  });
  const connection = new Connection();
  const home = new URL("/", location.href);
  let icon: TabIcon | undefined;
  socket.addEventListener("open", () => connection.report(true));
  socket.addEventListener("close", () => void tellLost(connection, home));
  return {
    // `events` does not fit the type of a DOM WebSocket in its overloads only.
    rpc: createORPCClient(new RPCLink({ websocket: socket as unknown as WebSocket, ...linkOptions })),
    kind: "web",
    imageUrl,
    openFile: chooseFile,
    saveFile: saveCopy,
    saveTo: saveWorkflow,
    ...(fileAgain ? { openAgain: fileAgain } : {}),
    ...(tookOverFile ? { tookOver: tookOverFile } : {}),
    ...(placeOfDroppedFile ? { placeOfDropped: placeOfDroppedFile } : {}),
    showProgress(share) {
      icon ??= createTabIcon(iconOfPage(document));
      icon.show(share);
    },
    onConnectionChange: (listener) => connection.listen(listener),
  };
}

/** A host that was started anew has another token, and refuses this page until its new address is opened. */
async function tellLost(connection: Connection, home: URL): Promise<void> {
  if (connection.isConnected) connection.report(false);
  const answer = await fetch(home, { method: "HEAD", cache: "no-store" }).catch(() => undefined);
  // The connection may have come back meanwhile.
  if (!connection.isConnected) connection.report(false, answer?.status === 401);
}

/** The token became a cookie with this page; it should not stay in the address bar, the history and screenshots. */
function forgetToken(): void {
  const address = new URL(location.href);
  if (!address.searchParams.has("token")) return;
  address.searchParams.delete("token");
  history.replaceState(history.state, "", address);
}
