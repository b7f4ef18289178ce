import { parseArgs } from "node:util";
import * as ort from "onnxruntime-node";
import { integerAttention } from "../engine/models/integer-attention.ts";
import { GraphBuilder, type Value } from "../engine/onnx/graph-builder.ts";
import { createSession, type Session } from "../engine/runtime/session-pool.ts";
import { relativeError } from "../test/support/relative-error.ts";
import { paired, speedups } from "./measure.ts";
import { normals } from "./real-block.ts";
import { round } from "./statistics.ts";

const HEADS = 30;
const HEAD_DIM = 128;
const WIDTH = HEADS * HEAD_DIM;
const SCALE = 1 / Math.sqrt(HEAD_DIM);
/** Of Attention as ONNX itself has it. */
const ATTENTION_OPSET = 23;

type Emit = (graph: GraphBuilder, inputs: { q: Value; k: Value; v: Value; tokens: number }) => Value;

interface Form {
  readonly emit: Emit;
  readonly opset?: number;
  /** Takes all pairs of tokens of all heads at once: 2 GB and more at 4128 tokens. */
  readonly isWide?: boolean;
}

/**
 * Ways to compute attention of one block (30 heads of 128) from q, k and v `[1, tokens, 3840]` as they come from the rotary
 * embedding: time, and the error against `MultiHeadAttention`. GroupQueryAttention is none of them: it masks what comes
 * later, and pictures have no later. Nor is MultiHeadAttention of packed q, k and v, which the runtime has for graphics
 * processors only.
 */
const forms: Record<string, Form> = {
  MultiHeadAttention: {
    emit: (graph, { q, k, v }) => graph.contrib("MultiHeadAttention", [q, k, v], { num_heads: HEADS }),
  },
  "Attention of ONNX": {
    opset: ATTENTION_OPSET,
    emit: (graph, { q, k, v }) => graph.op("Attention", [q, k, v], { q_num_heads: HEADS, kv_num_heads: HEADS }),
  },
  decomposed: {
    isWide: true,
    emit(graph, { q, k, v }) {
      const [heads, keys, values] = [byHead(graph, q), byHead(graph, k, [0, 2, 3, 1]), byHead(graph, v)];
      const scores = graph.op("MatMul", [graph.op("Mul", [heads, graph.scalar(SCALE)]), keys]);
      return together(graph, graph.op("MatMul", [graph.op("Softmax", [scores], { axis: -1 }), values]));
    },
  },
  "decomposed, a head at a time": {
    emit(graph, { q, k, v }) {
      const [heads, keys, values] = [byHead(graph, q), byHead(graph, k, [0, 2, 3, 1]), byHead(graph, v)].map((value) =>
        graph.ops("Split", [value], HEADS, { axis: 1, num_outputs: HEADS }),
      );
      const attended = heads!.map((head, i) => {
        const scores = graph.op("MatMul", [graph.op("Mul", [head, graph.scalar(SCALE)]), keys![i]!]);
        return graph.op("MatMul", [graph.op("Softmax", [scores], { axis: -1 }), values![i]!]);
      });
      return together(graph, graph.op("Concat", attended, { axis: 1 }));
    },
  },
  "8 bits": {
    emit(graph, { q, k, v }) {
      const rows = (value: Value) => graph.op("Reshape", [value, graph.ints([-1, WIDTH])]);
      const inputs = { q: rows(q), k: rows(k), v: rows(v) };
      const attended = integerAttention(graph, inputs, { heads: HEADS, headDim: HEAD_DIM });
      return graph.op("Reshape", [attended, graph.ints([1, -1, WIDTH])]);
    },
  },
};

/** `[1, tokens, width]` to `[1, heads, tokens, 128]`, or the axes of `[1, tokens, heads, 128]` in another order. */
function byHead(graph: GraphBuilder, value: Value, perm: readonly number[] = [0, 2, 1, 3]): Value {
  return graph.op("Transpose", [graph.op("Reshape", [value, graph.ints([1, -1, HEADS, HEAD_DIM])])], { perm });
}

function together(graph: GraphBuilder, value: Value): Value {
  return graph.op("Reshape", [graph.op("Transpose", [value], { perm: [0, 2, 1, 3] }), graph.ints([1, -1, WIDTH])]);
}

export async function run(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args,
    options: { tokens: { type: "string", default: "1056,4128" }, rounds: { type: "string", default: "3" } },
  });
  const results: Record<string, unknown>[] = [];
  for (const tokens of values.tokens.split(",").map(Number)) {
    results.push(await measured(tokens, Number(values.rounds)));
  }
  return { what: "attention of one block, 30 heads of 128, one thread; error against MultiHeadAttention", results };
}

async function measured(tokens: number, rounds: number): Promise<Record<string, unknown>> {
  const [q, k, v] = [1, 2, 3].map((seed) => perHeadNormed(normals(tokens * WIDTH, seed)));
  const feeds = { q: tensor(q!, tokens), k: tensor(k!, tokens), v: tensor(v!, tokens) };
  /** So large that each token sees few others. */
  const peaked = {
    ...feeds,
    q: tensor(
      q!.map((value) => 6 * value),
      tokens,
    ),
  };
  const works: Record<string, () => Promise<Float32Array>> = {};
  const errors: Record<string, { diffusePercent: number; peakedPercent: number }> = {};
  const sessions: Session[] = [];
  let expected: { diffuse: Float32Array; peaked: Float32Array } | undefined;
  for (const [name, form] of Object.entries(forms)) {
    if (form.isWide && tokens > 2000) continue;
    const session = await open(form, tokens);
    sessions.push(session);
    const outputOf = async (inputs: typeof feeds) => (await session.run(inputs)).out!.data as Float32Array;
    const made = { diffuse: (await outputOf(feeds)).slice(), peaked: (await outputOf(peaked)).slice() };
    expected ??= made;
    errors[name] = {
      diffusePercent: round(100 * relativeError(made.diffuse, expected.diffuse)),
      peakedPercent: round(100 * relativeError(made.peaked, expected.peaked)),
    };
    works[name] = () => outputOf(feeds);
  }
  const costs = await paired(works, rounds);
  for (const session of sessions) await session.release();
  return { tokens, costs, timesFaster: speedups(costs, "MultiHeadAttention"), errors };
}

function open({ emit, opset }: Form, tokens: number): Promise<Session> {
  const graph = new GraphBuilder("attention", opset);
  const input = (name: string) => graph.input(name, "float32", [1, tokens, WIDTH]);
  const out = emit(graph, { q: input("q"), k: input("k"), v: input("v"), tokens });
  graph.output("out", out, "float32", [1, tokens, WIDTH]);
  return createSession({ ...graph.build(), settings: { releaseMemory: true } }, { threads: 1 });
}

const tensor = (values: Float32Array, tokens: number) => new ort.Tensor("float32", values, [1, tokens, WIDTH]);

/** As q and k are: every head's values have the mean square 1. */
function perHeadNormed(values: Float32Array): Float32Array {
  for (let start = 0; start < values.length; start += HEAD_DIM) {
    let squares = 0;
    for (let i = start; i < start + HEAD_DIM; i++) squares += values[i]! ** 2;
    const factor = Math.sqrt(HEAD_DIM / squares);
    for (let i = start; i < start + HEAD_DIM; i++) values[i] = values[i]! * factor;
  }
  return values;
}
