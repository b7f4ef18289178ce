/** One process of the vae bench: decodes random latents, or encodes a random picture, once and says what that took. */
import { Autoencoder } from "../engine/models/autoencoder-kl/autoencoder.ts";
import { SessionPool } from "../engine/runtime/session-pool.ts";
import { openWeightFile } from "../engine/weights/weight-set.ts";
import { fluxVae } from "./random-shapes.ts";
import { normals } from "./real-block.ts";

const [path, size, mode, threads, upsampling, encode] = process.argv.slice(2);
const side = Number(size) / fluxVae.downscale;
const pool = new SessionPool({ memoryBudgetBytes: 8e9, threads: Number(threads) });
const vae = new Autoencoder(await openWeightFile(path!), fluxVae, pool, {
  upsampling: upsampling === "nearest" ? "nearest" : "subpixel",
  ...(mode === "strips" && { stripsAbovePixels: 0 }),
});
const isDecoded = encode === undefined;
const input = normals(isDecoded ? fluxVae.latentChannels * side ** 2 : fluxVae.imageChannels * Number(size) ** 2);
if (mode === "whole" && isDecoded) await vae.warm();
const cpuBefore = process.cpuUsage();
const wallBefore = performance.now();
if (isDecoded) await vae.decode(input, { height: side, width: side });
else await vae.encode(input, { height: Number(size), width: Number(size) });
const wallSeconds = (performance.now() - wallBefore) / 1e3;
const { user, system } = process.cpuUsage(cpuBefore);
const report = { cpuSeconds: (user + system) / 1e6, wallSeconds, peakBytes: process.resourceUsage().maxRSS * 1024 };
await pool.dispose();
console.log(JSON.stringify(report));
