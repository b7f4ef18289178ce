import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { addPngText } from "../graph/embedding/png-text.ts";
import { parseWorkflowText } from "../graph/parse.ts";
import { serializeWorkflow } from "../graph/serialize.ts";
import { main } from "./main.ts";

const fixtures = fileURLToPath(new URL("../test/fixtures/comfyui/", import.meta.url));
const template = fileURLToPath(new URL("../resources/templates/text-to-image.json", import.meta.url));
let folder: string;
let stdout: string;
let stderr: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "heddle-commands-"));
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += text;
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  await rm(folder, { recursive: true });
});

/** Runs a command line; gives its exit code. */
async function heddle(...args: string[]): Promise<number> {
  stdout = "";
  stderr = "";
  process.exitCode = 0;
  await main(["node", "heddle", ...args]);
  return Number(process.exitCode);
}

const inFolder = (name: string) => path.join(folder, name);

describe("heddle validate", () => {
  test("a workflow that can run", async () => {
    expect(await heddle("validate", template)).toBe(0);
    expect(stdout).toBe("The workflow can run.\n");
  });

  test("one that cannot: every problem, exit code 2", async () => {
    const text = (await readFile(template, "utf8")).replace(/"steps": \d+/, '"steps": 0').replace('"euler"', '"magic"');
    await writeFile(inFolder("wrong.json"), text);
    expect(await heddle("validate", inFolder("wrong.json"), "--json")).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      valid: false,
      problems: [
        { code: "value-out-of-range", nodeId: "sampler", field: "steps" },
        { code: "value-not-an-option", nodeId: "sampler", field: "solver" },
      ],
    });
  });

  test("another program's workflow, as imported", async () => {
    expect(await heddle("validate", path.join(fixtures, "packs.ui-0.4.json"))).toBe(0);
    expect(stderr).toContain("warning: 19: ");
  });

  test.each([
    ["missing.json", undefined],
    ["no.json", "no JSON"],
    ["foreign.json", "{}"],
  ])("%s is refused with a reason", async (name, text) => {
    if (text !== undefined) await writeFile(inFolder(name), text);
    expect(await heddle("validate", inFolder(name))).toBe(2);
    expect(stderr).toMatch(/^error: .+\n$/s);
  });
});

describe("heddle fmt", () => {
  test("writes the usual form, once; --check only tells", async () => {
    const file = inFolder("a.json");
    const { document } = parseWorkflowText(await readFile(template, "utf8"));
    await writeFile(file, JSON.stringify({ ...document, "from the future": { kept: [1] } }));
    expect(await heddle("fmt", file, "--check")).toBe(1);
    expect(await heddle("fmt", file)).toBe(0);
    const written = await readFile(file, "utf8");
    expect(written).toBe(serializeWorkflow({ ...document, "from the future": { kept: [1] } }));
    expect(await heddle("fmt", file, "--check")).toBe(0);
    expect(await readdir(folder)).toEqual(["a.json", "a.json.bak"]);
  });

  test("does not touch what is no Heddle document", async () => {
    await cp(path.join(fixtures, "turbo.api.json"), inFolder("b.json"));
    const before = await readFile(inFolder("b.json"), "utf8");
    expect(await heddle("fmt", inFolder("b.json"))).toBe(2);
    expect(stderr).toContain("ComfyUI");
    expect(await readFile(inFolder("b.json"), "utf8")).toBe(before);
  });
});

describe("heddle diff", () => {
  test("nothing when only places and ids of links differ", async () => {
    const { document } = parseWorkflowText(await readFile(template, "utf8"));
    const nodes = document.nodes.map((node) => ({ ...node, position: { x: 9, y: 9 }, color: "#123456" })).reverse();
    const links = document.links.map((link, index) => ({ ...link, id: `other-${index}` }));
    await writeFile(inFolder("moved.json"), JSON.stringify({ ...document, nodes, links, frames: [] }));
    expect(await heddle("diff", template, inFolder("moved.json"))).toBe(0);
    expect(stdout).toBe("");
  });

  test("nodes, params, links and modes that changed; exit code 1", async () => {
    const { document } = parseWorkflowText(await readFile(template, "utf8"));
    const nodes = document.nodes
      .filter(({ id }) => id !== "save")
      .map((node) =>
        node.id === "sampler"
          ? { ...node, mode: "muted" as const, params: { ...node.params, steps: 9, extra: true } }
          : node,
      );
    const show = {
      id: "show",
      type: "preview-image",
      typeVersion: 1,
      position: { x: 0, y: 0 },
      params: {},
      mode: "active" as const,
    };
    const links = [
      ...document.links.filter(({ to }) => to.node !== "save"),
      { id: "x", from: { node: "decode", port: "image" }, to: { node: "show", port: "image" } },
    ];
    await writeFile(inFolder("changed.json"), JSON.stringify({ ...document, nodes: [...nodes, show], links }));
    expect(await heddle("diff", template, inFolder("changed.json"))).toBe(1);
    expect(stdout.trim().split("\n")).toEqual([
      "- save: save-image",
      '~ sampler.mode: "active" → "muted"',
      "+ sampler.extra = true",
      "~ sampler.steps: 8 → 9",
      "+ show: preview-image",
      "- decode.image → save.image",
      "+ decode.image → show.image",
    ]);
    expect(await heddle("diff", template, inFolder("changed.json"), "--json")).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ same: false, changes: { length: 7 } });
  });
});

