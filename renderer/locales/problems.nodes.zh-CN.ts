/** 各个节点的问题说明。 */
export const nodeProblemsZhCN = {
  // 连接与输入
  "input-wrong-kind_type": {
    message: "输入“{{input}}”需要“{{type}}”类型的值，得到的却是另一种。",
    help: "“切换”和“转接”会原样传递所得到的内容：请查看它们上面接了什么。",
  },
  "input-wrong-kind_text": {
    message: "接到“{{input}}”的内容无法写成文字。",
    help: "请接入文本、数字或开关值。",
  },
  "nothing-linked_on": {
    message: "“切换”已打开，但“打开时”没有连接任何内容。",
    help: "请在那里连接内容，或改变切换的状态。",
  },
  "nothing-linked_off": {
    message: "“切换”已关闭，但“关闭时”没有连接任何内容。",
    help: "请在那里连接内容，或改变切换的状态。",
  },
  "nothing-linked_position": {
    message: "要传递第 {{position}} 个输入，但它没有连接任何内容。",
    help: "请在那里连接内容，或选择其他编号。",
  },
  "placeholder-empty": {
    message: "模板中有 {{place}}，但“{{name}}”没有连接任何内容。",
    help: "请在输入“{{name}}”连接内容，或删去 {{place}}。",
  },
  "latent-empty_mask": {
    message: "没有可供蒙版保留的内容：此潜变量只是一个尺寸。",
    help: "请连接图片的潜变量，来自“VAE 编码”或“采样器”。",
  },
  "encoder-mismatch_prompts": {
    message: "两个提示词的编码不同：每个词元分别有 {{first}} 和 {{second}} 个特征。",
    help: "请用同一个文本编码器编码两者。",
  },
  "only-first-picture": { message: "连接了 {{count}} 张图片，只用第一张来引导。", help: "请只连接一张图片。" },
  // 范围
  "range-reversed_blocks": { message: "从 {{start}} 开始省去块，却在 {{end}} 就结束。", help: "请让开始小于结束。" },
  "range-reversed_controlnet": {
    message: "ControlNet 从 {{start}} 开始，却在此之前的 {{end}} 就结束。",
    help: "请让开始小于结束。",
  },
  "range-reversed_thresholds": { message: "低阈值 {{low}} 大于高阈值 {{high}}。", help: "请让低阈值小于高阈值。" },
  "tiles-apart": {
    message: "大小为 {{tile}} 的块若相隔 {{stride}}，之间会有空隙。",
    help: "请让“块间距”不大于“块大小”。",
  },
  // 图片
  "picture-not-shown": {
    message: "图片已保存为 {{path}}，但无法在此显示：{{reason}}。",
    help: "请在 Heddle 文件夹所在磁盘腾出空间，之后图库会显示该图片。",
  },
  "picture-too-large_bytes": {
    message: "图片文件有 {{size}}，最多可读取 {{limit}}。",
    help: "请先用其他程序将其缩小。",
  },
  "picture-too-large_pixels": {
    message: "图片有 {{width}} × {{height}} 像素，最多可读取 {{limit}} 百万像素。",
    help: "请先用其他程序将其缩小。",
  },
  "picture-too-large_side": {
    message: "图片将有 {{width}} × {{height}} 像素，每边最多为 {{limit}}。",
    help: "请选择更小的尺寸。",
  },
  "picture-too-large_sheet": {
    message: "联系表将有 {{width}} × {{height}} 像素，每边最多为 {{limit}}。",
    help: "请使用更少或更小的图片，或改变列数。",
  },
  "image-sizes-differ_batch": { message: "同一批次的图片尺寸必须相同。", help: "请先把它们缩放到同一尺寸。" },
  "image-sizes-differ_channels": {
    message: "红色通道为 {{red}} 像素，而“{{channel}}”通道为 {{other}}。",
    help: "请先把它们缩放到同一尺寸。",
  },
  "picture-not-in-batch": {
    message: "批次中有 {{count}} 张图片，没有第 {{position}} 张。",
    help: "请选择 1 到 {{count}}，或用 -1 到 -{{count}} 从末尾数起。",
  },
  "crop-outside": {
    message: "矩形从（{{left}}，{{top}}）开始，在 {{width}} × {{height}} 的图片之外。",
    help: "请将其移到图片内。",
  },
  "crop-clipped": {
    message: "矩形超出了 {{pictureWidth}} × {{pictureHeight}} 的图片，只裁出其中 {{width}} × {{height}} 的部分。",
    help: "请将其缩小或移动。",
  },
  "mask-empty_crop": { message: "蒙版没有标出要裁出的区域。", help: "请绘制蒙版，或将其反转。" },
  "mask-empty_all-kept": { message: "没有绘制任何内容：整张图片都会保留。", help: "请涂出要重绘的地方。" },
  "mask-empty_no-size": {
    message: "没有绘制任何内容，也没有图片说明蒙版的大小。",
    help: "请连接图片，或绘制蒙版。",
  },
  "size-replaced_limits": {
    message:
      "此模型的图片每边为 {{min}} 到 {{max}} 像素，因此用 {{width}} × {{height}} 代替 {{askedWidth}} × {{askedHeight}}。",
    help: "请选择此范围内的尺寸，或其他模型。",
  },
  "size-replaced_picture": {
    message: "潜变量为 {{width}} × {{height}}，是最接近 {{pictureWidth}} × {{pictureHeight}} 的可绘制尺寸。",
    help: "如果两者必须一致，请把图片缩放或裁剪到该尺寸。",
  },
  "color-unreadable": { message: "“{{color}}”不是颜色。", help: "请按 #rrggbb 书写，例如 #ff8000。" },
  "colour-invalid": {
    message: "“{{colour}}”不是颜色。",
    help: "请写 # 和六位十六进制数字：#202024 是深灰色。",
  },
  "folder-empty_nothing": {
    message: "文件夹中没有图片。",
    help: "请放入 PNG、JPEG、WebP、GIF、TIFF 或 AVIF 文件。",
  },
  "folder-empty_skipped": { message: "{{found}} 张图片中没有剩下任何可以读取的图片。", help: "请少跳过一些图片。" },
  "folder-empty_none-readable": {
    message: "{{found}} 张图片中没有一张可以读取。",
    help: "请放入 PNG、JPEG、WebP、GIF、TIFF 或 AVIF 文件。",
  },
  "nothing-found": {
    message: "检测器没有找到至少有 {{percent}}% 把握的内容。",
    help: "请降低置信度，或查看图片：很小或侧面的人脸难以找到。",
  },
  "picture-unsafe": {
    message: "{{count}} 张图片中有 {{unsafe}} 张可能不宜显示：{{found}}。",
    help: "可以换一个种子或提示词。如果检查有误，请在分类器旁的文件中提高阈值。",
  },
  // 提示词与文字
  "prompt-syntax-unsupported": {
    message: "{{named}}不起作用：模型读取的是普通文字。",
    help: "请用文字说明什么更重要，并放在前面。LoRA 请用“加载 LoRA”或“LoRA 组合”，{a|b} 这样的选择请用“通配符”，多个提示词请用“合并条件”。",
  },
  "prompt-syntax-unsupported_many": {
    message: "{{named}}等不起作用：模型读取的是普通文字。",
    help: "请用文字说明什么更重要，并放在前面。LoRA 请用“加载 LoRA”或“LoRA 组合”，{a|b} 这样的选择请用“通配符”，多个提示词请用“合并条件”。",
  },
  "prompt-cut": {
    message: "提示词有 {{total}} 个词元，超出 {{tokens}} 个的上限，末尾 {{truncatedTokens}} 个已被截去。",
    help: "请缩短提示词，或把重要内容移到开头。",
  },
  "expansion-empty": {
    message: "语言模型没有写出任何内容，提示词按原样传递。",
    help: "请换一个种子，或检查指令。",
  },
  "expansion-cut": {
    message: "语言模型写了 {{maxTokens}} 个词元仍未写完，文字到此为止。",
    help: "请提高上限，或在指令中要求更短的文字。",
  },
  "wildcard-weight": { message: "“{{name}}”的所有选项权重均为 0。", help: "请给其中一个大于 0 的权重。" },
  "wildcard-unclosed": {
    message: "“{{text}}”中第 {{position}} 个字符处的花括号没有闭合。",
    help: "请补上右花括号；若要写花括号本身，请写 \\{。",
  },
  "wildcard-endless": {
    message: "在 {{choices}} 次选择或 {{characters}} 个字符之后，通配符仍未展开完。",
    help: "请检查是否有通配符文件相互引用。",
  },
  // 列表与数学
  "list-unreadable_no-text": { message: "列表中没有文字。", help: "请每行写一段文字。" },
  "list-unreadable_no-number": {
    message: "列表中没有数字。",
    help: "请写用逗号分隔的数字，范围写作 1..8 或 0.2..1/0.2。",
  },
  "list-unreadable_too-large": {
    message: "“{{part}}”过大。",
    help: "请写用逗号分隔的数字，范围写作 1..8 或 0.2..1/0.2。",
  },
  "list-unreadable_no-range": {
    message: "“{{part}}”既不是数字也不是范围。",
    help: "请写用逗号分隔的数字，范围写作 1..8 或 0.2..1/0.2。",
  },
  "too-many-items_numbers": {
    message: "列表中有 {{count}} 个数字，最多可运行 {{limit}} 次。",
    help: "请缩短列表，或加大范围的步长。",
  },
  "expression-unreadable_syntax": {
    message: "无法读取“{{expression}}”：第 {{position}} 个字符处有误。",
    help: "请按 round(a * 1.5 / 16) * 16 的样子书写。",
  },
  "expression-unreadable_value": {
    message: "表达式中不能使用 {{found}}。",
    help: "请使用数字、a 到 d、运算符和函数。",
  },
  "expression-unreadable_operator": {
    message: "表达式中不能使用运算符 {{found}}。",
    help: "请使用数字、a 到 d、运算符和函数。",
  },
  "expression-unreadable_several": {
    message: "只能有一个表达式。",
    help: "请使用数字、a 到 d、运算符和函数。",
  },
  "expression-unreadable_form": {
    message: "表达式中不能使用这种写法（{{found}}）。",
    help: "请使用数字、a 到 d、运算符和函数。",
  },
  "expression-unknown-name_number": { message: "没有名为“{{name}}”的数。", help: "可用的有 {{known}}。" },
  "expression-unknown-name_function": { message: "没有名为“{{name}}”的函数。", help: "可用的有 {{known}}。" },
  "expression-arguments_exactly": {
    message: "“{{name}}”需要 {{wanted}} 个值，却有 {{given}} 个。",
    help: "请用逗号分隔各个值。",
  },
  "expression-arguments_at-least": {
    message: "“{{name}}”至少需要 {{wanted}} 个值，却有 {{given}} 个。",
    help: "请用逗号分隔各个值。",
  },
  "expression-no-number": {
    message: "“{{expression}}”没有有限的结果（{{value}}）。",
    help: "请检查是否除以零，或对不大于 0 的数开方或取对数。",
  },
  // LoRA
  "block-rule-invalid": {
    message: "“块权重”中不能写“{{line}}”。",
    help: "请写模型的部分、（可选的）编号、冒号和 -{{largest}} 到 {{largest}} 之间的系数：layers 0-9: 0.5",
  },
  "schedule-invalid": {
    message: "“随步变化”中不能写“{{entry}}”。",
    help: "请写 0 到 1 之间的步数比例、冒号和 -{{largest}} 到 {{largest}} 之间的系数：0.5: 0",
  },
  "lora-keys-unapplied_with-encoder": {
    message: "“{{name}}”的 {{total}} 个键中有 {{count}} 个未应用：{{listed}}。",
    help: "{{notes}}其余的键有效。如果图片不对，请寻找为此模型制作的版本。",
  },
  "lora-keys-unapplied_without-encoder": {
    message: "“{{name}}”的 {{total}} 个键中有 {{count}} 个未应用：{{listed}}。",
    help: "{{notes}}其余的键有效。如果这些键属于文本编码器，请把它连接到此节点。",
  },
} as const;
