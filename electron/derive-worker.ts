/** The thread that derives weights, as a file of its own beside the bundled engine. */
import "../engine/precision/derive-worker.ts";
