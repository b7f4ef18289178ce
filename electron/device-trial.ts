/** The process that tries a device, as a file of its own beside the bundled host. */
import "../engine/runtime/device-trial.ts";
