import { describe, expect, it } from "vitest";
import { zhCN } from "../renderer/locales/zh-CN.ts";
import { type ErrorSite, errorSites } from "./support/error-sites.ts";

const FOLDERS = ["common", "engine", "graph", "nodes", "protocol", "server", "client", "electron", "renderer"];
/** What programs over HTTP, and terminals, are told: in English. */
const isShown = (path: string) => !/^(server\/((api|http)\/|serve-studio|web-host)|graph\/exporters\/)/.test(path);
/** Places that hand on, or describe, failures which other places make. */
const handedOn = ["common/errors.ts", "graph/events.ts", "protocol/errors.ts", "renderer/host/electron-host.ts"];
/** Of places where the source has to be read to know the code. */
const computed: Readonly<Record<string, readonly string[]>> = {
  "server/services/folder-listing.ts": ["folder-gone", "folder-forbidden", "folder-is-file", "folder-unreadable"],
};

const problems: Readonly<Record<string, { message: string; help: string }>> = zhCN.problems;
const fileOf = ({ place }: ErrorSite) => place.slice(0, place.lastIndexOf(":"));
const codesOf = (site: ErrorSite) => site.codes ?? computed[fileOf(site)] ?? [];

/** What a failure of this code can be told with there. A cause without a text of its own has the text of its code. */
function textsOf({ causes }: ErrorSite, code: string): string[] {
  if (causes === undefined) {
    const known = Object.keys(problems).some((key) => key.startsWith(`${code}_`));
    return known ? [] : [code];
  }
  const own = causes.map((cause) => `${code}_${cause}`).filter((key) => key in problems);
  return own.length > 0 && own.length === causes.length ? own : [...own, code];
}

describe("failures in Simplified Chinese", () => {
  const all = errorSites(FOLDERS);
  const sites = all.filter(({ place }) => isShown(place));
  const told = sites.flatMap((site) =>
    codesOf(site).flatMap((code) => textsOf(site, code).map((key) => ({ key, site }))),
  );

  it("have codes that can be read from the source", () => {
    expect(sites.length).toBeGreaterThan(250);
    const unread = sites.filter((site) => codesOf(site).length === 0 && !handedOn.includes(fileOf(site)));
    expect(unread.map(({ place }) => place)).toEqual([]);
  });

  it("have a text each", () => {
    expect(told.filter(({ key }) => !(key in problems)).map(({ key, site }) => `${key} (${site.place})`)).toEqual([]);
  });

  it("say nothing that a place of theirs does not know", () => {
    const unknown = told.flatMap(({ key, site: { details, place } }) => {
      const { message = "", help = "" } = problems[key] ?? {};
      const names = [...`${message} ${help}`.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? "");
      return names
        .filter((name) => details && !details.has(name) && name !== "field" && name !== "node")
        .map((name) => `${key}: {{${name}}} (${place})`);
    });
    expect(unknown).toEqual([]);
  });

  it("belong to codes that there are", () => {
    const codes = new Set(all.flatMap(codesOf));
    const gone = Object.keys(problems).filter((key) => !codes.has(key) && !codes.has(key.replace(/_[^_]*$/, "")));
    expect(gone).toEqual([]);
  });
});
