import { modelsZhCN } from "./models.zh-CN.ts";
import { causesOf, type ProblemWords } from "./problem-causes.ts";

/** 文件操作失败的原因，与 `server/services/file-errors.ts` 中的一致；系统自己的说明原样引用。 */
const fileReasons = {
  "no-permission": "没有权限",
  "read-only": "磁盘为只读",
  "disk-full": "磁盘已满",
  quota: "磁盘配额已用完",
  "long-name": "名称过长",
  "not-a-folder": "路径中有一部分是文件，而不是文件夹",
  missing: "它不存在",
  "is-a-folder": "它是文件夹",
  exists: "它已存在",
};

/** 一个代码的说明，每个原因各一条；原因未知时引用 `{{why}}`。 */
function byFileReason(
  code: string,
  message: (reason: string) => string,
  help: string,
): Readonly<Record<string, ProblemWords>> {
  const words = (reason: string) => ({ message: message(reason), help });
  return { ...causesOf(code, words, fileReasons), [code]: words("{{why}}") };
}

/** 连接反复失败的原因，与 `server/models/downloads/retry.ts` 中的一致。 */
const connectionReasons = {
  "other-part": "对方发来的不是所请求的部分",
  "ended-early": "传输提前结束",
  "too-much": "对方发来的内容超出了文件大小",
  "other-form": "对方以未请求的形式发送了文件",
  overloaded: "对方目前过载（{{said}}）",
  silent: "对方不再发送数据",
  timeout: "对方没有及时响应",
  unreachable: "{{said}}",
  "no-address": "该主机没有网络地址",
  broken: "连接中断",
};

const fetchHelp =
  "请使用公开的 http(s) 地址，或改为上传文件。此 Heddle 的所有者可以用 HEDDLE_FETCH_ALLOW 允许某个主机。";
const modelHelp = "请从列表中选择其他模型，在模型管理器中获取它，或将其放入“{{folder}}”。";
const requestHelp = "请重新加载窗口。若再次发生，说明窗口与 Heddle 的版本不同：请重新启动 Heddle。";

