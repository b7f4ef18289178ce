import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeSafetensors, pseudoRandom, type TestTensor } from "../../test/support/encode-safetensors.ts";
import { GraphBuilder } from "../onnx/graph-builder.ts";
import { SessionPool } from "../runtime/session-pool.ts";
import type { RgbImage } from "../types.ts";
import { resamplePicture } from "./resample.ts";
import { planTiles } from "./tiles.ts";
import { Upscaler } from "./upscaler.ts";

const [FEATURES, GROWTH, BLOCKS] = [4, 3, 2];
type Tensors = Record<string, TestTensor & { data: Float32Array }>;

let folder: string;
const pool = new SessionPool({ memoryBudgetBytes: 1e9, threads: 1 });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-upscale-"));
});
afterAll(async () => {
  await pool.dispose();
  await rm(folder, { recursive: true });
});

async function open(name: string, tensors: Readonly<Record<string, TestTensor>>): Promise<Upscaler> {
  const path = join(folder, `${name}.safetensors`);
  await writeFile(path, encodeSafetensors(tensors));
  return Upscaler.open(path, pool);
}

/** A tiny RRDBNet with random weights, under the names of BasicSR. */
function rrdbNet({ doublings = 2, channels = 3 } = {}): Tensors {
  const random = pseudoRandom(5);
  const tensors: Tensors = {};
  const convolution = (name: string, from: number, to: number) => {
    const spread = 1.2 / Math.sqrt(from * 9);
    const data = Float32Array.from({ length: to * from * 9 }, () => random() * spread);
    tensors[`${name}.weight`] = { shape: [to, from, 3, 3], data };
    tensors[`${name}.bias`] = { shape: [to], data: Float32Array.from({ length: to }, () => random() * 0.1) };
  };
  convolution("conv_first", channels, FEATURES);
  for (let block = 0; block < BLOCKS; block++) {
    for (let rdb = 1; rdb <= 3; rdb++) {
      for (let i = 1; i <= 5; i++) {
        convolution(`body.${block}.rdb${rdb}.conv${i}`, FEATURES + (i - 1) * GROWTH, i < 5 ? GROWTH : FEATURES);
      }
    }
  }
  convolution("conv_body", FEATURES, FEATURES);
  for (let i = 1; i <= doublings; i++) convolution(`conv_up${i}`, FEATURES, FEATURES);
  convolution("conv_hr", FEATURES, FEATURES);
  convolution("conv_last", FEATURES, 3);
  return tensors;
}

/** Planes of channels, row by row. */
interface Volume {
  channels: Float64Array[];
  width: number;
  height: number;
}

/** The network once more, in plain loops and double precision. */
function reference(tensors: Tensors, image: RgbImage, doublings = 2): Volume {
  const convolve = (name: string, { channels, width, height }: Volume): Volume => {
    const { data: weight } = tensors[`${name}.weight`]!;
    const { data: bias } = tensors[`${name}.bias`]!;
    const output = Array.from(bias, (start, to) => {
      const plane = new Float64Array(width * height).fill(start);
      for (const [from, input] of channels.entries()) {
        for (let ky = -1; ky <= 1; ky++) {
          for (let kx = -1; kx <= 1; kx++) {
            const w = weight[((to * channels.length + from) * 3 + ky + 1) * 3 + kx + 1]!;
            for (let y = Math.max(0, -ky); y < Math.min(height, height - ky); y++) {
              for (let x = Math.max(0, -kx); x < Math.min(width, width - kx); x++) {
                plane[y * width + x]! += w * input[(y + ky) * width + x + kx]!;
              }
            }
          }
        }
      }
      return plane;
    });
    return { channels: output, width, height };
  };
  const map = (volume: Volume, change: (value: number) => number): Volume => ({
    ...volume,
    channels: volume.channels.map((plane) => plane.map(change)),
  });
  const leaky = (volume: Volume) => map(volume, (value) => (value < 0 ? 0.2 * value : value));
  const add = (a: Volume, b: Volume, scale = 1): Volume => ({
    ...a,
    channels: a.channels.map((plane, c) => plane.map((value, i) => value + scale * b.channels[c]![i]!)),
  });
  const double = ({ channels, width, height }: Volume): Volume => ({
    width: 2 * width,
    height: 2 * height,
    channels: channels.map((plane) =>
      Float64Array.from(
        { length: 4 * width * height },
        (_, i) => plane[Math.floor(i / (4 * width)) * width + Math.floor((i % (2 * width)) / 2)]!,
      ),
    ),
  });
  const { width, height } = image;
  const pixels = [0, 1, 2].map((c) =>
    Float64Array.from({ length: width * height }, (_, i) => image.data[i * 3 + c]! / 255),
  );
  const first = convolve("conv_first", { channels: pixels, width, height });
  let x = first;
  for (let block = 0; block < BLOCKS; block++) {
    let inner = x;
    for (let rdb = 1; rdb <= 3; rdb++) {
      let seen = inner;
      let last = inner;
      for (let i = 1; i <= 5; i++) {
        last = convolve(`body.${block}.rdb${rdb}.conv${i}`, seen);
        if (i < 5) last = leaky(last);
        seen = { ...seen, channels: [...seen.channels, ...last.channels] };
      }
      inner = add(inner, last, 0.2);
    }
    x = add(x, inner, 0.2);
  }
  x = add(first, convolve("conv_body", x));
  for (let i = 1; i <= doublings; i++) x = leaky(convolve(`conv_up${i}`, double(x)));
  return convolve("conv_last", leaky(convolve("conv_hr", x)));
}

