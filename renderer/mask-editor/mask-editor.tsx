import { useEffect, useState } from "react";
import { imageToJson, parseImageValue } from "../../graph/values.ts";
import { fetchStoredPicture } from "../host/stored-picture.ts";
import { useText } from "../i18n/use-text.ts";
import { editParam, tell } from "../session/actions.ts";
import { useSession, useView } from "../session/context.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogActions } from "../ui/dialog.tsx";
import { createMask, type Mask } from "./mask.ts";
import { readMask, writeMask } from "./mask-file.ts";
import { pictureBehind } from "./open-mask.ts";
import { PaintStage } from "./paint-stage.tsx";

/** A blank mask where nothing says how large the picture is, and the most that is painted on at once, pixels a side. */
const USUAL_SIDE = 1024;
const MOST_SIDE = 4096;

/** The mask of a node, painted by hand over its picture. */
export function MaskEditor() {
  const request = useView((state) => state.maskEditor);
  return request ? <OpenEditor key={`${request.nodeId} ${request.param}`} {...request} /> : null;
}

interface Loaded {
  readonly mask: Mask;
  readonly picture: string | undefined;
}

function OpenEditor({ nodeId, param }: { nodeId: string; param: string }) {
  const session = useSession();
  const { host, view } = session;
  const text = useText();
  const [loaded, setLoaded] = useState<Loaded>();
  const [isDirty, setDirty] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const [isSaving, setSaving] = useState(false);
  const close = () => view.setState({ maskEditor: undefined });

  useEffect(() => {
    let current = true;
    const node = session.documents.getState().nodesById.get(nodeId);
    const hash = parseImageValue(node?.params[param]);
    const load = async (): Promise<Loaded> => {
      const picture = pictureBehind(session, nodeId);
      const size = picture && (await sizeOf(host.imageUrl(picture)));
      if (hash) return { mask: await readMask(await fetchBlob(host.imageUrl(hash)), size || undefined), picture };
      return { mask: createMask(size ? size.width : USUAL_SIDE, size ? size.height : USUAL_SIDE), picture };
    };
    load().then(
      (result) => current && setLoaded(result),
      (error) => {
        if (!current) return;
        tell(session, error);
        view.setState({ maskEditor: undefined });
      },
    );
    return () => {
      current = false;
    };
  }, [session, host, view, nodeId, param]);

  const done = async () => {
    if (!loaded) return;
    setSaving(true);
    try {
      const blank = loaded.mask.data.every((value) => value === 0);
      const file = new File([await writeMask(loaded.mask)], "mask.png", { type: "image/png" });
      const value = blank ? "" : imageToJson((await host.rpc.images.put({ file })).hash);
      editParam(session, nodeId, param, value);
      close();
    } catch (error) {
      tell(session, error);
      setSaving(false);
    }
  };

  return (
    <Dialog
      title={text("maskEditor.title")}
      wide="full"
      onClose={() => {
        if (isDirty && !isSaving) setAsking(true);
        else close();
      }}
    >
      {loaded ? (
        <PaintStage
          mask={loaded.mask}
          pictureUrl={loaded.picture && host.imageUrl(loaded.picture)}
          onChange={() => setDirty(true)}
          actions={
            <Button tone="primary" disabled={isSaving} onClick={() => void done()}>
              {text("maskEditor.done")}
            </Button>
          }
        />
      ) : (
        <p role="status">{text("image.sending")}</p>
      )}
      {isAsking && (
        <Dialog
          title={text("maskEditor.discardTitle")}
          description={text("maskEditor.discardHelp")}
          onClose={() => setAsking(false)}
        >
          <DialogActions>
            <Button onClick={() => setAsking(false)}>{text("maskEditor.keepPainting")}</Button>
            <Button tone="danger" onClick={close}>
              {text("maskEditor.discard")}
            </Button>
          </DialogActions>
        </Dialog>
      )}
    </Dialog>
  );
}

/** The size of a picture as it is shown, at most {@link MOST_SIDE} a side. */
async function sizeOf(url: string): Promise<{ width: number; height: number }> {
  const image = new Image();
  image.src = url;
  await image.decode().catch(async (error: unknown) => {
    // The browser does not say that it could not be had.
    await fetchStoredPicture(url);
    throw error;
  });
  const { naturalWidth: width, naturalHeight: height } = image;
  const scale = Math.min(1, MOST_SIDE / Math.max(width, height));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

const fetchBlob = async (url: string): Promise<Blob> => (await fetchStoredPicture(url)).blob();
