import { Boxes, FolderOpen, LoaderCircle, SearchX } from "lucide-react";
import { useDeferredValue, useMemo, useState } from "react";
import { useStore } from "zustand";
import { type ModelKind, modelKinds } from "../../graph/definition.ts";
import type { ModelDetails } from "../../protocol/models.ts";
import { formatBytes } from "../i18n/format.ts";
import { modelName, saidText } from "../i18n/said-text.ts";
import { useText } from "../i18n/use-text.ts";
import { useSession } from "../session/context.tsx";
import { Button } from "../ui/button.tsx";
import { SearchField } from "../ui/search-field.tsx";
import { Select } from "../ui/select.tsx";
import { bytesOnDisk, filterModels, type ModelOrder } from "./filter-models.ts";
import { ModelPanel } from "./model-panel.tsx";
import styles from "./models.module.css";
import { modelsStore } from "./models-store.ts";

/** The models that there are: searched, filtered, sorted, one of them told in full beside the list. */
export function LibraryView() {
  const { host } = useSession();
  const text = useText();
  const store = modelsStore(host);
  const library = useStore(store, (state) => state.library);
  const [query, setQuery] = useState("");
  const [kind, setKind] = useState<ModelKind | "">("");
  const [order, setOrder] = useState<ModelOrder>("name");
  const [chosen, setChosen] = useState<string>();
  const search = useDeferredValue(query);
  const found = useMemo(
    () => filterModels(library ?? [], { query: search, kind, order }),
    [library, search, kind, order],
  );
  const present = new Set(library?.map((model) => model.kind));
  const selected = found.find((model) => keyOf(model) === chosen) ?? found[0];
  const total = bytesOnDisk(found);
  if (!library) return <Loading />;
  const own = library.filter(({ builtIn }) => !builtIn);
  return (
    <>
      <div className={styles.bar}>
        <SearchField
          className={styles.librarySearch}
          label={text("manager.search")}
          value={query}
          onChange={setQuery}
        />
        <Select
          aria-label={text("manager.kind")}
          value={kind}
          onChange={(event) => setKind(event.target.value as ModelKind | "")}
        >
          <option value="">{text("manager.allKinds")}</option>
          {modelKinds.map((one) => (
            <option key={one} value={one} disabled={!present.has(one)}>
              {text(`kinds.${one}`)}
            </option>
          ))}
        </Select>
        <Select
          aria-label={text("manager.order")}
          value={order}
          onChange={(event) => setOrder(event.target.value as ModelOrder)}
        >
          {(["name", "size", "used"] as const).map((one) => (
            <option key={one} value={one}>
              {text(`manager.order_${one}`)}
            </option>
          ))}
        </Select>
        <span className={styles.count} role="status">
          {text("manager.count", { count: found.length, size: formatBytes(total) })}
        </span>
      </div>
      {own.length === 0 && (
        <div className={styles.hint}>
          <p>{text("manager.onlyStarter")}</p>
          <Button tone="primary" onClick={() => store.setState({ page: "get" })}>
            {text("manager.get")}
          </Button>
          <Button onClick={() => store.setState({ page: "storage" })}>
            <FolderOpen size={14} />
            {text("manager.addFolder")}
          </Button>
        </div>
      )}
      {found.length === 0 ? (
        <div className={styles.none}>
          <SearchX size={24} />
          <p>{text("manager.nothingFound")}</p>
        </div>
      ) : (
        <div className={styles.body}>
          <ul className={styles.list} aria-label={text("manager.library")}>
            {found.map((model) => (
              <li key={keyOf(model)}>
                <ModelRow model={model} isChosen={model === selected} onChoose={() => setChosen(keyOf(model))} />
              </li>
            ))}
          </ul>
          {selected && <ModelPanel key={keyOf(selected)} model={selected} />}
        </div>
      )}
    </>
  );
}

const keyOf = ({ kind, name }: ModelDetails) => `${kind} ${name}`;

function ModelRow({ model, isChosen, onChoose }: { model: ModelDetails; isChosen: boolean; onChoose: () => void }) {
  const { host } = useSession();
  const text = useText();
  const facts = [
    text(`kinds.${model.kind}`),
    model.family && saidText(model.family),
    model.variant && text(`variants.${model.variant}`),
    model.precision && saidText(model.precision),
  ];
  return (
    <button type="button" className={styles.row} aria-pressed={isChosen} onClick={onChoose}>
      <span className={styles.thumb} data-kind={model.kind}>
        {model.preview ? <img src={host.imageUrl(model.preview, { thumbnail: 96 })} alt="" /> : <Boxes size={18} />}
      </span>
      <span className={styles.rowText}>
        <strong>{modelName(text, model)}</strong>
        <small>{facts.filter(Boolean).join(" · ")}</small>
        {model.problem && <small className={styles.problem}>{text("manager.unusable")}</small>}
      </span>
      <span className={styles.size}>{formatBytes(model.sizeBytes)}</span>
    </button>
  );
}

export function Loading() {
  const text = useText();
  return (
    <div className={styles.none} role="status">
      <LoaderCircle size={20} className={styles.spin} />
      <p>{text("manager.loading")}</p>
    </div>
  );
}
