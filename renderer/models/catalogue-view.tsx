import { Check, Download, LoaderCircle, Search } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useStore } from "zustand";
import { type ModelKind, modelKinds } from "../../graph/definition.ts";
import type { CatalogueEntry, ModelOffer } from "../../protocol/models.ts";
import { formatBytes } from "../i18n/format.ts";
import type { TextKey } from "../i18n/i18n.ts";
import { useText } from "../i18n/use-text.ts";
import { useHost, useSession } from "../session/context.tsx";
import { Button } from "../ui/button.tsx";
import { Select } from "../ui/select.tsx";
import { Loading } from "./library-view.tsx";
import styles from "./models.module.css";
import { modelsStore } from "./models-store.ts";

const groups = ["model", "encoder", "tokenizer", "vae", "control"] as const;

/** What can be had: the Z-Image family, or anything from the hub or an address. Nothing is fetched without a click. */
export function CatalogueView() {
  const { host } = useSession();
  const text = useText();
  const store = modelsStore(host);
  const catalogue = useStore(store, (state) => state.catalogue);
  if (!catalogue) return <Loading />;
  const fetchAll = (entries: readonly CatalogueEntry[]) =>
    store
      .attempt(async () => {
        for (const { kind, source, fileName, licence } of entries) {
          await host.rpc.models.downloads.start({ kind, source: { ...source, licence }, fileName });
        }
      })
      .then((done) => done && store.setState({ page: "downloads" }));
  return (
    <div className={styles.scroll}>
      <HubSearch />
      <h3>{text("manager.catalogue")}</h3>
      <p className={styles.quiet}>{text("manager.catalogueHelp")}</p>
      {groups.map((group) => (
        <section key={group} className={styles.group} aria-label={text(`manager.group_${group}`)}>
          <h4>{text(`manager.group_${group}`)}</h4>
          <ul className={styles.cards}>
            {catalogue
              .filter((entry) => entry.group === group)
              .map((entry) => (
                <CatalogueCard key={entry.id} entry={entry} all={catalogue} onFetch={fetchAll} />
              ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function CatalogueCard({
  entry,
  all,
  onFetch,
}: {
  entry: CatalogueEntry;
  all: readonly CatalogueEntry[];
  onFetch: (entries: readonly CatalogueEntry[]) => void;
}) {
  const text = useText();
  const isChinese = document.documentElement.lang.startsWith("zh");
  const title = isChinese ? entry.titleZh : entry.title;
  const isComing = useIsComing(entry);
  const needed = [entry, ...all.filter(({ id }) => entry.needs.includes(id))].filter(({ installed }) => !installed);
  const total = needed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const hasNeeds = !isComing && entry.group === "model" && needed.length > 1;
  const { fit } = entry;
  return (
    <li className={styles.card}>
      <div className={styles.cardText}>
        <strong>
          {title}
          {entry.recommended && <span className={styles.tag}>{text("manager.recommended")}</span>}
        </strong>
        <p>{isChinese ? entry.descriptionZh : entry.description}</p>
        <small>
          {[entry.precision, formatBytes(entry.sizeBytes), entry.source.repository].filter(Boolean).join(" · ")}
          {" · "}
          <a href={entry.licenceUrl} target="_blank" rel="noreferrer">
            {entry.licence}
          </a>
        </small>
        {fit && (
          <small className={styles.fit} data-verdict={fit.verdict}>
            {text(`manager.fit_${fit.verdict}`, {
              memory: formatBytes(fit.memoryBytes),
              plan: text(`devices.precision_${fit.plan}` as TextKey),
            })}
          </small>
        )}
      </div>
      {entry.installed ? (
        <span className={styles.installed}>
          <Check size={14} />
          {text("manager.installed")}
        </span>
      ) : (
        <div className={styles.cardActions}>
          {hasNeeds && (
            <Button
              tone={entry.recommended ? "primary" : "plain"}
              aria-label={text("manager.downloadAllNamed", { name: title, size: formatBytes(total) })}
              onClick={() => onFetch(needed)}
            >
              <Download size={14} />
              {text("manager.downloadAll", { size: formatBytes(total) })}
            </Button>
          )}
          <Button
            tone={hasNeeds ? "quiet" : entry.recommended ? "primary" : "plain"}
            disabled={isComing}
            aria-label={
              isComing
                ? undefined
                : text(hasNeeds ? "manager.downloadOnlyNamed" : "manager.downloadNamed", {
                    name: title,
                    size: formatBytes(entry.sizeBytes),
                  })
            }
            onClick={() => onFetch([entry])}
          >
            {isComing ? <LoaderCircle size={14} className={styles.spin} /> : !hasNeeds && <Download size={14} />}
            {text(isComing ? "manager.coming" : hasNeeds ? "manager.downloadOnly" : "manager.download", {
              size: formatBytes(entry.sizeBytes),
            })}
          </Button>
        </div>
      )}
    </li>
  );
}

function useIsComing(entry: Pick<CatalogueEntry, "fileName">): boolean {
  return useHost((state) =>
    Boolean(state.downloads?.downloads.some((one) => one.state !== "done" && one.name.endsWith(`/${entry.fileName}`))),
  );
}

/** A repository of the hub, or an address. */
function HubSearch() {
  const { host } = useSession();
  const text = useText();
  const store = modelsStore(host);
  const [address, setAddress] = useState("");
  const [isAsking, setAsking] = useState(false);
  const [offers, setOffers] = useState<readonly ModelOffer[]>();
  const ask = async (event: FormEvent) => {
    event.preventDefault();
    setAsking(true);
    setOffers(undefined);
    await store.attempt(async () => setOffers((await host.rpc.models.browse({ text: address.trim() })).offers));
    setAsking(false);
  };
  return (
    <section className={styles.group} aria-label={text("manager.hub")}>
      <h3>{text("manager.hub")}</h3>
      <form className={styles.bar} onSubmit={(event) => void ask(event)}>
        <input
          className={styles.search}
          placeholder={text("manager.hubPlaceholder")}
          aria-label={text("manager.hubPlaceholder")}
          value={address}
          onChange={(event) => setAddress(event.target.value)}
        />
        <Button type="submit" disabled={isAsking || address.trim().length < 3}>
          {isAsking ? <LoaderCircle size={14} className={styles.spin} /> : <Search size={14} />}
          {text("manager.look")}
        </Button>
      </form>
      {offers?.length === 0 && <p className={styles.quiet}>{text("manager.noOffers")}</p>}
      {offers && offers.length > 0 && (
        <ul className={styles.cards}>
          {offers.map((offer) => (
            <OfferCard key={offer.source.file ?? offer.source.url} offer={offer} />
          ))}
        </ul>
      )}
    </section>
  );
}

function OfferCard({ offer }: { offer: ModelOffer }) {
  const { host } = useSession();
  const text = useText();
  const store = modelsStore(host);
  const isComing = useIsComing(offer);
  const [kind, setKind] = useState<ModelKind>(offer.kind ?? "lora");
  const facts = [offer.sizeBytes === null ? null : formatBytes(offer.sizeBytes), offer.licence];
  return (
    <li className={styles.card}>
      <div className={styles.cardText}>
        <strong>{offer.source.file ?? offer.fileName}</strong>
        <small>{facts.filter(Boolean).join(" · ") || text("manager.unknownSize")}</small>
        {offer.gated && <small className={styles.problem}>{text("manager.gated")}</small>}
      </div>
      <div className={styles.cardActions}>
        <Select
          aria-label={text("manager.kindOf", { name: offer.fileName })}
          value={kind}
          onChange={(event) => setKind(event.target.value as ModelKind)}
        >
          {modelKinds.map((one) => (
            <option key={one} value={one}>
              {text(`kinds.${one}`)}
            </option>
          ))}
        </Select>
        <Button
          disabled={isComing}
          aria-label={isComing ? undefined : text("missing.fetchNamed", { name: offer.fileName })}
          onClick={() =>
            void store
              .attempt(() => host.rpc.models.downloads.start({ kind, source: offer.source, fileName: offer.fileName }))
              .then((done) => done && store.setState({ page: "downloads" }))
          }
        >
          <Download size={14} />
          {text(isComing ? "manager.coming" : "manager.downloadPlain")}
        </Button>
      </div>
    </li>
  );
}
