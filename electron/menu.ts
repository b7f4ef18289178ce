import { Menu, type MenuItemConstructorOptions } from "electron";

/** The languages of the page, which says nearly all there is to say, and tells in which. */
export type Language = "en" | "zh-CN";

/** The platform's standard menus; what is Heddle's own lives in the page, the same in the browser. */
export function installMenu(platform: NodeJS.Platform, language: Language): void {
  const menus = language === "zh-CN" ? chineseMenus(platform) : englishMenus(platform);
  Menu.setApplicationMenu(Menu.buildFromTemplate(menus));
}

function englishMenus(platform: NodeJS.Platform): MenuItemConstructorOptions[] {
  return [
    ...(platform === "darwin" ? [{ role: "appMenu" as const }] : []),
    { role: "fileMenu" },
    { role: "editMenu" },
    { role: "viewMenu" },
    { role: "windowMenu" },
  ];
}

/** The same menus: Electron's own words for their roles are English. */
function chineseMenus(platform: NodeJS.Platform): MenuItemConstructorOptions[] {
  const isMac = platform === "darwin";
  const line: MenuItemConstructorOptions = { type: "separator" };
  return [
    ...(isMac
      ? [
          menu("Heddle", [
            ["about", "关于 Heddle"],
            line,
            ["services", "服务"],
            line,
            ["hide", "隐藏 Heddle"],
            ["hideOthers", "隐藏其他"],
            ["unhide", "全部显示"],
            line,
            ["quit", "退出 Heddle"],
          ]),
        ]
      : []),
    menu("文件", [isMac ? ["close", "关闭窗口"] : ["quit", "退出"]]),
    menu("编辑", [
      ["undo", "撤销"],
      ["redo", "重做"],
      line,
      ["cut", "剪切"],
      ["copy", "复制"],
      ["paste", "粘贴"],
      ...(isMac ? [["pasteAndMatchStyle", "粘贴并匹配样式"] as const] : []),
      ["delete", "删除"],
      ...(isMac ? [] : [line]),
      ["selectAll", "全选"],
    ]),
    menu("视图", [
      ["reload", "重新加载"],
      ["forceReload", "强制重新加载"],
      ["toggleDevTools", "开发者工具"],
      line,
      ["resetZoom", "实际大小"],
      ["zoomIn", "放大"],
      ["zoomOut", "缩小"],
      line,
      ["togglefullscreen", "全屏"],
    ]),
    menu("窗口", [
      ["minimize", "最小化"],
      ["zoom", "缩放"],
      ...(isMac ? [line, ["front", "前置全部窗口"] as const] : [["close", "关闭"] as const]),
    ]),
  ];
}

type Item = MenuItemConstructorOptions | readonly [NonNullable<MenuItemConstructorOptions["role"]>, string];

function menu(label: string, items: readonly Item[]): MenuItemConstructorOptions {
  return {
    label,
    submenu: items.map((item) => (isNamed(item) ? { role: item[0], label: item[1] } : item)),
  };
}

const isNamed = (item: Item): item is Extract<Item, readonly unknown[]> => Array.isArray(item);
