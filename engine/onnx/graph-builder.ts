import { createHash } from "node:crypto";
import { dirname, relative, sep } from "node:path";
import { type DType, isPerRow, isQuantised, type TensorInfo } from "../weights/tensor.ts";
import {
  attributeTypes,
  type ElementType,
  elementTypes,
  encodeModel,
  type ModelMessage,
  type NodeMessage,
  type TensorMessage,
  type ValueInfoMessage,
} from "./proto.ts";

/** A value in the graph: the output of a node, an input or an initializer. */
export type Value = string & { readonly __value: unique symbol };

/** A fixed size, or the name of a dimension that is known only when the graph runs. */
export type Dimension = number | string;

export type Attribute =
  | number
  | string
  | readonly number[]
  | { float: number }
  | { floats: readonly number[] }
  | { graph: Subgraph };

/** The body of an operator for control flow. */
export interface Subgraph {
  readonly name: string;
  readonly node: readonly NodeMessage[];
  readonly input: readonly ValueInfoMessage[];
  readonly output: readonly ValueInfoMessage[];
}

/** A value that an operator gives to its body. */
export interface SubgraphInput {
  readonly type: ElementType;
  readonly shape: readonly Dimension[];
}

/** A model ready for a session: the bytes of the graph, and the folder below which its weights lie. */
export interface BuiltModel {
  /** The graph as bytes. `decoded` are the float32 values of the tensors of that name, in their order. */
  encode(decoded?: readonly Float32Array[]): Uint8Array;
  /** Real path of the folder that external initializers are relative to; undefined when there are none. */
  readonly weightsFolder: string | undefined;
  /**
   * Weights that no runtime reads as they are stored: their values travel inside the graph. (Values handed over beside it
   * would have to be all of its external data.)
   */
  readonly decoded: readonly TensorInfo[];
  /** Memory of the weights once they are float32, in bytes. */
  readonly weightBytes: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

const MICROSOFT_DOMAIN = "com.microsoft";
const OPSET = 21;
const IR_VERSION = 10;
/** Constants of more bytes are named by a digest of them. */
const INLINE_NAME_BYTES = 48;

const storedTypes: Partial<Record<DType, ElementType>> = {
  F32: "float32",
  F64: "float64",
  F16: "float16",
  BF16: "bfloat16",
  F8_E4M3: "float8e4m3fn",
  F8_E5M2: "float8e5m2",
  I8: "int8",
  U8: "uint8",
  I16: "int16",
  I32: "int32",
  I64: "int64",
};

/** Emits an ONNX graph node by node. Weights stay in their files: initializers only say where their bytes lie. */
export class GraphBuilder {
  readonly #name: string;
  readonly #opset: number;
  #nodes: NodeMessage[] = [];
  readonly #initializers = new Map<string, TensorMessage>();
  readonly #external: { message: TensorMessage; tensor: TensorInfo }[] = [];
  readonly #decoded: { message: TensorMessage; tensor: TensorInfo }[] = [];
  readonly #inputs: ValueInfoMessage[] = [];
  readonly #outputs: ValueInfoMessage[] = [];
  #weights = new Map<string, Value>();
  #weightBytes = 0;
  #counter = 0;

  /** @param opset version of ONNX's operators */
  constructor(name: string, opset = OPSET) {
    this.#name = name;
    this.#opset = opset;
  }

  input(name: string, type: ElementType, shape: readonly Dimension[]): Value {
    this.#inputs.push(valueInfo(name, type, shape));
    return name as Value;
  }

