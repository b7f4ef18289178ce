import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";

// Property tests draw the same cases every time, so that a failure is a change of the code; FC_SEED draws others.
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_260) });

// No test writes into the home of who runs it.
process.env.HEDDLE_HOME ??= join(tmpdir(), "heddle-unit-tests");

// Files are tested side by side, a core each. A second thread of an engine would mostly wait, and take the core of another
// file for it: that doubles what all tests take. Golden cases and the desktop app's specs run with all threads.
process.env.HEDDLE_THREADS ??= "1";