describe("heddle import", () => {
  test("prints the report and the workflow as JSON", async () => {
    expect(await heddle("import", path.join(fixtures, "packs.ui-0.4.json"), "--json")).toBe(0);
    const { report, document } = JSON.parse(stdout);
    expect(report.nodes).toEqual({ total: 20, mapped: 9, kept: 2, virtual: 9 });
    expect(report.kept[0]).toMatchObject({ class: "FaceDetailer", pack: "comfyui-impact-pack" });
    expect(document).toMatchObject({ format: "heddle-workflow", title: "packs.ui-0.4" });
  });

  test("--out writes a document that opens again as it is", async () => {
    const out = inFolder("out.json");
    expect(await heddle("import", path.join(fixtures, "turbo.ui-0.4.json"), "--out", out)).toBe(0);
    expect(stdout).toContain("nodes: 16 in all, 14 mapped, 0 kept, 2 virtual");
    expect(await heddle("fmt", out, "--check")).toBe(0);
    expect(await heddle("validate", out)).toBe(0);
    expect(await heddle("import", out, "--json")).toBe(0);
    expect(JSON.parse(stdout).report).toMatchObject({ format: "heddle", nodes: { total: 14, mapped: 14, kept: 0 } });
  });

  test("a place that cannot be written is a failure that says so", async () => {
    const out = path.join(folder, "no such folder", "out.json");
    expect(await heddle("import", template, "--out", out)).toBe(2);
    expect(stderr).toContain("cannot be written");
  });

  describe("from pictures", () => {
    const canvas = () => sharp({ create: { width: 8, height: 8, channels: 3, background: "blue" } });
    const read = (name: string) => readFile(path.join(fixtures, name), "utf8");

    test("a PNG of ComfyUI's: the editor's format if it is there, else what was run", async () => {
      const png = await canvas().png().toBuffer();
      const both = { prompt: await read("turbo.api.json"), workflow: await read("turbo.ui-0.4.json") };
      await writeFile(inFolder("both.png"), addPngText(png, both));
      await writeFile(inFolder("prompt.png"), addPngText(png, { prompt: both.prompt }));
      await writeFile(inFolder("broken.png"), addPngText(png, { prompt: both.prompt, workflow: "{" }));
      expect(await heddle("import", inFolder("both.png"), "--json")).toBe(0);
      expect(JSON.parse(stdout).report).toMatchObject({ format: "comfyui", nodes: { total: 16 } });
      for (const name of ["prompt.png", "broken.png"]) {
        expect(await heddle("import", inFolder(name), "--json")).toBe(0);
        expect(JSON.parse(stdout).report).toMatchObject({ format: "comfyui-api", nodes: { total: 10 } });
      }
    });

    test("a WebP of ComfyUI's, with the workflow in EXIF", async () => {
      const workflow = JSON.stringify(JSON.parse(await read("turbo.ui-0.4.json")));
      const prompt = JSON.stringify(JSON.parse(await read("turbo.api.json")));
      const exif = { IFD0: { Make: `workflow:${workflow}`, Model: `prompt:${prompt}` } };
      await canvas().webp().withExif(exif).toFile(inFolder("a.webp"));
      expect(await heddle("import", inFolder("a.webp"), "--json")).toBe(0);
      expect(JSON.parse(stdout).report).toMatchObject({ format: "comfyui", nodes: { total: 16 } });
    });

    test("a JPEG with the settings of A1111 as its comment", async () => {
      const text = "a boat\nNegative prompt: fog\nSteps: 20, Sampler: Euler a, CFG scale: 4, Seed: 3, Size: 512x768";
      await canvas()
        .jpeg()
        .withExif({ IFD2: { UserComment: text } })
        .toFile(inFolder("a.jpg"));
      expect(await heddle("import", inFolder("a.jpg"), "--json")).toBe(0);
      expect(JSON.parse(stdout).report).toMatchObject({ format: "a1111" });
    });

    test("a picture without any is refused", async () => {
      await canvas().png().toFile(inFolder("plain.png"));
      expect(await heddle("import", inFolder("plain.png"))).toBe(2);
      expect(stderr).toContain("The picture has no workflow inside.");
    });
  });
});

describe("heddle export", () => {
  test("writes ComfyUI's API format", async () => {
    expect(await heddle("export", path.join(fixtures, "turbo.ui-0.4.json"), "--out", inFolder("api.json"))).toBe(0);
    const api = JSON.parse(await readFile(inFolder("api.json"), "utf8"));
    expect(api["8"]).toMatchObject({ class_type: "KSampler", inputs: { model: ["6", 0], steps: 9 } });
  });

  test("what ComfyUI has no equal for is told", async () => {
    expect(await heddle("export", template)).toBe(2);
    expect(stderr).toContain("cannot be written for ComfyUI");
  });
});
