/** What opens above the editor: code that nobody needs to see the first screen, so it is one chunk of its own. */
export { FormDialog } from "../app-view/form-dialog.tsx";
export { GalleryDialog } from "../gallery/gallery-dialog.tsx";
export { MaskEditor } from "../mask-editor/mask-editor.tsx";
export { ModelManager } from "../models/model-manager.tsx";
export { SubgraphDialog } from "../subgraph/subgraph-dialog.tsx";
export { SweepDialog } from "../sweep/sweep-dialog.tsx";
export { SweepResults } from "../sweep/sweep-results.tsx";
export { AboutDialog } from "./about-dialog.tsx";
export { ImportReportDialog } from "./import-report-dialog.tsx";
export { LogDialog } from "./log-dialog.tsx";
export { NodeHelpDialog } from "./node-help-dialog.tsx";
export { SettingsDialog } from "./settings-dialog.tsx";
export { ShortcutsDialog } from "./shortcuts-dialog.tsx";
export { TemplatesDialog } from "./templates-dialog.tsx";
export { Viewer } from "./viewer.tsx";
