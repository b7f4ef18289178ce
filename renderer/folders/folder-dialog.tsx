import { ChevronRight, CornerLeftUp, Eye, EyeOff, House } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { type ErrorPayload, toHeddleError } from "../../common/errors.ts";
import type { FolderListing } from "../../protocol/folders.ts";
import { problemLine } from "../i18n/problem-text.ts";
import { type Text, useText } from "../i18n/use-text.ts";
import { useSession } from "../session/context.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import styles from "./folder-dialog.module.css";
import { FolderList } from "./folder-list.tsx";
import { isPath, matchingFolders } from "./matching-folders.ts";

const PAGE = 10;

interface Travel {
  readonly nearest?: boolean;
  /** The folder that is marked there. */
  readonly from?: string | undefined;
}

/**
 * Lets a person look through the folders of the host's machine and choose one. The focus stays in one field: what is typed
 * there filters, or is a path to go to; arrows move in the list, Enter opens, Backspace goes up.
 *
 * @param start where to begin: a path that was typed, or nothing for the home folder
 */
export function FolderDialog({
  start,
  onChoose,
  onClose,
}: {
  start: string;
  onChoose: (path: string) => void;
  onClose: () => void;
}) {
  const { host } = useSession();
  const text = useText();
  const field = useRef<HTMLInputElement>(null);
  const [listing, setListing] = useState<FolderListing>();
  const [failure, setFailure] = useState<ErrorPayload>();
  const [typed, setTyped] = useState("");
  const [showsHidden, setShowsHidden] = useState(false);
  /** Path of the folder that arrows have come to; where it is in no list, nothing is marked. */
  const [marked, setMarked] = useState<string>();
  /** Of several answers the one that was asked for last counts. */
  const asked = useRef(0);

  /** Where one is, also before it is drawn, once one has got there. */
  const here = useRef<FolderListing>(undefined);
  const arriving = useRef(Promise.resolve());

  const load = async (path: string, { nearest = false, from }: Travel): Promise<void> => {
    const turn = ++asked.current;
    try {
      const found = await host.rpc.folders.list({ path, nearest });
      if (turn !== asked.current) return;
      here.current = found;
      setListing(found);
      setFailure(undefined);
      setTyped("");
      setMarked(from);
    } catch (error) {
      if (turn === asked.current) setFailure(toHeddleError(error).toPayload());
    }
    // The button that led here may be gone.
    field.current?.focus();
  };
  const go = (path: string, travel: Travel = {}): Promise<void> => {
    arriving.current = load(path, travel);
    return arriving.current;
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: it begins once
  useEffect(() => {
    void go(start, { nearest: true });
  }, []);

  const goesToPath = isPath(typed);
  const shown = listing && !goesToPath ? matchingFolders(listing.folders, typed, { hidden: showsHidden }) : [];
  const at = shown.findIndex(({ path }) => path === marked);
  // What was typed means the first that fits.
  const active = at < 0 && typed.trim() !== "" && shown.length > 0 ? 0 : at;
  const up = () => {
    // From where one is going: pressed twice, it goes up twice.
    arriving.current = arriving.current.then(() => {
      const from = here.current;
      return from?.parent == null ? undefined : load(from.parent, { from: from.path });
    });
  };
  const choose = () => {
    if (listing) onChoose(listing.path);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE }[event.key];
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && goesToPath) void go(typed);
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) choose();
    else if (event.key === "Enter") {
      const folder = shown[active];
      if (folder) void go(folder.path);
    } else if ((event.key === "ArrowUp" && event.altKey) || (event.key === "Backspace" && typed === "")) up();
    else if (step !== undefined) {
      const to = active < 0 ? (step > 0 ? 0 : shown.length - 1) : active + step;
      setMarked(shown[Math.max(0, Math.min(shown.length - 1, to))]?.path);
    } else return;
    event.preventDefault();
  };

  const name = listing?.crumbs.at(-1)?.name ?? "";
  const listId = "folder-list";
  return (
    <Dialog title={text("folders.title")} wide="medium" onClose={onClose}>
      <div className={styles.bar}>
        <IconButton label={text("folders.up")} disabled={listing?.parent == null} onClick={up}>
          <CornerLeftUp size={16} />
        </IconButton>
        <IconButton label={text("folders.home")} onClick={() => void go("")}>
          <House size={16} />
        </IconButton>
        <nav className={styles.crumbs} aria-label={text("folders.way")}>
          {listing?.crumbs.map((crumb, index, all) => (
            <span key={crumb.path} className={styles.crumb}>
              {index > 0 && <ChevronRight size={12} aria-hidden />}
              <button
                type="button"
                aria-current={index === all.length - 1 ? "location" : undefined}
                onClick={() => void go(crumb.path, { from: all[index + 1]?.path })}
              >
                {crumb.name}
              </button>
            </span>
          ))}
        </nav>
      </div>
      {listing && listing.disks.length > 1 && (
        <nav className={styles.disks} aria-label={text("folders.disks")}>
          {listing.disks.map((disk) => (
            <Button
              key={disk.path}
              aria-current={listing.crumbs[0]?.path === disk.path ? "true" : undefined}
              onClick={() => void go(disk.path)}
            >
              {disk.name}
            </Button>
          ))}
        </nav>
      )}
      <div className={styles.bar}>
        <input
          ref={field}
          data-first
          className={styles.field}
          role="combobox"
          aria-expanded={shown.length > 0}
          aria-controls={shown.length > 0 ? listId : undefined}
          aria-activedescendant={active >= 0 ? `${listId}-${active}` : undefined}
          aria-autocomplete="list"
          aria-label={text("folders.field")}
          placeholder={text("folders.field")}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setMarked(undefined);
            setFailure(undefined);
          }}
          onKeyDown={onKeyDown}
        />
        <IconButton
          label={text("folders.hidden")}
          aria-pressed={showsHidden}
          onClick={() => setShowsHidden((shows) => !shows)}
        >
          {showsHidden ? <Eye size={16} /> : <EyeOff size={16} />}
        </IconButton>
      </div>
      {failure && (
        <p className={styles.failure} role="alert">
          {problemLine(text, failure)}
        </p>
      )}
      <div className={styles.list}>
        {shown.length > 0 ? (
          <FolderList
            key={listing?.path}
            id={listId}
            folders={shown}
            active={active}
            onOpen={(folder) => void go(folder.path)}
          />
        ) : (
          <p className={styles.none}>{listing && noneText(text, listing, typed, showsHidden)}</p>
        )}
      </div>
      <ul className={styles.facts}>
        {factsOf(text, listing).map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
      <p className="visually-hidden" role="status">
        {listing && text("folders.said", { name, count: shown.length })}
      </p>
      <DialogActions>
        <Button onClick={onClose}>{text("common.cancel")}</Button>
        <Button
          tone="primary"
          className={styles.choose}
          disabled={!listing}
          aria-keyshortcuts={goesToPath ? undefined : "Control+Enter"}
          onClick={goesToPath ? () => void go(typed) : choose}
        >
          <span>{goesToPath ? text("folders.open") : text("folders.choose", { name })}</span>
        </Button>
      </DialogActions>
    </Dialog>
  );
}

/** Why the list is empty. */
function noneText(text: Text, listing: FolderListing, typed: string, showsHidden: boolean): string {
  if (isPath(typed)) return text("folders.goTo", { path: typed.trim() });
  if (typed.trim() !== "") return text("folders.noMatch");
  if (!showsHidden && listing.folders.length > 0) return text("folders.onlyHidden");
  return text("folders.none");
}

/** What is worth knowing of the folder before it is chosen. */
function factsOf(text: Text, listing: FolderListing | undefined): string[] {
  if (!listing) return [];
  const { looksLike, weights, isCut, insteadOf } = listing;
  return [
    ...(insteadOf === null ? [] : [text("folders.insteadOf", { path: insteadOf })]),
    ...(looksLike === null ? [] : [text(`folders.looksLike_${looksLike}`)]),
    ...(weights > 0 ? [text("folders.weights", { count: weights })] : []),
    ...(isCut ? [text("folders.cut")] : []),
  ];
}
