import { createORPCClient } from "@orpc/client";
import { RPCLink } from "@orpc/client/websocket";
import ReconnectingWebSocket from "partysocket/ws";
import type { Host } from "../../protocol/host.ts";
import { chooseFile, fileAgain, placeOfDroppedFile, saveCopy, saveWorkflow } from "./browser-files.ts";
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
  let icon: TabIcon | undefined;
  socket.addEventListener("open", () => connection.report(true));
  socket.addEventListener("close", () => connection.report(false));
  return {
    // `events` does not fit the type of a DOM WebSocket in its overloads only.
    rpc: createORPCClient(new RPCLink({ websocket: socket as unknown as WebSocket, ...linkOptions })),
    kind: "web",
    imageUrl,
    openFile: chooseFile,
    saveFile: saveCopy,
    saveTo: saveWorkflow,
    ...(fileAgain ? { openAgain: fileAgain } : {}),
    ...(placeOfDroppedFile ? { placeOfDropped: placeOfDroppedFile } : {}),
    showProgress(share) {
      icon ??= createTabIcon(iconOfPage(document));
      icon.show(share);
    },
    onConnectionChange: (listener) => connection.listen(listener),
  };
}

/** The token became a cookie with this page; it should not stay in the address bar, the history and screenshots. */
function forgetToken(): void {
  const address = new URL(location.href);
  if (!address.searchParams.has("token")) return;
  address.searchParams.delete("token");
  history.replaceState(history.state, "", address);
}
