import { cp, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { GraphBuilder } from "../../engine/onnx/graph-builder.ts";
import { resamplePicture } from "../../engine/upscale/resample.ts";
import { colourBlobDetector } from "../support/colour-blob-detector.ts";
import { centre, corner, cut, difference, meanColour } from "./measure.ts";
import { openTemplates } from "./template.ts";

/** What people supply themselves: small models made for these tests, in the folders where such models belong. */
const template = await openTemplates({
  prepare: async (home) => {
    const files: Record<string, Uint8Array | string> = {
      "detectors/red.onnx": colourBlobDetector(),
      "classifiers/red.onnx": redClassifier(),
      "classifiers/red.json": JSON.stringify({ labels: ["red", "other"], unsafe: { red: 0.5 } }),
      "preprocessors/depth.onnx": brightness(),
      "upscale_models/twice.onnx": twiceAsLarge(),
    };
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.join(home, "models", path.dirname(name)), { recursive: true });
      await writeFile(path.join(home, "models", name), content);
    }
    const golden = path.join(import.meta.dirname, "../golden/models");
    await cp(path.join(golden, "model_bf16"), path.join(home, "models/checkpoints/tiny"), { recursive: true });
    await cp(path.join(golden, "controlnet_v1"), path.join(home, "models/controlnet/tiny"), { recursive: true });
  },
});

test("face-refinement draws what the detector finds anew, and keeps the rest to the pixel", async () => {
  const faces = (await template("face-refinement"))
    .with({ "sampler.steps": 4, "faces.steps": 4, "faces.detector": "detectors/red.onnx", "size.width": 192 })
    .with({ "size.height": 192, "faces.strength": 0.7 })
    .show("decode.image");
  const { saved, shown, facts } = await faces.draw();
  const [before] = shown.get("decode.image")!;
  expect(Number(facts.get("faces")!.faces)).toBeGreaterThanOrEqual(1);
  expect(difference(saved[0]!, before!)).toBeGreaterThan(0.2);
  expect(difference(cut(saved[0]!, corner(before!)), cut(before!, corner(before!)))).toBe(0);
  const none = await faces.with({ "faces.confidence": 1 }).draw();
  expect(difference(none.saved[0]!, before!)).toBe(0);
});

test("safety-check blurs what its classifier finds, and passes the rest on", async () => {
  const check = (await template("safety-check"))
    .with({ "sampler.steps": 3, "check.classifier": "classifiers/red.onnx" })
    .show("decode.image");
  const draw = async (changes: Record<string, string>) => {
    const { saved, shown } = await check.with(changes).draw();
    return { after: saved[0]!, before: shown.get("decode.image")![0]! };
  };
  const safe = await draw({ "prompt.text": "a yellow star on a blue background" });
  expect(difference(safe.after, safe.before)).toBe(0);
  const unsafe = { "prompt.text": "a white star on a red background" };
  const blurred = await draw(unsafe);
  expect(difference(blurred.after, blurred.before)).toBeGreaterThan(3);
  const blocked = await draw({ ...unsafe, "check.action": "block" });
  expect(meanColour(blocked.after)).toEqual([0, 0, 0]);
  const passed = await draw({ ...unsafe, "check.action": "pass" });
  expect(difference(passed.after, passed.before)).toBe(0);
});

test("controlnet steers with what is in its picture, as strongly as it is told", async () => {
  const steered = (await template("controlnet")).with({
    ...{ "model.checkpoint": "tiny", "net.controlNet": "tiny", "sampler.steps": 2 },
    ...{ "resize.width": 64, "resize.height": 64, "apply.end": 1 },
  });
  const pictureAt = async (changes: Record<string, number | string>) => (await steered.with(changes).draw()).saved[0]!;
  const off = await pictureAt({ "apply.strength": 0 });
  const byEdges = await pictureAt({ "apply.strength": 2 });
  expect(difference(byEdges, off)).toBeGreaterThan(0.5);
  expect(difference(await pictureAt({ "apply.strength": 2, "edges.method": "inverted" }), byEdges)).toBeGreaterThan(
    0.5,
  );
});

test("depth makes a picture of a picture with the model that it is given", async () => {
  const { saved, shown } = await (await template("depth")).show("load.image").draw();
  const [picture] = shown.get("load.image")!;
  const [depth] = saved;
  expect(depth).toMatchObject({ width: picture!.width, height: picture!.height });
  const grey = ([red, green, blue]: readonly number[]) => (red! + green! + blue!) / 3;
  const order = [centre(picture!), corner(picture!)].map((box) => grey(meanColour(picture!, box)));
  const made = [centre(picture!), corner(picture!)].map((box) => grey(meanColour(depth!, box)));
  expect(Math.sign(made[0]! - made[1]!)).toBe(Math.sign(order[0]! - order[1]!));
});

test("upscale-with-model enlarges by what the model says, part by part and without seams", async () => {
  const { saved, shown } = await (await template("upscale-with-model"))
    .with({ "sampler.steps": 2, "enlarge.upscaler": "upscale_models/twice.onnx" })
    .show("decode.image")
    .draw();
  const [small] = shown.get("decode.image")!;
  expect(saved[0]).toMatchObject({ width: 256, height: 256 });
  expect(difference(saved[0]!, resamplePicture(small!, 256, 256, "nearest"))).toBe(0);
});

/** Logits of the mean colour: red against the rest. */
function redClassifier(): Uint8Array {
  const graph = new GraphBuilder("red");
  const pixels = graph.input("pixels", "float32", [1, 3, 16, 16]);
  const mean = graph.op("ReduceMean", [pixels, graph.ints([2, 3])], { keepdims: 0 });
  const logits = graph.op("MatMul", [mean, graph.floats([12, -12, -10, 10, -10, 10], [3, 2])]);
  graph.output("logits", logits, "float32", [1, 2]);
  return graph.build().encode();
}

function brightness(): Uint8Array {
  const graph = new GraphBuilder("brightness");
  const pixels = graph.input("pixels", "float32", [1, 3, "h", "w"]);
  const mean = graph.op("ReduceMean", [pixels, graph.ints([1])], { keepdims: 0 });
  graph.output("depth", mean, "float32", [1, "h", "w"]);
  return graph.build().encode();
}

/** Every pixel four times. */
function twiceAsLarge(): Uint8Array {
  const graph = new GraphBuilder("twice");
  const pixels = graph.input("pixels", "float32", [1, 3, "h", "w"]);
  const rows = graph.op("Concat", [pixels, pixels, pixels, pixels], { axis: 1 });
  const large = graph.op("DepthToSpace", [rows], { blocksize: 2, mode: "DCR" });
  graph.output("large", large, "float32", [1, 3, "h2", "w2"]);
  return graph.build().encode();
}
