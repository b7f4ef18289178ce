import { causesOf } from "./problem-causes.ts";

const DOWNLOAD_AGAIN = "请重新下载该文件，并与其页面给出的大小和校验值比较。";
const NAMED_CONFIG = "请重新下载该模型的 config.json，或选择其他模型。";
const VAE_CONFIG = "请重新下载该 VAE 的 config.json，或选择其他 VAE。";
const ENCODER_CONFIG = "请重新下载该文本编码器的 config.json，或选择其他文本编码器。";
const Z_IMAGE_FILE = "请选择 Z-Image 或 Z-Image-Turbo 的文件。文本编码器是 Qwen3-4B，VAE 是 Flux 的 ae.safetensors。";
const TOKENIZER_SOURCE =
  "请从 huggingface.co/Tongyi-MAI/Z-Image-Turbo 的“tokenizer”文件夹或 huggingface.co/Qwen/Qwen3-4B 获取 Qwen3-4B 的 tokenizer.json（11 MB）";

/** 权重文件、检查点及其配置的问题说明。 */
export const weightProblemsZhCN = {
  "file-unreadable_gone": { message: "“{{path}}”不存在。", help: "请检查路径，以及是否有读取该文件的权限。" },
  "file-unreadable_refused": { message: "无法读取“{{path}}”。", help: "请检查路径，以及是否有读取该文件的权限。" },
  ...causesOf(
    "safetensors-invalid",
    (why) => ({ message: `“{{path}}”不是可用的 safetensors 文件：${why}。`, help: DOWNLOAD_AGAIN }),
    {
      "too-small": "它只有 {{size}} 字节，放不下文件头",
      "long-header": "文件头声称长达 {{headerBytes}} 字节",
      "empty-header": "文件头是空的",
      "cut-header": "文件头声称有 {{headerBytes}} 字节，而文件只有 {{size}} 字节",
      "ends-early": "文件在文件头结束之前就中断了",
      "no-text": "文件头不是 UTF-8 文本",
      "no-json": "文件头不是 JSON",
      "no-object": "文件头不是 JSON 对象",
      twice: "张量“{{tensor}}”出现了两次",
      metadata: "其元数据不是文本表",
      entry: "张量“{{tensor}}”的条目格式有误",
      type: "张量“{{tensor}}”的类型 {{type}} 未知",
      backwards: "张量“{{tensor}}”的结束位置在开始位置之前",
      outside: "张量“{{tensor}}”超出了文件范围，文件可能被截断",
      bytes: "张量“{{tensor}}”占 {{found}} 字节，而 {{form}} 需要 {{expected}} 字节",
      overlap: "张量“{{tensor}}”与“{{other}}”重叠",
    },
  ),
  ...causesOf(
    "gguf-invalid",
    (why) => ({ message: `“{{path}}”不是可用的 GGUF 文件：${why}。`, help: DOWNLOAD_AGAIN }),
    {
      "ends-early": "文件在文件头结束之前就中断了",
      "long-header": "文件头过长",
      length: "文件被截断，或文件头中的某个长度有误",
      "metadata-type": "元数据中有未知类型 {{type}} 的值",
      nested: "元数据嵌套过深",
      start: "它不以 GGUF 开头",
      outdated: "其版本为 1，已经过时",
      "big-endian": "其版本为大端序",
      version: "其版本为 {{version}}",
      alignment: "其对齐值为 {{alignment}}",
      twice: "张量“{{tensor}}”出现了两次",
      dimensions: "张量“{{tensor}}”有 {{dimensions}} 个维度",
      type: "张量“{{tensor}}”的类型 {{type}} 未知",
      huge: "张量“{{tensor}}”大得不可能",
      rows: "张量“{{tensor}}”的行不是整数个 {{type}} 块",
      unaligned: "张量“{{tensor}}”没有对齐",
      outside: "张量“{{tensor}}”超出了文件范围，文件可能被截断",
      overlap: "张量“{{tensor}}”与“{{other}}”重叠",
    },
  ),
  "gguf-type-unsupported": {
    message: "“{{path}}”以 {{type}} 量化，Heddle 无法读取。",
    help: "请获取此模型的 Q4_K_M、Q5_K_M、Q6_K 或 Q8_0 版本。",
  },
  "dtype-unsupported": {
    message: "张量“{{tensor}}”的类型无法读作数值。",
    help: "请使用此文件的 F32、F16、BF16 或 FP8 版本。",
  },
  "packing-unsupported": {
    message: "“{{path}}”的权重采用 Heddle 无法读取的打包形式（{{packing}}）。",
    help: "请获取此模型的 BF16、scaled FP8 或 GGUF 版本。Heddle 会由它们自行生成 int8 和 int4 形式。",
  },
  "pickle-refused": {
    message: "“{{path}}”是 PyTorch pickle 文件。打开它可能会运行其中隐藏的任何程序，因此 Heddle 从不打开。",
    help: "请获取此模型的 safetensors 或 GGUF 版本。",
  },
  "weights-missing": { message: "“{{folder}}”中没有 safetensors 文件。", help: "请重新下载模型的这一部分。" },
  "weights-missing_pickle": {
    message: "“{{folder}}”中没有 safetensors 文件。",
    help: "Heddle 从不打开 pickle 文件（.bin、.ckpt、.pt）。请获取此模型的 safetensors 版本。",
  },
  "index-invalid": { message: "“{{path}}”不是可用的权重文件索引。", help: "请重新下载索引文件。" },
  ...causesOf(
    "shard-missing",
    (why) => ({ message: `“{{path}}”所描述的权重不完整：${why}。`, help: "请把缺少的部分下载到同一文件夹。" }),
    {
      "not-beside": "它提到的“{{shard}}”不是其旁边的文件",
      part: "缺少“{{shard}}”这一部分",
      tensor: "“{{shard}}”中没有张量“{{tensor}}”",
    },
  ),
  "not-a-checkpoint": {
    message: "“{{folder}}”不是检查点文件夹：其中没有“transformer”文件夹，也没有 Z-Image 某一部分的 config.json。",
    help: "请选择包含 model_index.json 的文件夹，或一个 .safetensors 或 .gguf 文件。",
  },
  "not-z-image_unknown-family": {
    message: "“{{path}}”不是 Z-Image {{wanted}}：其中没有任何 Z-Image 的名称。",
    help: Z_IMAGE_FILE,
  },
  "not-z-image_other-family": {
    message: "“{{path}}”不是 Z-Image {{wanted}}：看起来是{{familyName}}。",
    help: Z_IMAGE_FILE,
  },
  "not-z-image_lora": {
    message: "“{{path}}”不是 Z-Image {{wanted}}：看起来是 LoRA。",
    help: "请改用 LoRA 节点加载此文件。",
  },
  "checkpoint-incomplete": {
    message: "“{{path}}”不是完整的检查点，缺少以下部分：{{parts}}。",
    help: "请选择包含模型全部部分的文件夹，或逐个加载各部分。",
  },
  "component-missing": {
    message: "“{{path}}”中没有 {{part}}：它是 {{otherPart}}。",
    help: "请选择 {{part}}的文件。",
  },
  "components-mismatch": {
    message: "“{{path}}”中的“{{part}}”与扩散模型不匹配：它给出 {{found}} 个通道，而需要 {{wanted}} 个。",
    help: "请使用属于此模型的“{{part}}”。",
  },
  "tensors-missing": {
    message: "“{{path}}”中的 {{part}}不完整：缺少 {{first}}。",
    help: "请重新下载该文件。如果它是精简或部分文件，请获取完整的文件。",
  },
  "tensors-missing_many": {
    message: "“{{path}}”中的 {{part}}不完整：缺少 {{first}} 以及另外 {{more}} 个张量。",
    help: "请重新下载该文件。如果它是精简或部分文件，请获取完整的文件。",
  },
  "tensor-shape-unexpected": {
    message: "“{{path}}”中的 {{part}}形状不符：{{name}} 为 {{foundShape}}，而应为 {{neededShape}}。",
    help: "该文件已损坏、以 Heddle 无法读取的方式打包，或属于另一个 config.json。",
  },
  "tensor-missing": {
    message: "“{{path}}”中的权重缺少张量“{{tensor}}”。",
    help: "该文件不完整，或是为其他模型制作的。请重新下载，或选择其他文件。",
  },
  "tensor-shape": {
    message: "“{{path}}”中的张量“{{tensor}}”为 {{found}}，而需要 {{needed}}。",
    help: "权重与其旁边的配置不属于同一模型。请重新下载模型。",
  },
  "config-invalid_no-json": { message: "“{{path}}”不是可用的配置文件。", help: "请重新下载此文件。" },
  "config-invalid_dimensions": {
    message: "无法确定“{{path}}”中 {{part}}的尺寸：{{problems}}。",
    help: "请重新下载 config.json 与权重；两者必须属于同一模型。",
  },
  ...causesOf("config-invalid", (why) => ({ message: `“{{path}}”的配置无法使用：${why}。`, help: NAMED_CONFIG }), {
    schema: "{{problems}}",
    heads: "dim {{dim}} 无法分成 {{heads}} 个注意力头",
    axes: "axes_dims {{sum}} 之和不等于注意力头的大小 {{headDim}}",
    "odd-axes": "axes_dims 必须是偶数",
    "qk-norm": "此系列中没有不带 q/k 归一化的模型",
    patch: "没有大小为 2 的图块嵌入层",
    "key-heads": "此系列中没有键头少于查询头的模型",
  }),
  ...causesOf("config-invalid", (why) => ({ message: `VAE“{{path}}”的配置无法使用：${why}。`, help: VAE_CONFIG }), {
    vae: "{{problems}}",
    "vae-quant-conv": "它有量化卷积，而此系列没有",
  }),
  ...causesOf(
    "config-invalid",
    (why) => ({ message: `文本编码器“{{path}}”的配置无法使用：${why}。`, help: ENCODER_CONFIG }),
    {
      "text-encoder": "{{problems}}",
      "text-encoder-theta": "其中没有 rope_theta",
      "text-encoder-head-size": "注意力头的大小不能是 {{headDim}}",
      "text-encoder-heads": "{{heads}} 个注意力头无法共用 {{keyHeads}} 个键头",
      "text-encoder-bias": "此系列中没有带注意力偏置的模型",
    },
  ),
  "tokenizer-missing_folder": {
    message: "“{{folder}}”中没有 tokenizer.json。",
    help: "请把文本编码器的 tokenizer.json（Z-Image 用 Qwen3-4B 的）放入该文件夹。",
  },
  "tokenizer-missing_beside": {
    message: "文本编码器“{{file}}”不带分词器，在其旁边和模型文件夹中也没有找到。",
    help: `${TOKENIZER_SOURCE}，并放到“{{place}}”。`,
  },
  "tokenizer-missing_beside-or-shared": {
    message: "文本编码器“{{file}}”不带分词器，在其旁边和模型文件夹中也没有找到。",
    help: `${TOKENIZER_SOURCE}，并放到“{{place}}”或“{{other}}”。`,
  },
  "tokenizer-invalid": { message: "无法读取“{{folder}}”中的分词器。", help: "请重新下载该模型的 tokenizer 文件夹。" },
  "token-unknown": {
    message: "分词器给出了词元 {{token}}，而此文本编码器只有 {{vocabulary}} 个词元。",
    help: "分词器与文本编码器属于不同的模型。请把正确的分词器放在编码器旁边。",
  },
};
