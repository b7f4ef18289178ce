import { writeFile } from "node:fs/promises";
import { forkChannel } from "./fork-channel.ts";
import { loadLocalBackend } from "./local-backend.ts";
import { serveEngine } from "./serve-engine.ts";

/** Entry of the engine process under a web host: a forked Node. */

// Where memory runs out, Linux should end this process and not the host that restarts it. Elsewhere there is no such file.
await writeFile("/proc/self/oom_score_adj", "500").catch(() => {});

// Ctrl+C in a terminal goes to the whole group; the host decides when its engine ends.
process.on("SIGINT", () => {});

await serveEngine(forkChannel(), loadLocalBackend);
process.exit(0);