const random = pseudoRandom(11);
function noise(width: number, height: number): RgbImage {
  return {
    ...{ width, height, seed: "7" },
    data: Uint8Array.from({ length: width * height * 3 }, () => 128 + 127 * random()),
  };
}

const whole = { tile: 1024, overlap: 0, signal: new AbortController().signal, onProgress: () => undefined };

describe("Upscaler", () => {
  test("an RRDBNet computes what its definition says", async () => {
    const tensors = rrdbNet();
    const image = noise(9, 7);
    const upscaler = await open("rrdb", tensors);
    expect(upscaler.facts).toEqual({ architecture: "RRDBNet, 2 blocks", features: 4, scale: 4 });
    const result = await upscaler.upscale(image, whole);
    expect(result).toMatchObject({ width: 36, height: 28, seed: "7" });
    const expected = reference(tensors, image);
    let inside = 0;
    for (let i = 0; i < 36 * 28; i++) {
      for (let channel = 0; channel < 3; channel++) {
        const value = expected.channels[channel]![i]! * 255;
        if (value > 0 && value < 255) inside++;
        const clamped = Math.min(255, Math.max(0, value));
        expect(Math.abs(result.data[i * 3 + channel]! - clamped)).toBeLessThan(0.51);
      }
    }
    expect(inside).toBeGreaterThan(800);
  });

  test("files with the names of older programs are the same model", async () => {
    const tensors = rrdbNet();
    const renamed = (rename: (name: string) => string) =>
      Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [rename(name), tensor]));
    const esrgan = renamed((name) =>
      name
        .replace(/^body\.(\d+)\.rdb/, "RRDB_trunk.$1.RDB")
        .replace("conv_body", "trunk_conv")
        .replace("conv_up", "upconv")
        .replace("conv_hr", "HRconv"),
    );
    const numbers: Record<string, string> = {
      conv_first: "model.0",
      conv_body: `model.1.sub.${BLOCKS}`,
      conv_up1: "model.3",
      conv_up2: "model.6",
      conv_hr: "model.8",
      conv_last: "model.10",
    };
    const numbered = renamed((name) =>
      name
        .replace(/^body\.(\d+)\.rdb(\d)\.conv(\d)/, "model.1.sub.$1.RDB$2.conv$3.0")
        .replace(/^conv_\w+/, (layer) => numbers[layer]!),
    );
    const image = noise(6, 5);
    const { data } = await (await open("rrdb", tensors)).upscale(image, whole);
    for (const [name, other] of Object.entries({ esrgan, numbered, ema: renamed((key) => `params_ema.${key}`) })) {
      const upscaler = await open(name, other);
      expect(upscaler.facts, name).toEqual({ architecture: "RRDBNet, 2 blocks", features: 4, scale: 4 });
      expect((await upscaler.upscale(image, whole)).data, name).toEqual(data);
    }
  });

  test("Real-ESRGAN's 2x form folds 2 x 2 pixels into channels first", async () => {
    const tensors = rrdbNet({ channels: 12 });
    const upscaler = await open("x2", tensors);
    expect(upscaler.scale).toBe(2);
    const result = await upscaler.upscale(noise(7, 6), whole);
    expect(result).toMatchObject({ width: 14, height: 12 });
    // In an even picture all 4 pixels of a place are alike, so that 12 channels are 3 whose weights are summed.
    const folded = rrdbNet({ channels: 12 });
    const { data } = folded["conv_first.weight"]!;
    folded["conv_first.weight"] = {
      shape: [FEATURES, 3, 3, 3],
      data: Float32Array.from({ length: FEATURES * 27 }, (_, i) => {
        const [feature, channel, tap] = [Math.floor(i / 27), Math.floor(i / 9) % 3, i % 9];
        return [0, 1, 2, 3].reduce((sum, k) => sum + data[(feature * 12 + channel * 4 + k) * 9 + tap]!, 0);
      }),
    };
    const even = (width: number, height: number): RgbImage => ({
      ...{ width, height },
      data: Uint8Array.from({ length: width * height * 3 }, (_, i) => [200, 90, 30][i % 3]!),
    });
    const expected = reference(folded, even(6, 5));
    const { data: pixels } = await upscaler.upscale(even(12, 10), whole);
    for (let i = 0; i < 24 * 20; i++) {
      const clamped = Math.min(255, Math.max(0, expected.channels[1]![i]! * 255));
      expect(Math.abs(pixels[i * 3 + 1]! - clamped)).toBeLessThan(0.51);
    }
  });

  test("SVRGNetCompact: convolutions, PReLU, a pixel shuffle and the enlarged picture", async () => {
    const middle = new Float32Array(12 * 3 * 9);
    // Output channel c of the last layer is half of input channel c / 4, so that each pixel gets half of itself added.
    const tensors = {
      "body.0.weight": { shape: [3, 3, 3, 3], data: new Float32Array(81) },
      "body.0.bias": { shape: [3], data: new Float32Array(3) },
      "body.1.weight": { shape: [3], data: Float32Array.of(0.5, 0.5, 0.5) },
      "body.2.weight": { shape: [12, 3, 3, 3], data: middle },
      "body.2.bias": { shape: [12], data: Float32Array.from({ length: 12 }, (_, i) => (i === 5 ? 0.1 : 0)) },
    };
    for (let c = 0; c < 3; c++) tensors["body.0.weight"].data[(c * 3 + c) * 9 + 4] = -1;
    for (let c = 0; c < 12; c++) middle[(c * 3 + Math.floor(c / 4)) * 9 + 4] = 0.5;
    const upscaler = await open("compact", tensors);
    expect(upscaler.facts).toEqual({ architecture: "SRVGGNetCompact, 2 convolutions", features: 3, scale: 2 });
    const image = noise(5, 4);
    const result = await upscaler.upscale(image, whole);
    // -1 through PReLU is -0.5, half of it -0.25: three quarters of the picture are left.
    for (const [x, y] of [
      [0, 0],
      [3, 5],
      [9, 7],
      [7, 2],
    ] as const) {
      const from = (Math.floor(y / 2) * 5 + Math.floor(x / 2)) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const extra = channel === 1 && x % 2 === 1 && y % 2 === 0 ? 25.5 : 0;
        const value = 0.75 * image.data[from + channel]! + extra;
        expect(Math.abs(result.data[(y * 10 + x) * 3 + channel]! - value)).toBeLessThan(0.51);
      }
    }
  });

  test("in tiles it gives the same picture where the overlap covers what a pixel depends on", async () => {
    const upscaler = await open("rrdb", rrdbNet());
    const image = noise(40, 33);
    const atOnce = await upscaler.upscale(image, whole);
    const progress: string[] = [];
    const onProgress = (done: number, total: number) => progress.push(`${done}/${total}`);
    // 2 blocks of 15 convolutions, and 6 others, of which some see half pixels.
    const tiled = await upscaler.upscale(image, { ...whole, tile: 16, overlap: 36, onProgress });
    expect(progress).toHaveLength(9);
    expect(progress.at(-1)).toBe("9/9");
    expect(tiled).toEqual(atOnce);
    const withoutOverlap = await upscaler.upscale(image, { ...whole, tile: 16 });
    expect(withoutOverlap).not.toEqual(atOnce);
  });

  test("stops when it is cancelled", async () => {
    const upscaler = await open("rrdb", rrdbNet());
    const controller = new AbortController();
    const upscaling = upscaler.upscale(noise(40, 8), {
      ...whole,
      tile: 8,
      signal: controller.signal,
      onProgress: (done) => done === 2 && controller.abort(),
    });
    await expect(upscaling).rejects.toMatchObject({ code: "cancelled" });
  });

  test.each([
    ["strange", { "layers.0.weight": { shape: [1], data: Float32Array.of(1) } }, "upscaler-unknown"],
    ["grey", rrdbNet({ channels: 1 }), "upscaler-channels"],
    [
      "extra",
      { ...rrdbNet(), "body.0.rdb1.conv1x1.weight": { shape: [1], data: Float32Array.of(1) } },
      "upscaler-unknown",
    ],
  ])("%s weights are refused", async (name, tensors, code) => {
    await expect(open(name, tensors)).rejects.toMatchObject({ code, field: "upscaler" });
  });

  test("a missing tensor is named", async () => {
    const { "conv_hr.bias": _, ...tensors } = rrdbNet();
    const upscaler = await open("short", tensors);
    await expect(upscaler.upscale(noise(4, 4), whole)).rejects.toMatchObject({
      code: "tensor-missing",
      message: expect.stringContaining("conv_hr.bias"),
    });
  });
});

