import { afterEach, expect, test, vi } from "vitest";
import { fetchStoredPicture } from "./stored-picture.ts";

afterEach(() => vi.unstubAllGlobals());

test("a picture that cannot be had says why: its file is gone, the host refuses, nobody answers", async () => {
  const answer = vi.fn(async (): Promise<Response> => new Response("bytes"));
  vi.stubGlobal("fetch", answer);
  expect(await (await fetchStoredPicture("/images/a")).text()).toBe("bytes");
  answer.mockResolvedValueOnce(new Response("", { status: 404 }));
  await expect(fetchStoredPicture("/images/a")).rejects.toMatchObject({ code: "picture-gone" });
  answer.mockResolvedValueOnce(new Response("", { status: 403, statusText: "Forbidden" }));
  await expect(fetchStoredPicture("/images/a")).rejects.toMatchObject({
    code: "host-error",
    details: { reason: "403 Forbidden" },
  });
  answer.mockRejectedValueOnce(new TypeError("Failed to fetch"));
  await expect(fetchStoredPicture("/images/a")).rejects.toMatchObject({ code: "connection-lost" });
});
