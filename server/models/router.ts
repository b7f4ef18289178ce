import { implement } from "@orpc/server";
import { modelsContract } from "../../protocol/models.ts";
import { wireErrors } from "../wire-errors.ts";
import type { ModelManager } from "./model-manager.ts";

const models = implement(modelsContract).$context<{ services: { readonly models: ModelManager } }>().use(wireErrors);

/** The model manager's part of the contract. */
export const modelHandlers = {
  library: models.library.handler(({ context }) => context.services.models.library()),
  hash: models.hash.handler(
    async ({ context, input }) => (await context.services.models.hash(input.kind, input.name)) ?? null,
  ),
  verify: models.verify.handler(({ context, input }) => context.services.models.verify(input.kind, input.name)),
  folders: {
    list: models.folders.list.handler(({ context }) => context.services.models.roots.list()),
    add: models.folders.add.handler(({ context, input }) => context.services.models.addFolder(input.path)),
    remove: models.folders.remove.handler(({ context, input }) => ({
      removed: context.services.models.removeFolder(input.path),
    })),
    disks: models.folders.disks.handler(({ context }) => context.services.models.disks()),
  },
  catalogue: models.catalogue.handler(({ context }) => context.services.models.catalogue()),
  browse: models.browse.handler(({ context, input }) => context.services.models.browse(input.text)),
  find: models.find.handler(({ context, input }) => context.services.models.find(input.wanted, input.deep === true)),
  references: models.references.handler(({ context, input }) => context.services.models.references(input.wanted)),
  downloads: {
    start: models.downloads.start.handler(async ({ context, input }) => ({
      id: await context.services.models.downloads.add(input.kind, input.source, input.fileName),
    })),
    pause: models.downloads.pause.handler(({ context, input }) => {
      context.services.models.downloads.pause(input.id);
      return {};
    }),
    resume: models.downloads.resume.handler(({ context, input }) => {
      context.services.models.downloads.resume(input.id);
      return {};
    }),
    cancel: models.downloads.cancel.handler(async ({ context, input }) => {
      await context.services.models.downloads.cancel(input.id);
      return {};
    }),
    settings: models.downloads.settings.handler(({ context, input }) => {
      const { downloads } = context.services.models;
      if (input.bandwidthLimit !== undefined) downloads.setBandwidthLimit(input.bandwidthLimit);
      if (input.token !== undefined) downloads.setToken(input.token);
      return {};
    }),
  },
  derived: {
    list: models.derived.list.handler(({ context }) => context.services.models.derived.list()),
    remove: models.derived.remove.handler(async ({ context, input }) => ({
      bytes: await context.services.models.derived.remove(input.ids),
    })),
  },
};
