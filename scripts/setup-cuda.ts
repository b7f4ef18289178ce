import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * Fetches ONNX Runtime's CUDA libraries (about 400 MB from nuget.org), which `npm ci` leaves out.
 *
 *     npm run setup:cuda
 *
 * They need an NVIDIA GPU, CUDA 12 and cuDNN 9. Without them Heddle runs on WebGPU or on the CPU.
 */
const platform = `${process.platform}/${process.arch}`;

if (platform !== "linux/x64") {
  console.error(`ONNX Runtime has no CUDA libraries for ${platform}: Heddle uses what it comes with there.`);
  process.exit(2);
}

const packageFolder = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
// The variable wins over the `onnxruntime-node-install=skip` of .npmrc.
const { status } = spawnSync(process.execPath, [join(packageFolder, "script/install.js")], {
  stdio: "inherit",
  env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: "true" },
});
const library = join(packageFolder, "bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so");
if (status !== 0 || !existsSync(library)) {
  console.error(
    "The CUDA libraries could not be fetched. Check that api.nuget.org can be reached, then run this again.",
  );
  process.exit(1);
}
console.log(`CUDA libraries are in ${dirname(library)}.`);
