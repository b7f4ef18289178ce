import { Copy, Download, Expand, Heart, SendHorizontal, SlidersHorizontal, Trash2, Workflow } from "lucide-react";
import { useEffect, useState } from "react";
import type { ImageReference } from "../../graph/events.ts";
import type { GalleryPicture, PictureDetails } from "../../protocol/gallery.ts";
import { formatBytes, formatTime } from "../i18n/format.ts";
import type { TextKey } from "../i18n/i18n.ts";
import { useText } from "../i18n/use-text.ts";
import { copyText, saveImage } from "../session/actions.ts";
import { useSession } from "../session/context.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { Menu, MenuItem } from "../ui/menu.tsx";
import { Stars } from "../ui/stars.tsx";
import { StoredPicture } from "../ui/stored-picture.tsx";
import styles from "./gallery.module.css";
import { shortName } from "./gallery-toolbar.tsx";
import { applyParametersOf, type Destination, destinations, openWorkflowOf } from "./picture-workflow.ts";
import { sendTo } from "./send-to.ts";

export const DESTINATION_TEXT: Record<Destination, TextKey> = {
  "image-to-image": "gallery.toImage",
  inpaint: "gallery.toInpaint",
  upscale: "gallery.toUpscale",
  canvas: "gallery.toCanvas",
};

/** How a picture was made, and what can be done with it. */
export function PicturePanel({
  picture,
  onOpen,
  onTrash,
}: {
  picture: GalleryPicture;
  onOpen: () => void;
  /** `undefined` where it is in the trash. */
  onTrash: (() => void) | undefined;
}) {
  const session = useSession();
  const { gallery, host } = session;
  const text = useText();
  const details = useDetails(picture.hash);
  const leave = () => session.view.setState({ dialog: undefined });
  const facts: [TextKey, string | undefined][] = [
    ["gallery.model", details?.models.map(shortName).join(", ")],
    ["gallery.loras", details?.loras.map(shortName).join(", ")],
    ["gallery.seed", picture.seed],
    ["gallery.size", `${picture.width} × ${picture.height}${details ? ` · ${formatBytes(details.sizeBytes)}` : ""}`],
    ["gallery.made", formatTime(new Date(picture.createdAt), { dateStyle: "medium", timeStyle: "medium" })],
    [onTrash ? "gallery.file" : "gallery.wasAt", picture.path],
  ];
  return (
    <div className={styles.panelBody}>
      <button type="button" className={styles.large} aria-label={text("gallery.open")} onClick={onOpen}>
        <StoredPicture src={host.imageUrl(picture.hash, { thumbnail: 512 })} alt="" goneClassName={styles.largeGone} />
      </button>
      <div className={styles.marks}>
        <Stars value={picture.rating} onChange={(rating) => void gallery.mark([picture.hash], { rating })} />
        <IconButton
          label={text("gallery.favourite")}
          shortcut="F"
          aria-pressed={picture.favourite}
          onClick={() => void gallery.mark([picture.hash], { favourite: !picture.favourite })}
        >
          <Heart size={16} fill={picture.favourite ? "currentColor" : "none"} />
        </IconButton>
        <span className={styles.spacer} />
        <IconButton label={text("gallery.open")} shortcut="Enter" onClick={onOpen}>
          <Expand size={16} />
        </IconButton>
        <IconButton label={text("viewer.save")} onClick={() => void saveImage(session, picture)}>
          <Download size={16} />
        </IconButton>
        {onTrash && (
          <IconButton label={text("gallery.delete")} shortcut="Del" onClick={onTrash}>
            <Trash2 size={16} />
          </IconButton>
        )}
      </div>
      <div className={styles.panelActions}>
        <Button
          onClick={() => {
            leave();
            void applyParametersOf(session, picture);
          }}
        >
          <SlidersHorizontal size={14} />
          {text("gallery.useParameters")}
        </Button>
        <Button
          onClick={() => {
            leave();
            void openWorkflowOf(session, picture);
          }}
        >
          <Workflow size={14} />
          {text("gallery.openWorkflow")}
        </Button>
        <SendMenu picture={picture} />
      </div>
      {details?.prompt && (
        <section className={styles.words}>
          <h3>
            {text("gallery.prompt")}
            <IconButton
              label={text("gallery.copyPrompt")}
              onClick={() => void copyText(session, details.prompt, text("gallery.promptCopied"))}
            >
              <Copy size={14} />
            </IconButton>
          </h3>
          <p>{details.prompt}</p>
        </section>
      )}
      {details?.negativePrompt && (
        <section className={styles.words}>
          <h3>{text("gallery.negativePrompt")}</h3>
          <p>{details.negativePrompt}</p>
        </section>
      )}
      <dl className={styles.facts}>
        {facts.map(
          ([key, value]) =>
            value && (
              <div key={key}>
                <dt>{text(key)}</dt>
                <dd title={value}>{value}</dd>
              </div>
            ),
        )}
      </dl>
    </div>
  );
}

/** Where a picture can go on to; `compact` is an icon. */
export function SendMenu({
  picture,
  compact = false,
  onLeave,
}: {
  picture: ImageReference;
  compact?: boolean;
  onLeave?: () => void;
}) {
  const session = useSession();
  const text = useText();
  return (
    <Menu
      trigger={
        compact ? (
          <IconButton label={text("gallery.sendTo")}>
            <SendHorizontal size={16} />
          </IconButton>
        ) : (
          <Button>
            <SendHorizontal size={14} />
            {text("gallery.sendTo")}
          </Button>
        )
      }
    >
      {destinations.map((destination) => (
        <MenuItem
          key={destination}
          onClick={() => {
            onLeave?.();
            session.view.setState({ dialog: undefined });
            void sendTo(session, picture, destination);
          }}
        >
          {text(DESTINATION_TEXT[destination])}
        </MenuItem>
      ))}
    </Menu>
  );
}

function useDetails(hash: string): PictureDetails | undefined {
  const { host } = useSession();
  const [found, setFound] = useState<{ hash: string; details: PictureDetails | undefined }>();
  useEffect(() => {
    let current = true;
    host.rpc.gallery.details({ hash }).then(
      (details) => current && setFound({ hash, details: details ?? undefined }),
      () => current && setFound({ hash, details: undefined }),
    );
    return () => {
      current = false;
    };
  }, [host, hash]);
  return found?.hash === hash ? found.details : undefined;
}
