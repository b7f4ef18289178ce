import { implement, withEventMeta } from "@orpc/server";
import { HeddleError } from "../common/errors.ts";
import { contract } from "../protocol/contract.ts";
import { choosePlans, plansOf, smallerOf } from "./devices/model-plans.ts";
import type { HostServices } from "./host-services.ts";
import { fetchPicture } from "./http/fetch-picture.ts";
import { withKnownModels } from "./models/known-models.ts";
import { modelHandlers } from "./models/router.ts";
import { listFolders } from "./services/folder-listing.ts";
import { wireErrors } from "./wire-errors.ts";

export interface RouterContext {
  services: HostServices;
  /** Whether windows may look through the folders of this machine: only where they belong to whoever sits at it. */
  listsFolders?: boolean;
}

const host = implement(contract).$context<RouterContext>().use(wireErrors);

/** The contract, implemented once for every transport. */
export const router = host.router({
  info: host.info.handler(({ context }) => ({
    ...context.services.info(),
    listsFolders: context.listsFolders === true,
  })),
  events: host.events.handler(async function* ({ context, signal, lastEventId }) {
    for await (const { id, event } of context.services.subscribe({ lastEventId, signal }))
      yield withEventMeta(event, { id });
  }),
  runs: {
    start: host.runs.start.handler(async ({ context: { services }, input }) =>
      services.startRun({ ...input, document: await withKnownModels(services.models, input.document) }),
    ),
    cancel: host.runs.cancel.handler(({ context, input }) => ({ cancelled: context.services.cancelRun(input.runId) })),
    list: host.runs.list.handler(({ context, input }) => context.services.runs.list(input.finished)),
    move: host.runs.move.handler(({ context, input }) => ({
      moved: context.services.runs.move(input.runId, input.index),
    })),
    prioritise: host.runs.prioritise.handler(({ context, input }) => ({
      moved: context.services.runs.prioritise(input.runId, input.priority),
    })),
    clear: host.runs.clear.handler(({ context }) => ({ cancelled: context.services.runs.clear() })),
    results: host.runs.results.handler(({ context, input }) => context.services.resultsOf(input.workflow)),
    log: host.runs.log.handler(({ context, input }) => context.services.runs.log(input.runId)),
  },
  models: {
    list: host.models.list.handler(({ context, input }) => context.services.listModels(input.kind)),
    ...modelHandlers,
  },
  devices: {
    report: host.devices.report.handler(({ context, input }) => context.services.devices.report(input.again)),
    state: host.devices.state.handler(({ context }) => context.services.devices.state()),
    change: host.devices.change.handler(({ context, input }) => context.services.devices.change(input)),
    plans: host.devices.plans.handler(({ context, input }) => plansOf(context.services, input.model)),
    choosePlans: host.devices.choosePlans.handler(({ context, input: { plans, ...model } }) =>
      choosePlans(context.services, model, plans),
    ),
    smaller: host.devices.smaller.handler(({ context, input }) => smallerOf(context.services, input)),
  },
  templates: { list: host.templates.list.handler(({ context }) => context.services.listTemplates()) },
  subgraphs: {
    list: host.subgraphs.list.handler(({ context }) => context.services.subgraphs.list()),
    save: host.subgraphs.save.handler(({ context, input }) => context.services.subgraphs.save(input.file)),
    remove: host.subgraphs.remove.handler(async ({ context, input }) => ({
      removed: await context.services.subgraphs.remove(input.name),
    })),
  },
  prompts: {
    wildcards: host.prompts.wildcards.handler(({ context }) => context.services.listWildcards()),
    countTokens: host.prompts.countTokens.handler(({ context, input }) =>
      context.services.countTokens(input.checkpoint, input.text),
    ),
  },
  gallery: {
    refresh: host.gallery.refresh.handler(({ context }) => context.services.gallery.refresh()),
    search: host.gallery.search.handler(({ context, input }) => context.services.gallery.search(input)),
    facets: host.gallery.facets.handler(({ context }) => context.services.gallery.facets()),
    details: host.gallery.details.handler(({ context, input }) => context.services.gallery.details(input.hash) ?? null),
    mark: host.gallery.mark.handler(({ context, input: { hashes, ...marks } }) => ({
      marked: context.services.gallery.mark(hashes, marks),
    })),
    trash: host.gallery.trash.handler(async ({ context, input }) => ({
      moved: await context.services.gallery.trash(input.hashes),
    })),
    restore: host.gallery.restore.handler(async ({ context, input }) => ({
      moved: await context.services.gallery.restore(input.hashes),
    })),
    purge: host.gallery.purge.handler(async ({ context, input }) => ({
      deleted: await context.services.gallery.purge(input.hashes),
    })),
  },
  folders: {
    list: host.folders.list.handler(({ context, input }) => {
      if (!context.listsFolders) throw foldersNotServed();
      return listFolders(input);
    }),
  },
  images: {
    put: host.images.put.handler(async ({ context, input }) => context.services.putImage(await input.file.bytes())),
    fetch: host.images.fetch.handler(async ({ context, input }) =>
      context.services.putImage(await fetchPicture(input.address)),
    ),
  },
});

const foldersNotServed = () =>
  new HeddleError({
    code: "folders-not-served",
    message: "This Heddle is open to other machines, so its folders are not shown.",
    help: "Type the path of the folder.",
  });
