import { causesOf } from "./problem-causes.ts";

/** 工作流的检查、读取、导入、子图与列表的问题说明。 */
export const graphProblemsZhCN = {
  // 检查工作流
  "unknown-target": { message: "工作流中没有要运行的节点“{{target}}”。", help: "请指定其中的节点：{{nodes}}。" },
  "duplicate-id_nodes": { message: "有多个节点使用同一个标识“{{id}}”。", help: "请让每个节点使用各自的标识。" },
  "duplicate-id_links": { message: "有多条连线使用同一个标识“{{id}}”。", help: "请让每条连线使用各自的标识。" },
  "newer-node": {
    message: "“{{nodeName}}”由较新版本的 Heddle 保存（节点版本 {{saved}}，此处为 {{present}}）。",
    help: "请检查其设置，或更新 Heddle。",
  },
  "older-node": {
    message: "“{{nodeName}}”是用此节点的版本 {{saved}} 制作的，现在的版本为 {{present}}。",
    help: "请升级它（heddle fmt --upgrade），并检查其设置。",
  },
  "unknown-node": {
    message: "此版本的 Heddle 没有“{{type}}”类型的节点。",
    help: "请更新 Heddle，或删除、静音该节点。",
  },
  "unknown-node_comfyui": {
    message: "“{{nodeName}}”是 ComfyUI 的节点，Heddle 没有对应的节点。",
    help: "请将其静音或删除，或换用 Heddle 的节点。",
  },
  "missing-input": {
    message: "“{{nodeName}}”的输入“{{input}}”需要连接。",
    help: "请把“{{type}}”类型的输出接到这里。",
  },
  "missing-input_bypassed": {
    message:
      "“{{nodeName}}”的输入“{{input}}”没有得到任何内容：“{{bypassed}}”已旁路，且没有可以传递的“{{type}}”类型的输入。",
    help: "请取消该节点的旁路，或改接其他节点。",
  },
  "unknown-param": {
    message: "“{{nodeName}}”没有名为“{{setting}}”的设置，已忽略。",
    help: "它的设置有：{{settings}}。",
  },
  "unknown-param_no-settings": {
    message: "“{{nodeName}}”没有名为“{{setting}}”的设置，已忽略。",
    help: "此节点没有任何设置。",
  },
  "input-linked-twice": { message: "“{{nodeName}}”的输入“{{input}}”有两条连线。", help: "请删除其中一条。" },
  "link-to-missing-node_to": { message: "一条连线通向不存在的节点“{{missing}}”。", help: "请删除这条连线。" },
  "link-to-missing-node_from": { message: "一条连线来自不存在的节点“{{missing}}”。", help: "请删除这条连线。" },
  "link-to-missing-port_input": {
    message: "一条连线通向“{{nodeName}}”的输入“{{port}}”，但它没有这个输入。",
    help: "它的输入有：{{ports}}。",
  },
  "link-to-missing-port_output": {
    message: "一条连线来自“{{nodeName}}”的输出“{{port}}”，但它没有这个输出。",
    help: "它的输出有：{{ports}}。",
  },
  "link-to-missing-port_no-inputs": {
    message: "一条连线通向“{{nodeName}}”的输入“{{port}}”，但它没有这个输入。",
    help: "请删除这条连线。",
  },
  "link-to-missing-port_no-outputs": {
    message: "一条连线来自“{{nodeName}}”的输出“{{port}}”，但它没有这个输出。",
    help: "请删除这条连线。",
  },
  "link-type-mismatch": {
    message:
      "“{{fromNode}}”的输出“{{output}}”是“{{outputType}}”类型，而“{{toNode}}”的输入“{{input}}”需要“{{inputType}}”。",
    help: "请改接“{{inputType}}”类型的输出。",
  },
  cycle: { message: "这些节点的连线形成环路，无法开始运行：{{names}}。", help: "请删除它们之间的一条连线。" },
  cycle_itself: { message: "“{{names}}”连接到了自身。", help: "请删除这条连线。" },
  "no-output_none": {
    message: "工作流没有输出节点，没有可运行的内容。",
    help: "请添加“保存图像”或“预览图像”节点。",
  },
  "no-output_switched-off": {
    message: "工作流的所有输出节点都已静音或旁路，没有可运行的内容。",
    help: "请取消其中一个的静音或旁路。",
  },
  "no-output_cut-off": {
    message: "有静音的节点切断了工作流的所有输出，没有可运行的内容。",
    help: "请取消该节点的静音，或在其位置接上其他节点。",
  },
  // 设置的值
  "value-not-an-option": { message: "{{what}}不能为 {{value}}。", help: "请选择其中之一：{{options}}。" },
  "value-empty_model": { message: "{{what}}为空。", help: "请从列表中选择模型。" },
  "value-empty_lora": { message: "{{what}}中第 {{position}} 个 LoRA 为空。", help: "请选择一个，或将其移除。" },
  "value-out-of-range_lora": {
    message: "{{what}}中第 {{position}} 个 LoRA（“{{name}}”）的权重为 {{value}}。",
    help: "请输入 {{min}} 到 {{max}} 之间的数。",
  },
  "value-out-of-range_below": { message: "{{what}}为 {{value}}，小于 {{limit}}。", help: "请输入 {{numbers}}。" },
  "value-out-of-range_above": { message: "{{what}}为 {{value}}，大于 {{limit}}。", help: "请输入 {{numbers}}。" },
  "value-out-of-range_seed": {
    message: "{{what}}为 {{value}}，超出范围。",
    help: "请输入 0 到 {{max}} 之间的整数。",
  },
  "value-not-a-multiple": {
    message: "{{what}}为 {{value}}，不是 {{multipleOf}} 的倍数。",
    help: "最接近的可用值为 {{below}} 和 {{above}}。",
  },
  "seed-not-exact": {
    message: "{{what}}为 {{value}}，数值过大，JSON 数字无法精确表示。",
    help: "请把种子写成带引号的文本。",
  },
  "value-too-long": {
    message: "{{what}}有 {{length}} 个字符，最多可为 {{maxLength}} 个。",
    help: "请缩短 {{excess}} 个字符。",
  },
  "value-too-short_empty": { message: "{{what}}为空。", help: "请至少输入 {{minLength}} 个字符。" },
  "value-too-short_short": { message: "{{what}}只有 {{length}} 个字符。", help: "请至少输入 {{minLength}} 个字符。" },
  "image-not-chosen": { message: "{{what}}尚未选择图片。", help: "请选择、拖入或粘贴一张图片。" },
  "value-wrong-kind_boolean": { message: "{{what}}必须为 true 或 false，现为 {{value}}。", help: "请打开或关闭它。" },
  "value-wrong-kind_model": { message: "{{what}}必须为模型名称，现为 {{value}}。", help: "请从列表中选择模型。" },
  "value-wrong-kind_loras": {
    message: "{{what}}必须为 LoRA 列表，现为 {{value}}。",
    help: '请按此格式书写：[{ "name": "style.safetensors", "weight": 1, "enabled": true }]。',
  },
  "value-wrong-kind_image": {
    message: "{{what}}必须为已存图片的哈希，现为 {{value}}。",
    help: "请重新选择图片：工作流中不含路径。",
  },
  "value-wrong-kind_number": { message: "{{what}}必须为数字，现为 {{value}}。", help: "请输入 {{numbers}}。" },
  "value-wrong-kind_integer": { message: "{{what}}必须为整数，现为 {{value}}。", help: "请输入 {{numbers}}。" },
  "value-wrong-kind_seed": {
    message: "{{what}}必须为整数，现为 {{value}}。",
    help: "请输入 0 到 {{numbers}} 之间的整数。",
  },
  "value-wrong-kind_text": { message: "{{what}}必须为文本，现为 {{value}}。", help: "请输入文字。" },
  // 读取文件
  "no-workflow-inside": {
    message: "图片中没有工作流。",
    help: "请使用 Heddle 或 ComfyUI 连同工作流一起保存的图片，或工作流文件。",
  },
  "workflow-too-large_file": {
    message: "工作流文件有 {{size}} MB，最多可读取 {{limit}} MB。",
    help: "请打开其他文件。",
  },
  "workflow-too-large_values": { message: "工作流包含超过 {{limit}} 个值。", help: "请将其拆分为多个工作流。" },
  "workflow-too-large_nodes": {
    message: "展开子图后，工作流有超过 {{limit}} 个节点。",
    help: "请将其拆分为多个工作流。",
  },
  "workflow-too-deep": {
    message: "工作流的嵌套超过 {{levels}} 层。",
    help: "这不是 Heddle 写出的文件，请打开其他文件。",
  },
  "workflow-not-json_empty": { message: "工作流文件是空的。", help: "请打开工作流（.json）或由 Heddle 保存的图片。" },
  "workflow-not-json_syntax": {
    message: "工作流文件不是 JSON：{{reason}}。",
    help: "请打开工作流（.json）或由 Heddle 保存的图片。",
  },
  "workflow-invalid_unreadable": {
    message: "无法读取此工作流。",
    help: "请打开工作流（.json）或由 Heddle 保存的图片。",
  },
  "workflow-invalid_no-object": {
    message: "工作流应为 JSON 对象，而此文件的内容是{{found}}。",
    help: "请打开工作流（.json）或由 Heddle 保存的图片。",
  },
  "workflow-invalid_forbidden-field": {
    message: "工作流中有名为“__proto__”的字段。",
    help: "这不是 Heddle 写出的文件：请打开其他文件，或删除该字段。",
  },
  "workflow-invalid_version": {
    message: "工作流的“version”必须为 {{readable}}。",
    help: "请将“version”设为 {{readable}}。",
  },
  "workflow-invalid_damaged": {
    message: "工作流已损坏，共有 {{count}} 个字段不正确，例如：{{problems}}。",
    help: "请用文本编辑器更正这些字段，或打开其他文件。",
  },
  "workflow-newer": {
    message: "此工作流的格式版本为 {{version}}，此 Heddle 最高可读取版本 {{readable}}。",
    help: "请更新 Heddle。",
  },
  "workflow-foreign_comfyui": {
    message: "这是 ComfyUI 的工作流，不是 Heddle 的。",
    help: "请导入它：heddle import FILE --out NEW。",
  },
  "workflow-foreign_no-format": {
    message: "此 JSON 文件不是 Heddle 的工作流：缺少“format”。",
    help: "请打开由 Heddle 保存的工作流。",
  },
  "workflow-foreign_other-format": {
    message: "此 JSON 文件不是 Heddle 的工作流：其“format”是另一种格式（{{format}}）。",
    help: "请打开由 Heddle 保存的工作流。",
  },
  "workflow-repaired_form": { message: "工作流表单中有一些条目无法读取，已移除。", help: "请检查后保存工作流。" },
  "workflow-repaired_models": {
    message: "工作流中关于模型的部分信息无法读取，已移除。",
    help: "请检查后保存工作流。",
  },
  "workflow-repaired_position": {
    message: "节点“{{name}}”没有可用的位置，已放到原点。",
    help: "请检查后保存工作流。",
  },
  "workflow-repaired_size": {
    message: "节点“{{name}}”没有可用的大小，已改用默认大小。",
    help: "请检查后保存工作流。",
  },
  "workflow-repaired_mode": {
    message: "节点“{{name}}”的模式 {{mode}} 未知，现已启用该节点。",
    help: "请检查后保存工作流。",
  },
  "workflow-repaired_link": {
    message: "第 {{position}} 条连线没有两个端点，已移除。",
    help: "请检查后保存工作流。",
  },
  // 导入其他程序的工作流
  ...causesOf(
    "import-no-equal",
    (help) => ({ message: "Heddle 没有“{{nodeName}}”的对应节点。它连同设置和连线一起保留，但不会运行。", help }),
    {
      "write-text": "请自行把它给出的文字写入“提示词”节点。",
      "delete-display": "它只用于显示一个值，请将其删除。",
      memory: "Heddle 自行管理内存：请把它的输入直接接到其输出所接之处，然后将其删除。",
      speed: "它只用于加快 ComfyUI：请把它的输入直接接到其输出所接之处，然后将其删除。",
      seamless: "请在模型和 VAE 之后放置“无缝平铺”。",
      "load-image": "请使用“加载图像”，并把图片拖到上面。",
      compare: "请使用“比较图像”和“预览图像”。",
      "upscale-again": "请使用“用模型放大”或“放大图像”；若要更多细节，请把结果编码，再以较低的去噪强度采样一次。",
      "refine-faces": "请使用“面部细化”，它会重绘每张脸。",
      none: "目前没有可替代的节点，可以将其静音或删除。",
      "one-prompt": "请把所要的内容写进同一个“提示词”。",
      video: "Heddle 绘制图片，不制作视频。可以将其静音或删除。",
      "clip-layer": "Z-Image 总是读取同一层：请把它的输入直接接到其输出所接之处，然后将其删除。",
      "sampler-schedule": "请使用“采样器”自己的调度、步数和去噪强度。",
      "sampler-solver": "请使用“采样器”，并从列表中选择求解器。",
      "sampler-guidance": "请使用“采样器”的引导强度、CFG 归一化和 CFG 截断。",
      "load-lora": "请使用“加载 LoRA”或“LoRA 组合”，并选择相同的文件。",
      "load-model": "请使用“加载模型”或“加载扩散模型”。",
      preprocess: "请使用“控制预处理”；需要专门模型的，请使用“模型预处理”。",
      controlnet: "请使用“加载 ControlNet”和“应用 ControlNet”。",
      "text-itself": "请把它生成的文字写入使用它的节点。",
      "value-itself": "请在使用它的节点中直接输入该值。",
      "save-image": "请使用“保存图像”。",
      "paint-mask": "请在“加载图像”的图片上绘制蒙版。",
      "image-beforehand": "请事先处理图片，或使用 Heddle 的图像节点。",
    },
  ),
  "import-no-equal": {
    message: "Heddle 没有“{{nodeName}}”的对应节点。它连同设置和连线一起保留，但不会运行。",
    help: "没有可替代的节点，可以将其静音或删除。",
  },
  "import-left-out_approximator": {
    message: "已略去“{{nodeName}}”：它通过省去部分运算来节省时间，而这里会完整绘制。",
    help: "若要再次节省时间，请在模型之后放置“加速”。",
  },
  "import-left-out_helper": {
    message: "已略去“{{nodeName}}”：它不改变图片，速度和内存由 Heddle 自行管理。",
    help: "不需要做任何事。",
  },
  "import-setting-kept": {
    message: "“{{nodeName}}”的 {{setting}} 为 {{value}}，Heddle 没有对应的设置。",
    help: "该值保留在文件中。请查看结果是否符合预期。",
  },
  "import-setting-linked_other-form": {
    message: "“{{nodeName}}”的 {{setting}} 来自另一个节点，其形式与 Heddle 所需的不同。",
    help: "请设置该值。",
  },
  "import-setting-linked_no-equal": {
    message: "“{{nodeName}}”的 {{setting}} 来自另一个节点，Heddle 没有与之对应的节点。",
    help: "请设置该值。",
  },
  "import-setting-linked_no-equal-needed": {
    message: "“{{nodeName}}”的 {{setting}} 来自另一个节点，Heddle 没有与之对应的节点。",
    help: "请删除连线并设置该值。",
  },
  "not-exportable": {
    message: "此工作流无法导出为 ComfyUI 的格式：其中有 ComfyUI 没有的内容，第一处在节点“{{node}}”。",
    help: "请更改或静音这样的节点后再导出。",
  },
  "import-oddity_recursive": {
    message: "子图“{{name}}”包含它自己，内部的那一份没有展开。",
    help: "请检查工作流的这一部分。",
  },
  "import-oddity_no-id": { message: "有一个节点没有标识，已为其分配。", help: "请检查工作流的这一部分。" },
  "import-oddity_same-id": {
    message: "有两个节点的标识都是 {{id}}，第二个已改用其他标识。",
    help: "请检查工作流的这一部分。",
  },
  "import-oddity_links": {
    message: "有 {{count}} 个输入所写的连线与连线列表不同，以列表为准。",
    help: "请检查工作流的这一部分。",
  },
  "import-noise-level-left-out": {
    message: "ComfyUI 中独立的调度节点会保留 {{solver}} 在 KSampler 中略去的噪声水平；在这里总是略去。",
    help: "各步略有不同。若要完全一致，请选择其他求解器。",
  },
  "import-size-rounded_width": {
    message: "宽度原为 {{before}}，现为 {{now}}：边长须为 16 的倍数。",
    help: "如果必须是准确的尺寸，请在之后裁剪图片。",
  },
  "import-size-rounded_height": {
    message: "高度原为 {{before}}，现为 {{now}}：边长须为 16 的倍数。",
    help: "如果必须是准确的尺寸，请在之后裁剪图片。",
  },
  "import-mask-grey": {
    message: "ComfyUI 会按蒙版的灰度与其下的内容混合；Heddle 则从半灰起重绘。",
    help: "黑白蒙版没有区别。若要柔和的边缘，请用“图像合成”把结果放回原图。",
  },
  "import-differential-diffusion": {
    message: "使用差分扩散时，ComfyUI 按噪声水平决定灰色处何时开始改变，Heddle 则按步数。",
    help: "柔和的边缘略有不同。对应的设置是设定蒙版的节点上的“蒙版的灰色”。",
  },
  "import-greyed-out": {
    message: "ComfyUI 在编码前会把蒙版下的图片变灰；Heddle 按原样编码。",
    help: "去噪强度为 1 时差别很小。",
  },
  "import-steps-in-a-row": {
    message: "ComfyUI 可在任意多个连续步中省去块；这里最多 {{most}} 步。",
    help: "图片更接近未加速的结果。",
  },
  "import-step-change": {
    message: "ComfyUI 衡量各步之间变化的方式略有不同，因此缩短的可能是其他步。",
    help: "请与“加速”设为“无”时的结果比较；如果细节受损，请调整限度。",
  },
  "import-lora-strengths": {
    message: "此 LoRA 对文本编码器的强度为 {{textEncoder}}；现在两者都使用权重 {{weight}}。",
    help: "Z-Image 的 LoRA 不改变文本编码器，因此很少有影响。",
  },
  "import-blur-radius": {
    message: "ComfyUI 的模糊在其半径处截止；Heddle 会模糊到看不出为止。",
    help: "半径约为 sigma 的三倍时两者相同。",
  },
  "import-edges": {
    message: "Heddle 查找边缘的方式与 ComfyUI 略有不同，因此线条略有差异。",
    help: "如果边缘过多或过少，请调整两个阈值。",
  },
  "import-picture-missing_named": {
    message: "图片“{{name}}”不在文件中。",
    help: "请把你的那一份拖到“加载图像”节点上。",
  },
  "import-picture-missing_unnamed": { message: "图片不在文件中。", help: "请把你的那一份拖到“加载图像”节点上。" },
  "import-picture-not-fetched": {
    message: "没有获取 {{name}} 中的图片。",
    help: "请把你的那一份拖到“加载图像”节点上。",
  },
  "import-resampling": {
    message: "图片原以“{{method}}”方法缩放；Heddle 总是使用 Lanczos。",
    help: "结果略为锐利。",
  },
  "import-seed_randomize": {
    message: "ComfyUI 每次运行后会换一个种子；这里保持不变，以便再次绘出这张图片。",
    help: "请在种子旁选择每次运行如何处理它。",
  },
  "import-seed_increment": {
    message: "ComfyUI 每次运行后种子加一；这里保持不变，以便再次绘出这张图片。",
    help: "请在种子旁选择每次运行如何处理它。",
  },
  "import-seed_decrement": {
    message: "ComfyUI 每次运行后种子减一；这里保持不变，以便再次绘出这张图片。",
    help: "请在种子旁选择每次运行如何处理它。",
  },
  "import-seed_negative": {
    message: "种子原设为每次都换新，现为 0。",
    help: "请选择一个种子，或让每次运行换一个新种子。",
  },
  "import-sampler-replaced_picture": {
    message: "图片是用采样器“{{sampler}}”绘制的，Heddle 没有它，改用 Euler。",
    help: "请在“采样器”中选择其他求解器。",
  },
  "import-sampler-replaced_task": {
    message: "任务要求使用调度器“{{sampler}}”，Heddle 没有它，改用 Euler。",
    help: "请在“采样器”中选择其他求解器。",
  },
  "import-setting-not-taken_picture": {
    message: "图片中写有“{{name}}: {{value}}”，没有采用。",
    help: "它保留在文件中。如果图片需要，请手动设置。",
  },
  "import-setting-not-taken_request": {
    message: "请求中的 {{name}} 没有采用。",
    help: "它保留在文件中。如果图片需要，请手动设置。",
  },
  "import-model-guessed": {
    message: "没有说明使用哪个模型文件，此名称是猜测的。",
    help: "请在“加载模型”中选择你的检查点。",
  },
  "import-lora-elsewhere_named": {
    message: "LoRA 来自 {{path}}，没有下载任何内容。",
    help: "请把该文件放入 LoRA 文件夹，并在“LoRA 组合”中选择它。",
  },
  "import-lora-elsewhere_unknown": {
    message: "LoRA 来自未知的地方，没有下载任何内容。",
    help: "请把该文件放入 LoRA 文件夹，并在“LoRA 组合”中选择它。",
  },
  "import-controlnet-unsaid": {
    message: "请求没有说明使用哪个 ControlNet。",
    help: "请在“加载 ControlNet”中选择你的文件。",
  },
  "import-needs-classifier": {
    message: "图片会用你自己的分类器检查，而请求中不带分类器。",
    help: "请在模型文件夹的 classifiers 中放入一个，并在“安全检查”中选择它，或关闭其检查。",
  },
  // 子图
  "subgraph-missing": {
    message: "“{{title}}”代表子图“{{id}}”，而此工作流中没有该子图。",
    help: "请删除该节点，或打开它原来的工作流重新复制。",
  },
  "subgraph-recursive_itself": {
    message: "子图“{{title}}”包含它自己，永远不会结束。",
    help: "请删除其内部代表它自己的节点。",
  },
  "subgraph-too-large": {
    message: "展开所有子图后，此工作流有超过 {{nodes}} 个节点，或嵌套超过 {{levels}} 层。",
    help: "请减少子图中的子图。",
  },
  "subgraph-file-invalid_not-json": {
    message: "这不是可读取的子图：它不是 JSON。",
    help: "请从子图原来的工作流重新导出。",
  },
  "subgraph-file-invalid_damaged": {
    message: "这不是可读取的子图：{{problem}}。",
    help: "请从子图原来的工作流重新导出。",
  },
  // 列表与运行
  "lists-uneven": {
    message: "此节点生成的列表长度不同（{{lengths}}）。",
    help: "请让所给列表的每一项都生成同样多的内容。",
  },
  "too-many-items_runs": {
    message: "此节点将运行 {{count}} 次（{{lengths}}），最多可运行 {{limit}} 次。",
    help: "请缩短列表，或减少相互组合的列表。",
  },
  "output-empty": {
    message: "“{{nodeName}}”的输出“{{output}}”没有给出任何内容。",
    help: "请在其同名输入上连接要传递的内容，或改接其他节点的输出。",
  },
} as const;
