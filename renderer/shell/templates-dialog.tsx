import { useText } from "../i18n/use-text.ts";
import { useSession } from "../session/context.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { TemplateGallery } from "./template-gallery.tsx";

/** Workflows to begin with. */
export function TemplatesDialog() {
  const { view } = useSession();
  const text = useText();
  const close = () => view.setState({ dialog: undefined });
  return (
    <Dialog title={text("templates.title")} description={text("templates.help")} wide="most" onClose={close}>
      <TemplateGallery onPick={close} />
    </Dialog>
  );
}