/** 主机、桌面窗口与窗口自身的问题说明。 */
export const serverProblemsZhCN: Readonly<Record<string, ProblemWords>> = {
  // 处处可能
  "internal-error": {
    message: "Heddle 内部出错：{{reason}}",
    help: "请再次运行。若仍然出现，请从日志复制报告并连同工作流一起提交问题。",
  },
  cancelled: { message: "运行已取消。", help: "需要时请再次运行。" },
  "bad-request": { message: "Heddle 拒绝了窗口的请求：{{reason}}", help: requestHelp },
  "host-error": { message: "Heddle 拒绝了窗口的请求：{{reason}}", help: requestHelp },
  "connection-lost": {
    message: "与 Heddle 的连接已断开。",
    help: "Heddle 会自动重新连接；若没有，请确认它仍在运行并刷新页面。",
  },

  // 队列与推理引擎
  "queue-full": { message: "已有 {{limit}} 个运行在等待。", help: "请等待其中一些完成，或取消一些。" },
  "shutting-down": { message: "Heddle 正在关闭。", help: "请重新启动 Heddle 后继续。" },
  "run-lost": {
    message: "运行已结束，但此窗口没有收到结果。",
    help: "已保存的图片在图库中。如果没有图片，请再次运行。",
  },
  "job-not-found": { message: "没有任务 {{id}}。", help: "请重新开始。" },
  "job-not-kept": {
    message: "无法记录任务的结束情况。",
    help: "请检查 Heddle 主文件夹所在的磁盘是否已满。Heddle 重新启动后会再次运行该任务。",
  },
  "job-start-timeout": {
    message: "任务未能在允许的等待时间内开始。",
    help: "请在等待的任务较少时重试，或允许更长的等待时间。",
  },
  "job-timeout": {
    message: "任务超过了允许的时间，已被停止。",
    help: "请减少步数、图片数量或尺寸，或给它更多时间。",
  },
  "engine-stopped": {
    message: "推理引擎意外结束。",
    help: "引擎会自动重新启动：请再次运行。若再次发生，请附上日志提交问题。",
  },
  "engine-stopped_crash": {
    message: "推理引擎崩溃了。",
    help: "引擎会自动重新启动：请再次运行。若再次发生，请更新显卡驱动程序，或附上日志提交问题。",
  },
  "engine-stopped_device": {
    message: "推理引擎在使用 {{device}} 计算时意外结束，可能是其驱动程序的问题。",
    help: "再次使用 {{device}} 之前，会先在 Heddle 之外再试用它一次。请再次运行，或改由处理器计算。",
  },
  "engine-stopped_device-again": {
    message: "推理引擎在使用 {{device}} 计算时意外结束，可能是其驱动程序的问题。",
    help: "之前也发生过，因此从现在起由处理器计算：请再次运行。在“设置 > 设备”中可以再试用 {{device}}。",
  },
  "engine-stopped_out-of-memory": {
    message: "推理引擎被系统终止，很可能是内存不足。",
    help: "引擎会自动重新启动。请关闭其他程序，或选择更小的图片或模型，然后再次运行。",
  },
  "engine-stopped_unresponsive": {
    message: "推理引擎不再响应，已被终止。",
    help: "引擎会自动重新启动：请再次运行；若再次发生，请选择更小的图片。",
  },
  "engine-start-failed": {
    message: "推理引擎无法启动。",
    help: "请重新安装 Heddle 的软件包（npm ci）并重新启动。若仍无效，请附上日志提交问题。",
  },
  "engine-start-failed_said": {
    message: "推理引擎无法启动：{{reason}}",
    help: "请重新安装 Heddle 的软件包（npm ci）并重新启动。若仍无效，请附上日志提交问题。",
  },
  "memory-too-large": {
    message: "本机共有 {{memory}} 内存，无法为模型分配 {{wanted}}。",
    help: "请设小一些，或留空以使用 Heddle 检测到的值。",
  },

  // 来自网络的文件，以及发送到网络的结果
  "fetch-failed_unreachable": {
    message: "无法访问 {{host}}：{{reason}}",
    help: "请检查地址，或改为上传文件。",
  },
  "fetch-failed_no-address": { message: "{{host}} 没有网络地址。", help: "请检查地址，或改为上传文件。" },
  "fetch-failed_status": { message: "{{host}} 返回了 {{status}}。", help: "请检查地址，或改为上传图片。" },
  "fetch-failed_delivery": { message: "{{host}} 返回了 {{status}}。", help: "请在对方那里查看不接受的原因。" },
  "fetch-refused_not-public": { message: "{{host}} 指向 {{address}}，它不在公共互联网上。", help: fetchHelp },
  "fetch-refused_redirects": { message: "{{address}} 的重定向超过 {{most}} 次。", help: fetchHelp },
  "fetch-refused_not-http": { message: "“{{address}}”不是 http(s) 地址。", help: fetchHelp },
  "fetch-refused_credentials": { message: "不获取带有用户名或密码的地址。", help: fetchHelp },
  "fetch-refused_no-picture": { message: "没有可发送的图片。", help: "原因见任务的日志。" },
  "fetch-timeout": { message: "{{host}} 没有及时响应。", help: "请稍后再试，或改为上传文件。" },
  "fetch-too-large": { message: "{{host}} 发送的内容超过 {{mebibytes}} MiB。", help: "请使用更小的文件。" },

  // 下载
  ...causesOf(
    "download-interrupted",
    (reason) => ({
      message: `与 {{host}} 的连接反复失败：${reason}。`,
      help: "网络恢复后请点击“继续”；已下载的部分会保留。",
    }),
    connectionReasons,
  ),
  ...byFileReason(
    "download-unwritable",
    (reason) => `无法将下载写入“{{folder}}”：${reason}。`,
    "请检查是否有写入权限，然后点击“继续”。",
  ),
  "disk-full_download": {
    message: "下载需要在“{{folder}}”中占用 {{needed}}，但那里只有 {{free}} 可用。",
    help: "请在该磁盘上腾出空间，然后点击“继续”。",
  },
  "disk-full_download-stopped": {
    message: "“{{folder}}”所在的磁盘已满，下载已停止。",
    help: "请在该磁盘上腾出空间，然后点击“继续”；已下载的部分会保留。",
  },
  "download-unknown": { message: "列表中已没有此下载。", help: "如仍需要，请重新开始下载。" },
  "download-cancelled": { message: "下载已取消。", help: "请重新请求。" },
  "download-goes-on": { message: "模型仍在下载中。", help: "请稍后再请求。" },
  "hub-unreachable": { message: "无法查询 {{host}}：{{reason}}。", help: "请检查网络后重试。" },
  "hub-unreachable_too-large": { message: "{{host}} 的答复过大。", help: "请检查网络后重试。" },
  "hub-unreachable_timeout": { message: "{{host}} 没有及时响应。", help: "请检查网络后重试。" },
  "bad-address": {
    message: "“{{text}}”既不是仓库名称，也不是地址。",
    help: "请输入 Hugging Face 仓库（作者/名称），或以 https:// 开头的文件地址。",
  },
  "bad-address_repository": { message: "“{{text}}”是包含许多文件的仓库。", help: "请选择其中的一个文件。" },
  "bad-file-name": {
    message: "“{{name}}”不是模型文件的名称。",
    help: "模型文件的扩展名为 .safetensors、.gguf 或 .onnx。请为下载取这样的名称。",
  },

  // 模型与它们的文件夹
  ...causesOf(
    "model-not-found",
    // 拉丁字母与汉字之间空一格。
    (kind) => ({ message: `本机没有名为“{{name}}”的${/^\w/.test(kind) ? " " : ""}${kind}。`, help: modelHelp }),
    modelsZhCN.kinds,
  ),
  "model-not-found_starter": {
    message: "本机没有模型“{{name}}”。",
    help: "请从列表中选择；入门模型有 starter/turbo 和 starter/base。",
  },
  "model-not-found_moved": {
    message: "模型文件夹中已没有模型“{{name}}”。",
    help: "请查看它是否已被移动或改名。",
  },
  "model-not-found": { message: "本机没有模型“{{name}}”。", help: "请在模型管理器中获取它，或选择其他模型。" },
  "model-outside-folders": {
    message: "模型“{{name}}”位于模型文件夹之外。",
    help: "工作流只能使用模型文件夹中的模型。请在模型管理器中添加它所在的文件夹，再从列表中选择。",
  },
  "model-unreadable": { message: "无法读取该文件。", help: "请检查文件是否完整，以及是否有读取权限。" },
  "hash-failed": {
    message: "无法校验该文件：读取它的线程已结束。",
    help: "请重试。若内存不足，请先关闭其他程序。",
  },
  "folder-not-absolute": { message: "“{{path}}”不是完整路径。", help: "请按文件管理器显示的样子输入完整路径。" },
  ...byFileReason(
    "folder-unreadable",
    (reason) => `无法读取“{{path}}”：${reason}。`,
    "请检查路径以及是否有读取权限，或选择其他文件夹。",
  ),
  "folder-unreadable_file": {
    message: "“{{path}}”是文件，不是文件夹。",
    help: "请指定存放模型的文件夹、ComfyUI 或 Forge 的安装文件夹，或其 extra_model_paths.yaml。",
  },
  "folder-gone": { message: "“{{path}}”不存在。", help: "它可能已被移动或删除，或所在磁盘未连接。" },
  "folder-forbidden": {
    message: "没有打开“{{path}}”的权限。",
    help: "请选择其他文件夹，或为你的用户授予读取权限。",
  },
  "folder-is-file": { message: "“{{path}}”是文件，不是文件夹。", help: "请选择它所在的文件夹。" },
  "folder-known": { message: "“{{path}}”已在列表中。", help: "其中的模型已与其他模型一起显示。" },
  ...byFileReason(
    "extra-paths-unreadable",
    (reason) => `无法读取“{{file}}”：${reason}。`,
    "请用文本编辑器查看；可参考 ComfyUI 的 extra_model_paths.yaml.example。",
  ),
  "extra-paths-unreadable_too-large": {
    message: "无法读取“{{file}}”：它太大，不像是这种文件。",
    help: "请用文本编辑器查看；可参考 ComfyUI 的 extra_model_paths.yaml.example。",
  },
  "extra-paths-unreadable_other-form": {
    message: "无法读取“{{file}}”：它的结构与 ComfyUI 的文件不同。",
    help: "请用文本编辑器查看；可参考 ComfyUI 的 extra_model_paths.yaml.example。",
  },

  // Heddle 的文件夹中的文件
  ...byFileReason(
    "output-not-writable",
    (reason) => `无法保存到“{{folder}}”：${reason}。`,
    "请腾出空间或选择其他文件夹后再次保存；内容仍在内存中。",
  ),
  "output-outside-folder": {
    message: "名称“{{name}}”指向输出文件夹之外。",
    help: "请使用不含 .. 和盘符的名称。",
  },
  ...byFileReason(
    "picture-not-movable",
    (reason) => `无法移动“{{name}}”：${reason}。`,
    "请检查你是否有图片所在文件夹的写入权限，然后重试。",
  ),
  ...byFileReason(
    "picture-not-deletable",
    (reason) => `无法删除“{{name}}”：${reason}。`,
    "请检查你是否有图片所在文件夹的写入权限，然后重试。",
  ),
  "input-folder-not-found_none": { message: "还没有“inputs”文件夹。", help: "请将图片放入“{{place}}”。" },
  "input-folder-not-found": {
    message: "“inputs”文件夹中没有“{{name}}”。",
    help: "请将图片放入“{{place}}”。",
  },
  "input-folder-outside": {
    message: "“{{name}}”不是“inputs”文件夹中的文件夹名称。",
    help: "请用 / 分隔文件夹的名称。工作流无法读取“inputs”文件夹之外的任何内容。",
  },
  "input-folder-too-large": {
    message: "该文件夹中的图片超过 {{most}} 张。",
    help: "请选择其中的一个子文件夹。",
  },
  "library-not-writable": {
    message: "无法将子图保存到“{{folder}}”。",
    help: "请确认该文件夹可以写入，且磁盘未满。",
  },
  "wildcard-name-invalid": {
    message: "“{{name}}”不是通配符文件的名称。",
    help: "名称由字母、数字、-、_ 和 . 组成，用 / 分隔文件夹。",
  },
  "wildcard-not-found": {
    message: "没有通配符文件“{{name}}”。",
    help: "请将 {{name}}.txt 放入“{{folder}}”，或使用其中之一：{{listed}}。",
  },
  "wildcard-not-found_none": {
    message: "没有通配符文件“{{name}}”。",
    help: "请将 {{name}}.txt 放入“{{folder}}”，每行一个选项。",
  },
  "wildcard-unusable_too-large": {
    message: "通配符文件“{{name}}”超过 {{megabytes}} MB。",
    help: "请每行写一个选项。",
  },
  "wildcard-unusable_empty": {
    message: "通配符文件“{{name}}”中没有可选的行。",
    help: "请每行写一个选项。",
  },

  // 窗口
  "file-not-readable": {
    message: "无法读取“{{name}}”：{{reason}}",
    help: "请检查文件是否仍在那里，以及是否有读取权限。",
  },
  "file-not-writable": {
    message: "无法保存“{{name}}”：{{reason}}",
    help: "请选择其他文件夹，或在磁盘上腾出空间。",
  },
  "file-gone": { message: "“{{name}}”已不在原来的位置。", help: "请用“另存为…”将工作流保存为新文件。" },
  "file-changed": {
    message: "“{{name}}”在此打开之后，已被其他窗口或程序更改。",
    help: "请用“另存为…”保存为其他文件，或覆盖该文件现在的内容。",
  },
  "file-refused": {
    message: "浏览器不允许 Heddle 访问“{{name}}”。",
    help: "请在浏览器询问时允许，或用“另存为…”保存为其他文件。",
  },
  "picture-without-workflow": {
    message: "图片“{{name}}”中没有工作流。",
    help: "请打开由 Heddle 保存且嵌入了工作流的图片。",
  },
  "file-not-workflow": {
    message: "“{{name}}”不是工作流文件。",
    help: "请打开工作流（.json）或由 Heddle 保存的图片。",
  },
  "file-too-large": {
    message: "“{{name}}”太大，不可能是工作流或图片。",
    help: "请选择工作流（.json），或由 Heddle 或 ComfyUI 保存的图片。",
  },
  "picture-gone": {
    message: "这张图片已不在存储中。",
    help: "它的文件已被移动或删除。请将其放回，或再次运行工作流。",
  },
  "picture-damaged": {
    message: "无法去除图片中的元数据，因此没有保存。",
    help: "请重新绘制，或连同元数据一起保存。",
  },
  "subgraph-recursive": {
    message: "不能把代表子图“{{title}}”的节点放入该子图自身：那样将没有尽头。",
    help: "请放在它旁边，或在此处将其展开。",
  },
};
