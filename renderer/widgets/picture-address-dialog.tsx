import { type FormEvent, useId, useState } from "react";
import { useText } from "../i18n/use-text.ts";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import styles from "./image-field.module.css";
import { pictureAddress } from "./picture-address.ts";

/** Asks for the address of a picture, and whether its server may be asked for it: nothing is fetched before. */
export function PictureAddressDialog({
  start,
  onFetch,
  onClose,
}: {
  /** What was pasted or dropped, to begin with. */
  start: string;
  onFetch: (address: string) => void;
  onClose: () => void;
}) {
  const text = useText();
  const [draft, setDraft] = useState(start);
  const helpId = useId();
  const address = pictureAddress(draft);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    if (address) onFetch(address);
  };
  return (
    <Dialog title={text("image.fromWeb")} onClose={onClose}>
      <form onSubmit={submit}>
        <input
          type="url"
          className={styles.address}
          placeholder="https://"
          autoComplete="off"
          spellCheck={false}
          aria-label={text("image.address")}
          aria-describedby={helpId}
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
          onFocus={(event) => event.target.select()}
        />
        <p id={helpId} className={styles.consent}>
          {address ? text("image.consent", { host: new URL(address).host }) : text("image.addressHelp")}
        </p>
        <DialogActions>
          <Button tone="quiet" onClick={onClose}>
            {text("common.cancel")}
          </Button>
          <Button tone="primary" type="submit" disabled={!address}>
            {text("image.fetch")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
