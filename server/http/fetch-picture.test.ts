import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fetchPicture } from "./fetch-picture.ts";
import { createGuardedFetch } from "./guarded-fetch.ts";

const server = createServer((request, response) => {
  response.writeHead(request.url === "/cat.png" ? 200 : 404).end("a picture");
});
let origin: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const allowed = createGuardedFetch({ allowedHosts: new Set(["127.0.0.1"]) });

test("gives the file, and says who answered with none", async () => {
  expect(Buffer.from(await fetchPicture(`${origin}/cat.png`, allowed)).toString()).toBe("a picture");
  await expect(fetchPicture(`${origin}/dog.png`, allowed)).rejects.toMatchObject({
    code: "fetch-failed",
    message: expect.stringMatching(/^127\.0\.0\.1:\d+ answered 404/),
  });
});

test("a window cannot make the host look into its own network", async () => {
  await expect(fetchPicture(`${origin}/cat.png`)).rejects.toMatchObject({ code: "fetch-refused" });
  await expect(fetchPicture("file:///etc/passwd")).rejects.toMatchObject({ code: "fetch-refused" });
});
