import { Brush, Globe, ImagePlus, X } from "lucide-react";
import { type ClipboardEvent, type DragEvent, useRef, useState } from "react";
import { toHeddleError } from "../../common/errors.ts";
import type { ImageParam } from "../../graph/definition.ts";
import { imageToJson, parseImageValue } from "../../graph/values.ts";
import { ownPicture, PICTURE_MIME } from "../gallery/drag-out.ts";
import { problemText } from "../i18n/problem-text.ts";
import { useText } from "../i18n/use-text.ts";
import { openMaskOf } from "../mask-editor/open-mask.ts";
import { useSession } from "../session/context.tsx";
import { StoredPicture } from "../ui/stored-picture.tsx";
import fields from "./field.module.css";
import styles from "./image-field.module.css";
import { droppedAddress } from "./picture-address.ts";
import { PictureAddressDialog } from "./picture-address-dialog.tsx";
import type { WidgetProps } from "./widget.ts";

const FORMATS = "image/png,image/jpeg,image/webp,image/gif,image/tiff,image/avif";
const THUMBNAIL_PX = 512;

/** A picture that is chosen, dropped or pasted; the host keeps it, the workflow holds its hash. */
export function ImageField({
  param,
  nodeId,
  label,
  help,
  value,
  invalid,
  describedBy,
  onChange,
}: WidgetProps<ImageParam>) {
  const text = useText();
  const session = useSession();
  const { host, view } = session;
  const isMask = param.role === "mask";
  const [isSending, setSending] = useState(false);
  const [address, setAddress] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  const hash = parseImageValue(value);

  const keep = async (picture: () => Promise<{ hash: string }>) => {
    setSending(true);
    try {
      onChange(imageToJson((await picture()).hash));
    } catch (error) {
      const { message, help: detail } = problemText(text, toHeddleError(error));
      view.notify({ tone: "error", text: message, detail });
    } finally {
      setSending(false);
    }
  };
  const send = (file: File | undefined) => file && void keep(() => host.rpc.images.put({ file }));
  // The canvas around it would open the picture as a workflow.
  const take = (event: DragEvent | ClipboardEvent, data: DataTransfer) => {
    const own = data.getData(PICTURE_MIME);
    if (own !== "") {
      event.preventDefault();
      event.stopPropagation();
      void keep(async () => host.rpc.images.put({ file: await ownPicture(session, own) }));
      return;
    }
    const file = data.files[0];
    const dropped = file ? undefined : droppedAddress(data);
    if (!file && dropped === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (file) send(file);
    else setAddress(dropped);
  };
  const action = text(
    isSending ? "image.sending" : isMask ? "maskEditor.open" : hash ? "image.replace" : "image.choose",
  );

  return (
    <div className={styles.frame} data-invalid={invalid || undefined} title={help}>
      <button
        type="button"
        className={styles.picture}
        aria-label={text.labelled(label, action)}
        aria-describedby={describedBy}
        aria-busy={isSending}
        onClick={() => (isMask ? openMaskOf(session, nodeId) : input.current?.click())}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => take(event, event.dataTransfer)}
        onPaste={(event) => take(event, event.clipboardData)}
      >
        {hash && !isSending ? (
          <StoredPicture src={host.imageUrl(hash, { thumbnail: THUMBNAIL_PX })} alt="" />
        ) : (
          <span className={styles.hint}>
            {isMask ? <Brush size={16} /> : <ImagePlus size={16} />}
            {action}
          </span>
        )}
      </button>
      <span className={styles.tools}>
        {(isMask || hash) && (
          <button
            type="button"
            className={fields.tool}
            aria-label={text(isMask ? "maskEditor.open" : "maskEditor.openOn")}
            title={text(isMask ? "maskEditor.open" : "maskEditor.openOn")}
            onClick={() => openMaskOf(session, nodeId)}
          >
            <Brush size={14} />
          </button>
        )}
        {!isMask && (
          <button
            type="button"
            className={fields.tool}
            aria-label={text("image.fromWeb")}
            title={text("image.fromWeb")}
            onClick={() => setAddress("")}
          >
            <Globe size={14} />
          </button>
        )}
        {hash && (
          <button
            type="button"
            className={fields.tool}
            aria-label={text("image.remove")}
            title={text("image.remove")}
            onClick={() => onChange("")}
          >
            <X size={14} />
          </button>
        )}
      </span>
      {address !== undefined && (
        <PictureAddressDialog
          start={address}
          onClose={() => setAddress(undefined)}
          onFetch={(chosen) => {
            setAddress(undefined);
            void keep(() => host.rpc.images.fetch({ address: chosen }));
          }}
        />
      )}
      <input
        ref={input}
        type="file"
        accept={FORMATS}
        hidden
        onChange={(event) => {
          send(event.target.files?.[0]);
          // The same file can be chosen again.
          event.target.value = "";
        }}
      />
    </div>
  );
}
