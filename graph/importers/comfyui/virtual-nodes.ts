import type { JsonValue } from "../../document.ts";
import type { ComfyNode } from "./graph.ts";

/** Nodes that exist only while a workflow is edited: they end as links and values of other nodes. */

const reroutes = new Set(["Reroute", "Reroute (rgthree)", "ReroutePrimitive|pysssss", "easy reroute", "JunctionNode"]);
const setters = new Set(["SetNode", "easy setNode"]);
const getters = new Set(["GetNode", "easy getNode"]);
const switches = new Set(["Any Switch (rgthree)"]);

/** They switch other nodes on and off while somebody edits; what they last did is in the other nodes' modes. */
const remotes = new Set([
  "Node Collector (rgthree)",
  "Mute / Bypass Repeater (rgthree)",
  "Mute / Bypass Relay (rgthree)",
  "Fast Muter (rgthree)",
  "Fast Bypasser (rgthree)",
  "Fast Groups Muter (rgthree)",
  "Fast Groups Bypasser (rgthree)",
  "Fast Actions Button (rgthree)",
  "Random Unmuter (rgthree)",
  "Bookmark (rgthree)",
  "Label (rgthree)",
]);

/** They hand a value on as it is, and only make ComfyUI faster or free its memory meanwhile. */
const helpers = new Set([
  "easy cleanGpuUsed",
  "easy clearCacheAll",
  "PathchSageAttentionKJ",
  "ModelPatchTorchSettings",
  "TorchCompileModel",
  "TorchCompileModelAdvanced",
  "TorchCompileModelFluxAdvanced",
]);

/** They save time by leaving out or approximating parts of the work; without them the picture is drawn in full. */
const approximators = new Set(["EasyCache", "LazyCache", "CacheDiT_Model_Optimizer"]);

/** Constants: class, and the widget that holds the value. */
const constants: Readonly<Record<string, string>> = {
  PrimitiveInt: "value",
  PrimitiveFloat: "value",
  PrimitiveBoolean: "value",
  PrimitiveString: "value",
  PrimitiveStringMultiline: "value",
  INTConstant: "value",
  FloatConstant: "value",
  StringConstant: "string",
  StringConstantMultiline: "string",
  "Seed (rgthree)": "seed",
  "easy seed": "seed",
  "easy int": "value",
  "easy float": "value",
  "easy string": "value",
  "easy positive": "positive",
  "easy negative": "negative",
  "Int Literal": "int",
  "Float Literal": "float",
  "String Literal": "string",
  DF_Text: "Text",
  DF_Integer: "Value",
  DF_Float: "Value",
};

/** Nodes that hold several constants: the widgets in the order of the outputs. */
const constantLists: Readonly<Record<string, readonly string[]>> = {
  "KSampler Config (rgthree)": ["steps_total", "refiner_step", "cfg", "sampler_name", "scheduler"],
};

export const isSet = ({ type }: ComfyNode): boolean => setters.has(type);
export const isGet = ({ type }: ComfyNode): boolean => getters.has(type);
export const isSwitch = ({ type }: ComfyNode): boolean => switches.has(type);

/** The constant that an output of a node stands for. */
export function constantOf(node: ComfyNode, slot = 0): JsonValue | undefined {
  // The editor's own primitive takes the kind of what it is linked to; its value comes first, its control second.
  if (node.type === "PrimitiveNode") return node.values.value ?? node.unnamed[0];
  const widget = constantWidget(node, slot);
  const value = widget === undefined ? undefined : node.values[widget];
  return typeof value === "object" ? undefined : value;
}

/** The widget that holds the constant of an output; `undefined` for any other node. */
export function constantWidget({ type }: ComfyNode, slot = 0): string | undefined {
  if (Object.hasOwn(constantLists, type)) return constantLists[type]?.[slot];
  return Object.hasOwn(constants, type) ? constants[type] : undefined;
}

/** Whether a node is no more than a way for links: it never stays as a node. */
export function isPassage(node: ComfyNode): boolean {
  const { type } = node;
  return reroutes.has(type) || remotes.has(type) || isHelper(node) || isSet(node) || isGet(node) || isSwitch(node);
}

/** Whether a node that was left out changed the picture a little, to be faster. */
export const isApproximator = ({ type }: ComfyNode): boolean => approximators.has(type);

/** Whether a node was left out because Heddle does what it is for by itself. */
export function isHelper({ type, values }: ComfyNode): boolean {
  // Z-Image's prompts are read from the second last layer in any case.
  return (
    helpers.has(type) || approximators.has(type) || (type === "CLIPSetLastLayer" && values.stop_at_clip_layer === -2)
  );
}
