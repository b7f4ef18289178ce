import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Takes half a minute, most of it waiting for the device: other files run beside it, when it is not the last. */
const SLOWEST = "engine/runtime/webgpu.test.ts";

/** Vitest begins with the largest files where it does not know yet how long each takes, as on a machine that is new to it. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSlowest = ({ moduleId }: TestSpecification) => Number(moduleId.endsWith(SLOWEST));
    return (await super.sort(files)).toSorted((a, b) => isSlowest(b) - isSlowest(a));
  }
}
