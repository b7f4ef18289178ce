import { implement } from "@orpc/server";
import { RPCHandler } from "@orpc/server/message-port";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { HeddleError } from "../../common/errors.ts";
import { desktopContract } from "../../protocol/desktop.ts";
import { type DesktopBridge, PORT_MESSAGE } from "../../protocol/desktop-bridge.ts";
import { toWireError } from "../../protocol/errors.ts";
import { createHost } from "./index.ts";

type Bytes = Uint8Array<ArrayBuffer>;

let saved: { name: string; bytes: Bytes; mimeType: string } | undefined;
let chosen: { name: string; bytes: Blob; place: string } | null;
const shares: (number | null)[] = [];
const os = implement(desktopContract);
const router = {
  window: {
    speak: os.window.speak.handler(() => {}),
    showProgress: os.window.showProgress.handler(({ input }) => {
      shares.push(input.share);
    }),
  },
  runs: {
    cancel: os.runs.cancel.handler(() => {
      throw toWireError(new HeddleError({ code: "queue-full", message: "Full.", help: "Wait." }));
    }),
  },
  files: {
    openAgain: os.files.openAgain.handler(({ input }) => {
      if (input.place !== "gone") return input.place === "p" ? chosen : null;
      const details = { name: "cats.json" };
      throw toWireError(new HeddleError({ code: "file-gone", message: "Gone.", help: "Save it.", details }));
    }),
    saveTo: os.files.saveTo.handler(({ input }) => ({ name: input.suggestedName, place: input.place ?? "new" })),
  },
  dialogs: {
    openFile: os.dialogs.openFile.handler(() => chosen),
    saveFile: os.dialogs.saveFile.handler(async ({ input }) => {
      saved = {
        name: input.suggestedName,
        bytes: new Uint8Array(await input.bytes.arrayBuffer()),
        mimeType: input.mimeType,
      };
      return input.suggestedName === "changed my mind" ? null : "mine.png";
    }),
  },
};

/** A page's window, as far as messages go. */
class PageWindow extends EventTarget {
  readonly channels: MessageChannel[] = [];
  readonly heddle: DesktopBridge = {
    kind: "desktop",
    dragFile: vi.fn(),
    placeOfFile: async (file) => (file.name === "a.json" ? "p" : null),
    connect: () => {
      const channel = new MessageChannel();
      this.channels.push(channel);
      new RPCHandler(router).upgrade(channel.port1);
      channel.port1.start();
      const receive = (data: string, source: unknown) =>
        this.dispatchEvent(Object.assign(new Event("message"), { data, source, ports: [channel.port2] }));
      receive("something else", this);
      receive(PORT_MESSAGE, "another frame");
      receive(PORT_MESSAGE, this);
    },
  };
}

let page: PageWindow;
beforeEach(() => {
  page = new PageWindow();
  chosen = null;
  saved = undefined;
  vi.stubGlobal("window", page);
});
afterEach(() => {
  for (const { port1 } of page.channels) port1.close();
  vi.unstubAllGlobals();
});

test("with the bridge there, the host is the desktop's and its failures are HeddleErrors", async () => {
  const host = await createHost();
  expect(host.kind).toBe("desktop");
  expect(page.channels).toHaveLength(1);
  await expect(host.rpc.runs.cancel({ runId: "r" })).rejects.toMatchObject({ name: "HeddleError", code: "queue-full" });
});

test("files go through the system's dialogs as bytes", async () => {
  const host = await createHost();
  expect(await host.openFile()).toBeUndefined();
  chosen = { name: "a.json", bytes: new Blob(["{}"]), place: "p" };
  expect(await host.openFile()).toEqual({ name: "a.json", bytes: new TextEncoder().encode("{}"), place: "p" });
  expect(await host.saveTo("p", "a.json", async () => new Uint8Array([7]))).toEqual({ name: "a.json", place: "p" });
  expect(await host.saveTo(undefined, "a.json", async () => new Uint8Array([7]))).toEqual({
    name: "a.json",
    place: "new",
  });
  const bytes = new Uint8Array([1, 2, 255]);
  expect(await host.saveFile("picture.png", bytes, "image/png")).toBe("mine.png");
  expect(saved).toEqual({ name: "picture.png", bytes, mimeType: "image/png" });
  expect(await host.saveFile("changed my mind", bytes, "image/png")).toBeUndefined();
});

test("a file is opened again from its place, and a dropped one has a place", async () => {
  const host = await createHost();
  chosen = { name: "a.json", bytes: new Blob(["{}"]), place: "p" };
  const bytes = new TextEncoder().encode("{}");
  expect(await host.openAgain?.("p")).toEqual({ name: "a.json", bytes, place: "p" });
  expect(await host.openAgain?.("made up")).toBeUndefined();
  await expect(host.openAgain?.("gone")).rejects.toMatchObject({
    name: "HeddleError",
    code: "file-gone",
    details: { name: "cats.json" },
  });
  const item = (name: string) => ({ getAsFile: () => new File(["{}"], name) });
  expect(await host.placeOfDropped?.(item("a.json"))).toBe("p");
  expect(await host.placeOfDropped?.(item("b.png"))).toBeUndefined();
  expect(await host.placeOfDropped?.({ getAsFile: () => null })).toBeUndefined();
});

test("how far a run is goes to the main process, for the program's icon, and so does its end", async () => {
  const host = await createHost();
  host.showProgress?.(0.4);
  host.showProgress?.(undefined);
  await vi.waitFor(() => expect(shares).toEqual([0.4, null]));
});

test("the end of the main process is told as a lost connection", async () => {
  const host = await createHost();
  const lost = new Promise((resolve) => host.onConnectionChange(resolve));
  page.channels[0]!.port1.close();
  expect(await lost).toBe(false);
});