  output(name: string, value: Value, type: ElementType, shape: readonly Dimension[]): void {
    this.#nodes.push({
      name: `out/${name}`,
      opType: "Identity",
      domain: "",
      input: [value],
      output: [name],
      attribute: [],
    });
    this.#outputs.push(valueInfo(name, type, shape));
  }

  op(opType: string, inputs: readonly (Value | undefined)[], attributes: Record<string, Attribute> = {}): Value {
    return this.ops(opType, inputs, 1, attributes)[0]!;
  }

  /** An operator of onnxruntime's own domain (`com.microsoft`). */
  contrib(opType: string, inputs: readonly (Value | undefined)[], attributes: Record<string, Attribute> = {}): Value {
    return this.ops(opType, inputs, 1, attributes, MICROSOFT_DOMAIN)[0]!;
  }

  ops(
    opType: string,
    inputs: readonly (Value | undefined)[],
    outputCount: number,
    attributes: Record<string, Attribute> = {},
    domain = "",
  ): Value[] {
    const name = `${opType}_${this.#counter++}`;
    const output = Array.from({ length: outputCount }, (_, i) => `${name}:${i}`);
    this.#nodes.push({
      name,
      opType,
      domain,
      input: inputs.map((value) => value ?? ""),
      output,
      attribute: Object.entries(attributes).map(([key, value]) => attributeMessage(key, value)),
    });
    return output as Value[];
  }

  /**
   * What `emit` emits, as the body of an operator like `If`: it sees all values of this graph, and this graph none of its
   * own. Weights, and inputs that are not the operator's, belong to the graph as a whole.
   *
   * @param shape of every output
   */
  subgraph(
    name: string,
    shape: readonly Dimension[],
    emit: (...inputs: Value[]) => Value | readonly Value[],
    inputs: readonly SubgraphInput[] = [],
  ): Subgraph {
    const [nodes, weights] = [this.#nodes, this.#weights];
    this.#nodes = [];
    this.#weights = new Map(weights);
    const input = inputs.map((given, i) => valueInfo(`${name}/${this.#counter++}/${i}`, given.type, given.shape));
    const outputs = [emit(...input.map((given) => given.name as Value))].flat();
    const output = outputs.map((value) => valueInfo(value, "float32", shape));
    const body = { name, node: this.#nodes, input, output };
    this.#nodes = nodes;
    this.#weights = weights;
    return body;
  }

  /** A tensor of a checkpoint as float32, cast and scaled where it is stored so (constant-folded at load). */
  weight(tensor: TensorInfo): Value {
    const key = `${tensor.path}@${tensor.offset}:${tensor.shape.join("x")}`;
    const known = this.#weights.get(key);
    if (known !== undefined) return known;
    const value = isQuantised(tensor.dtype)
      ? this.#decodedInitializer(tensor)
      : this.#storedWeight(tensor, tensor.dtype);
    this.#weights.set(key, value);
    this.#weightBytes += 4 * tensor.shape.reduce((product, size) => product * size, 1);
    return value;
  }

  /** A tensor of a safetensors file in the type it is stored in. */
  stored(tensor: TensorInfo): Value {
    const key = `stored ${tensor.path}@${tensor.offset}`;
    const known = this.#weights.get(key);
    if (known !== undefined) return known;
    if (isQuantised(tensor.dtype)) throw new TypeError(`${tensor.name}: ${tensor.dtype} cannot be an initializer`);
    const value = this.#externalInitializer(tensor, tensor.dtype);
    this.#weights.set(key, value);
    this.#weightBytes += tensor.byteLength;
    return value;
  }

  floats(data: readonly number[] | Float32Array, shape: readonly number[]): Value {
    return this.#inline("float32", Buffer.from(Float32Array.from(data).buffer), shape);
  }

  scalar(value: number): Value {
    return this.floats([value], []);
  }

  /** A scalar of type uint8. */
  byte(value: number): Value {
    return this.#inline("uint8", Uint8Array.of(value), []);
  }

  /** A scalar of type int8. */
  signedByte(value: number): Value {
    return this.#inline("int8", Uint8Array.from(Int8Array.of(value)), []);
  }

  ints(data: readonly number[]): Value {
    return this.#inline("int64", Buffer.from(BigInt64Array.from(data, BigInt).buffer), [data.length]);
  }

  build(): BuiltModel {
    const weightsFolder = commonFolder(this.#external.map(({ tensor }) => tensor.path));
    for (const { message, tensor } of this.#external) {
      message.externalData = [
        {
          key: "location",
          value: relative(weightsFolder ?? "", tensor.path)
            .split(sep)
            .join("/"),
        },
        { key: "offset", value: String(tensor.offset) },
        { key: "length", value: String(tensor.byteLength) },
      ];
    }
    const model: ModelMessage = {
      irVersion: IR_VERSION,
      producerName: "heddle",
      opsetImport: [
        { domain: "", version: this.#opset },
        { domain: MICROSOFT_DOMAIN, version: 1 },
      ],
      graph: {
        name: this.#name,
        node: this.#nodes,
        initializer: [...this.#initializers.values()],
        input: this.#inputs,
        output: this.#outputs,
      },
    };
    const decoded = this.#decoded;
    return {
      encode(values = []) {
        const rawDataOf = new Map(decoded.map(({ message }, i) => [message, values[i]]));
        const initializer = model.graph.initializer.map((message) => withValues(message, rawDataOf.get(message)));
        return encodeModel({ ...model, graph: { ...model.graph, initializer } });
      },
      weightsFolder,
      decoded: decoded.map(({ tensor }) => tensor),
      weightBytes: this.#weightBytes,
      inputs: this.#inputs.map((input) => input.name),
      outputs: this.#outputs.map((output) => output.name),
    };
  }

  #storedWeight(tensor: TensorInfo, dtype: DType): Value {
    const stored = this.#externalInitializer(tensor, dtype);
    const floats = dtype === "F32" ? stored : this.op("Cast", [stored], { to: elementTypes.float32 });
    if (tensor.scale === undefined) return floats;
    const scale = this.weight({ ...tensor.scale, shape: isPerRow(tensor.scale) ? [tensor.shape[0]!, 1] : [] });
    return this.op("Mul", [floats, scale]);
  }

  #externalInitializer(tensor: TensorInfo, dtype: DType): Value {
    const type = storedTypes[dtype];
    if (type === undefined) throw new TypeError(`${tensor.name}: ${dtype} cannot be an initializer`);
    const message = this.#declare(tensor, type);
    this.#external.push({ message, tensor });
    return message.name as Value;
  }

  #decodedInitializer(tensor: TensorInfo): Value {
    const { dataLocation: _, ...message } = this.#declare(tensor, "float32");
    this.#initializers.set(message.name, message);
    this.#decoded.push({ message, tensor });
    return message.name as Value;
  }

  #declare(tensor: TensorInfo, type: ElementType): TensorMessage {
    const name = `weight/${this.#initializers.size}/${tensor.name}`;
    const message: TensorMessage = { name, dims: [...tensor.shape], dataType: elementTypes[type], dataLocation: 1 };
    this.#initializers.set(name, message);
    return message;
  }

  #inline(type: ElementType, rawData: Uint8Array, shape: readonly number[]): Value {
    // Every node that takes it repeats the name.
    const content =
      rawData.length > INLINE_NAME_BYTES
        ? createHash("sha256").update(rawData).digest("hex")
        : Buffer.from(rawData).toString("base64");
    const name = `const/${type}/${shape.join("x")}/${content}`;
    if (!this.#initializers.has(name)) {
      this.#initializers.set(name, { name, dims: [...shape], dataType: elementTypes[type], rawData });
    }
    return name as Value;
  }
}

