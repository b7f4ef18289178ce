import { join } from "node:path";
import type { Command } from "commander";
import { ApiKeys } from "../server/http/api-keys.ts";
import { heddleFolders } from "../server/services/home.ts";

/** The file that a host reads its keys from. */
export function openApiKeys(): ApiKeys {
  return new ApiKeys(join(heddleFolders().home, "keys.json"));
}

export function registerKeys(program: Command): void {
  const keys = program.command("keys").description("API keys, by which programs are let in");
  keys
    .command("create")
    .description("make a key; it is shown this once")
    .argument("<name>", "what it is for")
    .action((name: string) => {
      const { key, id } = openApiKeys().create(name);
      process.stdout.write(`${key}\n`);
      process.stderr.write(`Keep it: it cannot be shown again. heddle keys revoke ${id} makes it worthless.\n`);
    });
  keys
    .command("list")
    .description("the keys that there are")
    .option("--json", "as JSON")
    .action((options: { json?: boolean }) => {
      const list = openApiKeys().list();
      if (options.json) process.stdout.write(`${JSON.stringify(list, null, 2)}\n`);
      else
        for (const { id, name, createdAt } of list) process.stdout.write(`${id}  ${createdAt.slice(0, 10)}  ${name}\n`);
    });
  keys
    .command("revoke")
    .description("make a key worthless, also for a host that is running")
    .argument("<id>", "as keys list shows it")
    .action((id: string) => openApiKeys().revoke(id));
}
