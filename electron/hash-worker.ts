/** The thread that hashes model files, as a file of its own beside the bundled host. */
import "../server/models/hash-worker.ts";
