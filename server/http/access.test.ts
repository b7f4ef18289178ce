import { expect, test } from "vitest";
import { hostNamesOf, isLoopback, refusalOf } from "./access.ts";

const machine = { addresses: ["127.0.0.1", "192.168.1.7", "fe80::1"], name: "Loom" };
const request = { method: "GET", isWebSocket: false, origin: undefined, token: "t", cookieToken: undefined };

test("a host bound to every address answers to its addresses and its name, never to a stranger's", () => {
  const policy = { token: "t", hostNames: hostNamesOf("0.0.0.0", machine) };
  for (const host of ["192.168.1.7:80", "loom", "[fe80::1]:80", "localhost:4333"]) {
    expect(refusalOf({ ...request, host }, policy), host).toBeUndefined();
  }
  for (const host of ["192.168.1.8", "evil.example", "loom.evil.example", undefined]) {
    expect(refusalOf({ ...request, host }, policy), host).toBeDefined();
  }
});

test("a named host answers to its name and to loopback", () => {
  expect(hostNamesOf("studio.lan", machine)).toEqual(new Set(["localhost", "127.0.0.1", "::1", "studio.lan"]));
  expect(isLoopback("127.0.0.1")).toBe(true);
  expect(isLoopback("0.0.0.0")).toBe(false);
});

test("a host behind a proxy answers to the proxy's name, too", () => {
  const policy = { token: "t", hostNames: hostNamesOf("127.0.0.1", machine, new URL("https://Studio.example:8443")) };
  expect(refusalOf({ ...request, host: "studio.example:8443" }, policy)).toBeUndefined();
  expect(refusalOf({ ...request, host: "other.example" }, policy)).toBeDefined();
});
