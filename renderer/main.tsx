import "@fontsource-variable/inter/wght.css";
import "./styles/tokens.css";
import "./styles/flow.css";
import "./styles/base.css";
import "./styles/forced-colors.css";
import type { Host } from "../protocol/host.ts";
import { createHost } from "./host/index.ts";
import { createHostStore } from "./session/host-store.ts";
import { holdEarlyKeys } from "./shell/early-keys.ts";
import type { Connected } from "./studio.tsx";

async function connectHost(): Promise<Host> {
  if ((import.meta.env.DEV || import.meta.env.MODE === "bench") && new URLSearchParams(location.search).has("mock")) {
    const { createMockHost } = await import("./testing/mock-host.ts");
    return createMockHost();
  }
  return createHost();
}

async function connect(): Promise<Connected> {
  const host = await connectHost();
  const hostState = createHostStore(host);
  await hostState.refresh();
  return { host, hostState };
}

const earlyKeys = holdEarlyKeys(window);
// The host answers while the editor's code, which is most of all code, is made ready.
const answer = connect();
// Whoever waits for it tells what went wrong.
answer.catch(() => {});
const { startStudio } = await import("./studio.tsx");
await startStudio(answer, connect, earlyKeys);
