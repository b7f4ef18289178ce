import { elementCount, reshaped, sliceRows, type TensorInfo } from "../tensor.ts";

/**
 * Names of the original Z-Image code (and of ComfyUI's single files) to those of diffusers. Names that already are
 * diffusers names stay as they are, so this serves the transformer and the ControlNets in every layout.
 */
const renames: readonly [RegExp, string][] = [
  [/^x_embedder\./, "all_x_embedder.2-1."],
  [/^final_layer\./, "all_final_layer.2-1."],
  [/^control_x_embedder\./, "control_all_x_embedder.2-1."],
  [/\.attention\.out\./, ".attention.to_out.0."],
  [/\.attention\.q_norm\./, ".attention.norm_q."],
  [/\.attention\.k_norm\./, ".attention.norm_k."],
];

function canonicalTransformerName(name: string): string {
  return renames.reduce((renamed, [pattern, replacement]) => renamed.replace(pattern, replacement), name);
}

const fused = /^(.*\.attention\.)qkv\.(weight|bias)$/;

/** A fused `qkv` becomes its three row ranges; query, key and value have equally many rows in Z-Image. */
export function canonicalTransformer(tensors: ReadonlyMap<string, TensorInfo>): Map<string, TensorInfo> {
  const canonical = new Map<string, TensorInfo>();
  for (const [name, tensor] of tensors) {
    const parts = fused.exec(name);
    const rows = tensor.shape[0] ?? 0;
    if (parts !== null && rows % 3 === 0) {
      for (const [index, part] of ["to_q", "to_k", "to_v"].entries()) {
        const partName = `${parts[1]}${part}.${parts[2]}`;
        canonical.set(partName, sliceRows(tensor, (index * rows) / 3, rows / 3, partName));
      }
      continue;
    }
    const renamed = canonicalTransformerName(name);
    const isPadToken = renamed === "x_pad_token" || renamed === "cap_pad_token";
    canonical.set(
      renamed,
      isPadToken ? reshaped(tensor, [1, elementCount(tensor.shape)], renamed) : { ...tensor, name: renamed },
    );
  }
  return canonical;
}
