import type { ModelKind } from "../../graph/definition.ts";
import type { WorkflowDocument } from "../../graph/document.ts";
import { modelsUsed, withModelReferences } from "../../graph/model-references.ts";
import type { FoundModel, WantedModel } from "../../protocol/models.ts";
import type { Session } from "../session/session.ts";
import { modelsStore } from "./models-store.ts";
import { replaceModel } from "./replace-model.ts";

/** Each model that a workflow names, once, with what the workflow says of it. */
function wantedOf(document: WorkflowDocument, { definitionOf }: Session): WantedModel[] {
  const said = new Map((document.models ?? []).map((entry) => [`${entry.kind}\n${entry.name}`, entry]));
  const wanted = new Map<string, WantedModel>();
  for (const { kind, name } of modelsUsed(document, definitionOf)) {
    const { sha256, sizeBytes, repository, file, revision, url, licence } = said.get(`${kind}\n${name}`) ?? {};
    const known = { sha256, sizeBytes, repository, file, revision, url, licence };
    const present = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
    wanted.set(`${kind}\n${name}`, { kind, name, ...present });
  }
  return [...wanted.values()];
}

/** Looks what of the workflow's models is not here, and shows it; `deep` reads files of unknown content, however large. */
export async function lookForModels(session: Session, { deep = false, always = false } = {}): Promise<void> {
  const store = modelsStore(session.host);
  const wanted = wantedOf(session.documents.getState().document, session);
  const looked = (state: "looking" | "known" | "unknown") => store.setState({ looked: { tab: session.id, state } });
  if (wanted.length === 0 && !always) return looked("known");
  looked("looking");
  try {
    const found = wanted.length === 0 ? [] : await session.host.rpc.models.find({ wanted, deep });
    const missing = found.filter(({ present }) => !present);
    if (missing.length > 0 || always) store.setState({ missing: { tab: session.id, found: missing } });
    looked("known");
  } catch {
    looked("unknown");
    // The nodes say by themselves what they miss, and the banner says when the host does not answer.
  }
}

/** Puts another model in the place of a missing one, as one step of undo. */
export function takeInstead(session: Session, { kind, name }: { kind: ModelKind; name: string }, to: string): void {
  const { document } = session.documents.getState();
  const patches = replaceModel(document, session.definitionOf, { kind, from: name, to });
  session.documents.commit({ label: "edit", patches, whole: true });
  const store = modelsStore(session.host);
  const { missing } = store.getState();
  const rest = missing?.found.filter((one) => one.kind !== kind || one.name !== name) ?? [];
  store.setState({ missing: rest.length > 0 && missing ? { ...missing, found: rest } : undefined });
}

/** Begins to fetch what is offered for missing models. */
export async function fetchOffered(session: Session, models: readonly FoundModel[]): Promise<boolean> {
  const store = modelsStore(session.host);
  return store.attempt(async () => {
    for (const { kind, offer } of models) {
      if (!offer) continue;
      await session.host.rpc.models.downloads.start({ kind, source: offer.source, fileName: offer.fileName });
    }
  });
}

/** The workflow with what the host knows of its models, for a file that others open; as it is where the host is silent. */
export async function withReferences(session: Session, document: WorkflowDocument): Promise<WorkflowDocument> {
  const used = modelsUsed(document, session.definitionOf);
  if (used.length === 0) return document;
  try {
    const wanted = used.map(({ kind, name }) => ({ kind, name }));
    return withModelReferences(document, await session.host.rpc.models.references({ wanted }), session.definitionOf);
  } catch {
    return document;
  }
}