describe("an ONNX upscaler", () => {
  async function openOnnx(name: string, shape: readonly (number | string)[], type: "float32" | "float16" = "float32") {
    const graph = new GraphBuilder(name);
    const input = graph.input("image in", type, shape);
    const isSide = (axis: number) => axis >= shape.length - 2;
    const factors = graph.floats(
      shape.map((_, axis) => (isSide(axis) ? 3 : 1)),
      [shape.length],
    );
    graph.output(
      "image out",
      graph.op("Resize", [input, undefined, factors], { mode: "nearest" }),
      type,
      shape.map((size, axis) => (isSide(axis) ? `out_${axis}` : size)),
    );
    const path = join(folder, `${name}.onnx`);
    await writeFile(path, graph.build().encode());
    return Upscaler.open(path, pool);
  }

  test("tells its scale by itself, and runs in tiles", async () => {
    const upscaler = await openOnnx("three", [1, 3, "height", "width"]);
    expect(upscaler.facts).toEqual({ architecture: "ONNX", scale: 3 });
    const image = noise(20, 12);
    const result = await upscaler.upscale(image, { ...whole, tile: 8, overlap: 2 });
    expect(result).toEqual(resamplePicture(image, 60, 36, "nearest"));
  });

  test.each([
    ["fixed", [1, 3, 64, 64], "float32"],
    ["half", [1, 3, "h", "w"], "float16"],
    ["planes", [3, "h", "w"], "float32"],
    ["four", [1, 4, "h", "w"], "float32"],
  ] as const)("%s: one of another form is refused", async (name, shape, type) => {
    await expect(openOnnx(name, shape, type)).rejects.toMatchObject({ code: "upscaler-form", field: "upscaler" });
  });

  test("a file that is no model is refused", async () => {
    const path = join(folder, "text.onnx");
    await writeFile(path, "no model");
    await expect(Upscaler.open(path, pool)).rejects.toMatchObject({ code: "onnx-invalid" });
  });
});

test("tiles cover a picture once, each with its surroundings", () => {
  const tiles = planTiles(50, 20, 16, 4);
  const covered = new Uint8Array(50 * 20);
  for (const { x, y } of tiles) {
    expect(x.readStart).toBe(Math.max(0, x.start - 4));
    expect(x.readEnd).toBe(Math.min(50, x.end + 4));
    expect(x.end - x.start).toBeLessThanOrEqual(16);
    for (let row = y.start; row < y.end; row++) for (let at = x.start; at < x.end; at++) covered[row * 50 + at]!++;
  }
  expect(covered.every((times) => times === 1)).toBe(true);
  expect(tiles).toHaveLength(4 * 2);
});
