import { reshaped, type TensorInfo } from "../tensor.ts";

/** LDM names (as in Flux's ae.safetensors) and those of old diffusers versions to today's diffusers names. */
const renames: readonly [RegExp, string][] = [
  [/^(encoder|decoder)\.mid\.block_1\./, "$1.mid_block.resnets.0."],
  [/^(encoder|decoder)\.mid\.block_2\./, "$1.mid_block.resnets.1."],
  [/^(encoder|decoder)\.mid\.attn_1\.norm\./, "$1.mid_block.attentions.0.group_norm."],
  [/^(encoder|decoder)\.mid\.attn_1\.([qkv])\./, "$1.mid_block.attentions.0.to_$2."],
  [/^(encoder|decoder)\.mid\.attn_1\.proj_out\./, "$1.mid_block.attentions.0.to_out.0."],
  [/\.attentions\.0\.query\./, ".attentions.0.to_q."],
  [/\.attentions\.0\.key\./, ".attentions.0.to_k."],
  [/\.attentions\.0\.value\./, ".attentions.0.to_v."],
  [/\.attentions\.0\.proj_attn\./, ".attentions.0.to_out.0."],
  [/^encoder\.down\.(\d+)\.block\./, "encoder.down_blocks.$1.resnets."],
  [/^encoder\.down\.(\d+)\.downsample\./, "encoder.down_blocks.$1.downsamplers.0."],
  [/^decoder\.up_blocks\.(\d+)\.block\./, "decoder.up_blocks.$1.resnets."],
  [/^decoder\.up_blocks\.(\d+)\.upsample\./, "decoder.up_blocks.$1.upsamplers.0."],
  [/\.nin_shortcut\./, ".conv_shortcut."],
  [/^(encoder|decoder)\.norm_out\./, "$1.conv_norm_out."],
];

/** LDM counts its up blocks from the finest, diffusers from the coarsest. */
export function canonicalVae(tensors: ReadonlyMap<string, TensorInfo>): Map<string, TensorInfo> {
  const upLevels = [...tensors.keys()].flatMap((name) => /^decoder\.up\.(\d{1,2})\./.exec(name)?.[1] ?? []).map(Number);
  const coarsest = Math.max(...upLevels);
  const canonical = new Map<string, TensorInfo>();
  for (const [name, tensor] of tensors) {
    const counted = name.replace(/^decoder\.up\.(\d{1,2})\./, (_, level) => `decoder.up_blocks.${coarsest - level}.`);
    const renamed = renames.reduce((sofar, [pattern, replacement]) => sofar.replace(pattern, replacement), counted);
    const [rows, columns, height, width] = tensor.shape;
    const isMatrix = renamed.includes(".attentions.0.") && tensor.shape.length === 4 && height === 1 && width === 1;
    canonical.set(renamed, isMatrix ? reshaped(tensor, [rows!, columns!], renamed) : { ...tensor, name: renamed });
  }
  return canonical;
}
