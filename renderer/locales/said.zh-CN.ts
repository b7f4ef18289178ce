import { familiesZhCN } from "./words.zh-CN.ts";

/**
 * 引擎和导入时用英文说出的句子。`{{名称}}` 处可为任意文字；`{{rest}}` 处的文字也会翻译。找不到的句子逐句、再按逗号逐段查找。
 */
export const saidZhCN: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(familiesZhCN).map(([english, chinese]) => [english.replace(/^(an?|the) /, ""), chinese]),
  ),
  // 精度计划：形式、原因与代价
  "reference.": "精确（float32）。",
  "h8.": "快速 8 位（H8）。",
  "w16.": "近乎精确（W16）。",
  "int8.": "8 位权重。",
  "int4.": "4 位权重。",
  "fp16.": "半精度（FP16）。",
  "The model is small enough to run exactly.": "模型足够小，可以精确计算。",
  "Faster plans need a cache folder, and none is set.": "更快的形式需要缓存文件夹，而尚未设置。",
  "This graphics processor does not compute in half precision.": "此图形处理器不支持半精度计算。",
  "{{plan}} is a form for processors; graphics processors have int8 instead.":
    "{{plan}} 只适用于处理器；图形处理器改用 8 位权重。",
  "Chosen by you.": "由你选择。",
  "The graphics processor computes in half precision, and the model fits.":
    "图形处理器支持半精度计算，且放得下此模型。",
  "8-bit weights fit the graphics memory.": "显存放得下 8 位权重。",
  "Only 4-bit weights fit the graphics memory.": "显存只放得下 4 位权重。",
  "8-bit integers are faster than float32 here and need a quarter of the memory.":
    "在本机上 8 位整数比 float32 更快，内存只需四分之一。",
  "This processor has fast 8-bit integers.": "此处理器的 8 位整数运算很快。",
  "8-bit weights need a quarter of the memory.": "8 位权重只需四分之一的内存。",
  "Only 4-bit weights fit the memory.": "内存只放得下 4 位权重。",
  "Exact.": "精确。",
  "Float32 weights do not fit the memory, so every step widens them anew from the file, layer by layer.":
    "内存放不下 float32 权重，因此每一步都要从文件逐层重新展开。",
  "Pictures above {{count}} megapixels are decoded in strips: whole they would need half of the memory.":
    "超过 {{count}} 百万像素的图片分条解码：整张解码会占用一半的内存。",
  "At 1024 x 1024: {{rest}}": "1024 × 1024 时：{{rest}}",
  "{{size}} of memory": "内存 {{size}}",
  "{{size}} of memory and of disk": "内存和磁盘各 {{size}}",
  "about {{factor}} times the time of float32": "耗时约为 float32 的 {{factor}} 倍",
  exact: "精确",
  "nearly exact ({{value}} dB)": "近乎精确（{{value}} dB）",
  "no visible difference ({{value}} dB)": "看不出差别（{{value}} dB）",
  "details differ ({{value}} dB)": "细节会有不同（{{value}} dB）",
  // JSON 文件不符合要求之处（zod）
  "{{rest}} → at {{place}}": "{{place}} {{rest}}",
  "Invalid input": "无效",
  "Invalid input: expected {{expected}}": "应为 {{expected}}",
  "Invalid input: expected {{expected}}, received {{received}}": "应为 {{expected}}，而不是 {{received}}",
  "Invalid option: expected one of {{values}}": "应为 {{values}} 之一",
  "Too small: expected {{kind}} to be {{limit}}": "应为 {{limit}}",
  "Too small: expected {{kind}} to have exactly {{limit}} items": "的项数应为 {{limit}}",
  "Too small: expected {{kind}} to have {{limit}} items": "的项数应为 {{limit}}",
  "Too small: expected {{kind}} to have exactly {{limit}} characters": "的字符数应为 {{limit}}",
  "Too small: expected {{kind}} to have {{limit}} characters": "的字符数应为 {{limit}}",
  "Too big: expected {{kind}} to be {{limit}}": "应为 {{limit}}",
  "Too big: expected {{kind}} to have exactly {{limit}} items": "的项数应为 {{limit}}",
  "Too big: expected {{kind}} to have {{limit}} items": "的项数应为 {{limit}}",
  "Too big: expected {{kind}} to have exactly {{limit}} characters": "的字符数应为 {{limit}}",
  "Too big: expected {{kind}} to have {{limit}} characters": "的字符数应为 {{limit}}",
  "Unrecognized key: {{keys}}": "未知的键 {{keys}}",
  "Unrecognized keys: {{keys}}": "未知的键 {{keys}}",
  "std cannot be 0": "不能为 0",
  '"{{label}}" in {{list}} is none of the labels.': "{{list}} 中的“{{label}}”不是任何标签",
  // 试用设备
  "its attention is wrong": "注意力的计算结果有误",
  "its product is wrong": "乘积的计算结果有误",
  "its driver did not answer within {{seconds}} seconds": "其驱动程序在 {{seconds}} 秒内没有响应",
  "its driver ended the process": "其驱动程序使试用的进程终止",
  "its driver ended the process ({{signal}})": "其驱动程序使试用的进程终止（{{signal}}）",
  "it ended the engine in the middle of {{count}} runs within a week": "一周内在 {{count}} 次运行途中使引擎终止",
  // 模型文件
  "Z-Image transformer": "Z-Image 扩散模型",
  "Qwen3 text encoder": "Qwen3 文本编码器",
  "autoencoder (VAE)": "自动编码器（VAE）",
  "Flux autoencoder": "Flux 自动编码器",
  "diffusers folder": "diffusers 文件夹",
  "single file": "单个文件",
  "all-in-one file": "合并文件",
  "scaled {{type}}": "带缩放的 {{type}}",
  Checkpoint: "检查点",
  "Diffusion model": "扩散模型",
  "Text encoder": "文本编码器",
  Upscaler: "放大模型",
  "Picture classifier": "图像分类器",
  "Object detector": "目标检测器",
  Preprocessor: "预处理器",
  "ONNX model": "ONNX 模型",
  safetensors: "safetensors",
  // 节点的结果
  off: "关闭",
  "none: the pictures are identical": "无：图片完全相同",
  "{{count}} of {{total}} values": "{{total}} 个值中的 {{count}} 个",
  "{{count}} of {{total}} keys applied": "已应用 {{total}} 个键中的 {{count}} 个",
  "rank {{rank}}": "秩 {{rank}}",
  "full difference": "完整差值",
  "{{name}} full difference": "{{name}} 完整差值",
  "{{count}} LoRAs merged ({{rest}})": "由 {{count}} 个 LoRA 合并（{{rest}}）",
  sum: "求和",
  average: "平均",
  "Left out as repetitions of others in the file: {{count}} key(s).": "作为文件中的重复内容略去：{{count}} 个键。",
  "Left out because the shapes do not fit this model: {{count}} module(s).":
    "因形状不符合此模型而略去：{{count}} 个模块。",
  "Left out because DoRA needs the base weights: {{count}} module(s).":
    "因 DoRA 需要基础权重而略去：{{count}} 个模块。",
  "This is a DoRA: it changes {{count}} module(s) in full.": "这是 DoRA：完整改变 {{count}} 个模块。",
  "{{count}} module(s) changed in full, not by a low-rank pair.": "{{count}} 个模块被完整改变，而不是用低秩矩阵对。",
  "Left out because they are for a text encoder: {{count}} key(s).": "因属于文本编码器而略去：{{count}} 个键。",
  "Merging left out what they change in the text encoder.": "合并时略去了它们对文本编码器的改变。",
  // 导入：文件
  "Check that part of the workflow.": "请检查工作流的这一部分。",
  "The subgraph {{name}} contains itself; its inner copy was not opened.":
    "子图 {{name}} 包含自身；其内部的副本没有打开。",
  "A node without an id got one of its own.": "一个没有标识的节点得到了新的标识。",
  "Two nodes had the id {{id}}; the second one got another.": "两个节点的标识都是 {{id}}；第二个得到了新的标识。",
  "{{count}} input says another link than the list of links, which counts.":
    "{{count}} 个输入所说的连线与连线列表不同；以列表为准。",
  "{{count}} inputs say another link than the list of links, which counts.":
    "{{count}} 个输入所说的连线与连线列表不同；以列表为准。",
  "{{node}} was left out: it saved time by leaving out parts of the work. Here everything is drawn in full.":
    "略去了 {{node}}：它靠跳过部分计算来节省时间。这里会完整绘制。",
  "Put Accelerate behind the model to save time again.": "若要节省时间，请在模型之后加上“加速”。",
  "{{node}} was left out: it does not change the picture, and Heddle looks after speed and memory by itself.":
    "略去了 {{node}}：它不改变图片，而速度和内存由 Heddle 自行管理。",
  "There is nothing to do.": "无需处理。",
  "{{node}} had {{setting}} set to {{value}}, which Heddle has no setting for.":
    "{{node}} 的 {{setting}} 设为 {{value}}，Heddle 没有这项设置。",
  "The value is kept in the file. See whether the result is what you expect.":
    "该值保留在文件中。请看看结果是否符合预期。",
  "{{node}} got its {{setting}} from another node, which Heddle has no equal for.":
    "{{node}} 的 {{setting}} 来自另一个节点，Heddle 没有与之对应的节点。",
  "{{node}} got its {{setting}} from another node, which says it in another form than Heddle needs.":
    "{{node}} 的 {{setting}} 来自另一个节点，其形式与 Heddle 所需的不同。",
  "Heddle has no equal for {{node}}. It is kept with its settings and links, and does not run.":
    "Heddle 没有与 {{node}} 对应的节点。它连同设置和连线一起保留，但不运行。",
  "Delete the link and set the value.": "请删除连线并设置该值。",
  "Set the value.": "请设置该值。",
  // 导入：没有对应节点时怎么办
  "There is no replacement in Heddle. It can be muted or deleted.": "Heddle 中没有替代。可以将其静音或删除。",
  "There is no replacement in Heddle yet. It can be muted or deleted.": "Heddle 中尚无替代。可以将其静音或删除。",
  "Write the text that it gave into the Prompt node yourself.": "请把它给出的文字自行写入“提示词”节点。",
  "It only showed a value; delete it.": "它只是显示一个值，可以删除。",
  "Heddle manages memory by itself: link what goes in to where it comes out, and delete it.":
    "Heddle 自行管理内存：请把它的输入直接接到它的输出所到之处，然后删除它。",
  "It only made ComfyUI faster: link what goes in to where it comes out, and delete it.":
    "它只是让 ComfyUI 更快：请把它的输入直接接到它的输出所到之处，然后删除它。",
  "Put Seamless Tiling behind the model and the VAE.": "请在模型和 VAE 之后加上“无缝平铺”。",
  "Use Load Image, and drop the picture onto it.": "请用“加载图像”，并把图片拖到它上面。",
  "Use Compare Images and Preview Image.": "请用“比较图像”和“预览图像”。",
  "Use Upscale with Model or Upscale Image; for more detail encode the result, and sample once more at a low denoise.":
    "请用“用模型放大”或“放大图像”；需要更多细节时，将结果编码，再以较低的去噪强度采样一次。",
  "Use Refine Faces, which draws each face anew.": "请用“面部细化”，它会重新绘制每张面部。",
  "Write what is wanted into one Prompt.": "请把需要的内容写进同一个“提示词”。",
  "Heddle draws pictures, not video. It can be muted or deleted.": "Heddle 绘制图片而非视频。可以将其静音或删除。",
  "Z-Image reads the same layer always: link what goes in to where it comes out, and delete it.":
    "Z-Image 总是读取同一层：请把它的输入直接接到它的输出所到之处，然后删除它。",
  "Use the Sampler’s own schedule, steps and denoise.": "请用“采样器”自己的调度、步数和去噪强度。",
  "Use the Sampler with a solver of its list.": "请用“采样器”，并从列表中选择求解器。",
  "Use the Sampler’s guidance, CFG normalisation and CFG truncation.":
    "请用“采样器”的引导强度、CFG 归一化和 CFG 截断。",
  "Use Load LoRA or the LoRA Stack, and choose the same files.": "请用“加载 LoRA”或“LoRA 组合”，并选择相同的文件。",
  "Use Load Model or Load Diffusion Model.": "请用“加载模型”或“加载扩散模型”。",
  "Use Control Preprocessor, or Preprocess with Model for what needs a model of its own.":
    "请用“控制预处理”；需要专门模型的，请用“模型预处理”。",
  "Use Load ControlNet and Apply ControlNet.": "请用“加载 ControlNet”和“应用 ControlNet”。",
  "Write the text that it made into the node that used it.": "请把它生成的文字写入使用它的节点。",
  "Type the value into the node that used it.": "请把该值填入使用它的节点。",
  "Use Save Image.": "请用“保存图像”。",
  "Paint the mask on the picture in Load Image.": "请在“加载图像”的图片上绘制蒙版。",
  "Do this to the picture beforehand, or use one of Heddle’s image nodes.":
    "请事先对图片做此处理，或使用 Heddle 的图像节点。",
  // 导入：不同之处
  "ComfyUI’s schedulers that are nodes of their own keep the noise level that {{solver}} leaves out of a KSampler; here it is always left out.":
    "ComfyUI 中作为独立节点的调度器会保留 {{solver}} 在 KSampler 中略去的噪声水平；这里总是略去。",
  "The steps differ a little. Choose another solver to be exact.": "各步略有不同。若要完全一致，请选择其他求解器。",
  "The {{rest}} was {{value}}; it is {{rounded}} now, since sides come in multiples of 16.":
    "{{rest}}原为 {{value}}，现为 {{rounded}}，因为边长须为 16 的倍数。",
  width: "宽度",
  height: "高度",
  "Crop the picture afterwards if the exact size matters.": "若需要精确的尺寸，请在之后裁剪图片。",
  "ComfyUI blends what is under grey of a mask; Heddle draws it anew from half grey on.":
    "ComfyUI 会混合蒙版灰色处的内容；Heddle 从半灰起重新绘制。",
  "Masks of black and white are the same. For soft edges, put the result back with Composite Images.":
    "黑白蒙版没有区别。需要柔和的边缘时，请用“图像合成”把结果放回。",
  "With Differential Diffusion ComfyUI tells by the noise level when a grey place begins to change; Heddle does by the step.":
    "使用差分扩散时，ComfyUI 按噪声水平决定灰色处何时开始改变；Heddle 按步数决定。",
  "Soft edges differ a little. The setting is Grey of the mask, on the node that sets the mask.":
    "柔和的边缘略有不同。此设置是“设置蒙版”节点上的“蒙版的灰度”。",
  "ComfyUI greys the picture out under the mask before encoding it; Heddle encodes it as it is.":
    "ComfyUI 在编码前把蒙版下的图片变灰；Heddle 按原样编码。",
  "At a denoise of 1 this makes little difference.": "去噪强度为 1 时几乎没有差别。",
  "ComfyUI drew a new seed after every run; here it stays, so that this picture can be drawn again.":
    "ComfyUI 在每次运行后换一个种子；这里保持不变，以便重现这张图片。",
  "ComfyUI raised the seed after every run; here it stays, so that this picture can be drawn again.":
    "ComfyUI 在每次运行后把种子加一；这里保持不变，以便重现这张图片。",
  "ComfyUI lowered the seed after every run; here it stays, so that this picture can be drawn again.":
    "ComfyUI 在每次运行后把种子减一；这里保持不变，以便重现这张图片。",
  "Choose beside the seed what each run does to it.": "可在种子旁选择每次运行时如何改变它。",
  "The seed was set to a new one every time; it is 0 now.": "种子原设为每次更换；现为 0。",
  "Choose a seed, or have a new one drawn for each run.": "请选择一个种子，或设为每次运行时更换。",
  "ComfyUI left blocks out of any number of steps in a row; here it is {{count}} at most.":
    "ComfyUI 可连续任意多步跳过块；这里最多连续 {{count}} 步。",
  "The picture is nearer to the one without acceleration.": "图片更接近未加速的结果。",
  "ComfyUI measures change between steps in a slightly different way, so other steps may be shortened.":
    "ComfyUI 衡量各步之间变化的方式略有不同，因此被缩短的步可能不同。",
  "Compare with Acceleration set to None, and move the limit if details suffer.":
    "请与“加速”设为“无”时比较；若细节受损，请调整限度。",
  "The LoRA had the strength {{clip}} for the text encoder; the weight {{model}} is used for both.":
    "此 LoRA 对文本编码器的强度为 {{clip}}；现两者都使用权重 {{model}}。",
  "LoRAs for Z-Image leave the text encoder alone, so this seldom matters.":
    "用于 Z-Image 的 LoRA 不改变文本编码器，因此很少有影响。",
  "ComfyUI cuts the blur off at its radius; Heddle blurs as far as it can be seen.":
    "ComfyUI 的模糊到半径为止；Heddle 模糊到看不出为止。",
  "With a radius of about three times sigma both are the same.": "半径约为 sigma 的三倍时两者相同。",
  "Heddle looks for edges in a slightly different way than ComfyUI, so the lines differ a little.":
    "Heddle 查找边缘的方式与 ComfyUI 略有不同，因此线条略有差别。",
  "Move the two thresholds if there are too many or too few edges.": "边缘过多或过少时，请调整两个阈值。",
  'The picture "{{name}}" is not part of the file.': "文件中不包含图片“{{name}}”。",
  "The picture is not part of the file.": "文件中不包含该图片。",
  "Drop your copy of it onto the Load Image node.": "请把你的那一份拖到“加载图像”节点上。",
  'The picture was resized with the method "{{method}}"; Heddle always uses Lanczos.':
    "图片原以“{{method}}”方式调整大小；Heddle 总是使用 Lanczos。",
  "The result is a little sharper.": "结果会稍锐利一些。",
  // 导入：图片的参数与服务的请求
  'The picture was drawn with the sampler "{{name}}", which Heddle does not have; Euler is used.':
    "图片是用采样器“{{name}}”绘制的，Heddle 没有它；改用 Euler。",
  'The task asks for the scheduler "{{name}}", which Heddle does not have; Euler is used.':
    "任务要求调度器“{{name}}”，Heddle 没有它；改用 Euler。",
  "Choose another solver in the Sampler.": "请在“采样器”中选择其他求解器。",
  'The picture says "{{setting}}", which was not taken over.': "图片中的“{{setting}}”没有采用。",
  "The task’s {{name}} was not taken over.": "任务中的 {{name}} 没有采用。",
  "The request’s {{name}} was not taken over.": "请求中的 {{name}} 没有采用。",
  "It is kept in the file. Set it by hand if the picture needs it.": "它保留在文件中。如果图片需要，请手动设置。",
  "Which model file to use is not said; the name is a guess.": "没有说明使用哪个模型文件；名称是推测的。",
  "Choose your checkpoint in Load Model.": "请在“加载模型”中选择你的检查点。",
  "The LoRA comes from {{place}}; nothing was downloaded.": "此 LoRA 来自 {{place}}；没有下载任何内容。",
  "The LoRA comes from an unknown place; nothing was downloaded.": "此 LoRA 来源不明；没有下载任何内容。",
  "Put the file into your LoRA folder, and choose it in the LoRA Stack.":
    "请把该文件放进你的 LoRA 文件夹，并在“LoRA 组合”中选择它。",
  "The request does not say which ControlNet it takes.": "请求没有说明使用哪个 ControlNet。",
  "Choose yours in Load ControlNet.": "请在“加载 ControlNet”中选择你的 ControlNet。",
  "The picture in {{field}} was not fetched.": "没有获取 {{field}} 中的图片。",
  "The picture in guideImage of the ControlNet was not fetched.": "没有获取 ControlNet 的 guideImage 中的图片。",
  "The pictures are checked with a classifier of yours, which no request brings.":
    "图片由你自己的分类器检查，请求本身不带分类器。",
  "Put one into classifiers of a models folder and choose it in the Safety Check, or set its check to off.":
    "请把分类器放进模型文件夹的 classifiers，并在“安全检查”中选择它，或将其关闭。",
};
