import { expect, test } from "vitest";
import { ownOrigin } from "./own-address.ts";

test("whoever comes by the public address is answered with it, others with the one that they used", () => {
  const originOf = ownOrigin(new URL("https://studio.example"));
  expect(originOf("http://studio.example/api/runs")).toBe("https://studio.example");
  expect(originOf("http://127.0.0.1:4333/api/runs")).toBe("http://127.0.0.1:4333");
  expect(ownOrigin(undefined)("http://localhost:4333/fal")).toBe("http://localhost:4333");
});
