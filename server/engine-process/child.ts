import { writeFile } from "node:fs/promises";
import { enableCompileCache } from "node:module";

/** Entry of the engine process under a web host: a forked Node. */

// Half of the time until the engine is ready is compiling: what follows is loaded after this, from the last start's cache.
enableCompileCache();

// Where memory runs out, Linux should end this process and not the host that restarts it. Elsewhere there is no such file.
await writeFile("/proc/self/oom_score_adj", "500").catch(() => {});

// Ctrl+C in a terminal goes to the whole group; the host decides when its engine ends.
process.on("SIGINT", () => {});

const [{ forkChannel }, { loadLocalBackend }, { serveEngine }] = await Promise.all([
  import("./fork-channel.ts"),
  import("./local-backend.ts"),
  import("./serve-engine.ts"),
]);
await serveEngine(forkChannel(), loadLocalBackend);
process.exit(0);
