/** Everything in Simplified Chinese, as one part that is fetched where it is spoken. */
export { definitionsZhCN } from "./definitions.zh-CN.ts";
export { saidZhCN } from "./said.zh-CN.ts";
export { sentencesZhCN } from "./sentences.zh-CN.ts";
export { templatesZhCN } from "./templates.zh-CN.ts";
export { termsZhCN } from "./terms.zh-CN.ts";
export { zhCN } from "./zh-CN.ts";