function withValues(message: TensorMessage, values: Float32Array | undefined): TensorMessage {
  if (values === undefined) return message;
  return { ...message, rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

function valueInfo(name: string, type: ElementType, shape: readonly Dimension[]): ValueInfoMessage {
  const dim = shape.map((size) => (typeof size === "number" ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: elementTypes[type], shape: { dim } } } };
}

function attributeMessage(name: string, value: Attribute): Record<string, unknown> {
  if (typeof value === "number") return { name, type: attributeTypes.int, i: value };
  if (typeof value === "string") return { name, type: attributeTypes.string, s: Buffer.from(value, "utf8") };
  if ("graph" in value) return { name, type: attributeTypes.graph, g: value.graph };
  if ("float" in value) return { name, type: attributeTypes.float, f: value.float };
  if ("floats" in value) return { name, type: attributeTypes.floats, floats: [...value.floats] };
  return { name, type: attributeTypes.ints, ints: [...value] };
}

/** The deepest folder that holds all files; the runtime refuses external data outside the folder it is given. */
function commonFolder(paths: readonly string[]): string | undefined {
  const first = paths[0];
  if (first === undefined) return undefined;
  let folder = dirname(first);
  while (!paths.every((path) => path.startsWith(folder.endsWith(sep) ? folder : folder + sep)))
    folder = dirname(folder);
  return folder;
}
