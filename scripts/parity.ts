import { writeFile } from "node:fs/promises";
import path from "node:path";
import { parityDocument } from "../test/parity/document.ts";

await writeFile(path.join(import.meta.dirname, "../docs/parity.md"), parityDocument());
