/** 下载与模型文件夹的问题说明。 */
export const modelProblemsZhCN = {
  "model-card-unusable": {
    message: "已忽略“{{path}}”：{{reason}}。",
    help: "请更正或移除此文件；没有它也能使用该模型。",
  },
  "model-card-unusable_schema": {
    message: "已忽略“{{path}}”：{{problems}}。",
    help: "请更正或移除此文件；没有它也能使用该模型。",
  },
  "download-needs-token": {
    message: "{{host}} 仅向已同意其条款的用户提供此文件。",
    help: "请在模型页面同意条款，在你的账户中创建只读令牌，并填写到模型管理器中。",
  },
  "download-refused-by-server": {
    message: "{{host}} 不允许 Heddle 获取此文件。",
    help: "请在浏览器中打开其页面，可能需要登录或同意条款。",
  },
  "download-not-found": {
    message: "{{host}} 上没有（或不再有）此文件。",
    help: "请在模型页面查看其现在的名称，或选择其他文件。",
  },
  "download-failed": { message: "{{host}} 返回了错误（{{status}}）。", help: "请稍后再试；已下载的部分会保留。" },
  "download-changed": {
    message: "{{host}} 上的文件在下载过程中发生了变化。",
    help: "请重新开始下载。如果再次发生，说明该文件正在被替换。",
  },
  "download-wrong-size": {
    message: "{{host}} 提供 {{found}} 字节，而预期为 {{expected}} 字节，因此是另一个文件。",
    help: "请查看模型页面，文件可能已被替换；请从那里重新选择。",
  },
  "download-wrong-hash": {
    message: "来自 {{host}} 的内容不是发布的文件：其内容哈希不同。",
    help: "已将其删除。请重试；如果再次发生，说明文件已被替换或在传输中损坏。",
  },
  "download-no-length": {
    message: "{{host}} 没有说明文件大小，因此无法判断文件是否完整。",
    help: "请从其他地方获取，或用浏览器下载后放入模型文件夹。",
  },
  "download-interrupted": {
    message: "与 {{host}} 的连接反复失败。",
    help: "网络恢复后请点击“继续”；已下载的部分会保留。",
  },
  "download-name-taken": {
    message: "模型文件夹中已有另一个名为“{{name}}”的文件。",
    help: "请重命名或移走该文件，或为下载另取名称。",
  },
  "download-not-a-model": {
    message: "收到的不是模型文件，可能是要求登录的页面。",
    help: "没有保留任何内容。请在浏览器中打开该地址查看。",
  },
  "download-held-elsewhere": {
    message: "本机的另一个 Heddle 正在下载此文件。",
    help: "请等待其完成，或在其结束后点击“继续”。",
  },
  "folders-not-served": { message: "此 Heddle 对其他计算机开放，因此不显示其文件夹。", help: "请输入文件夹的路径。" },
};
