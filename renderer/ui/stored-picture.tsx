import { ImageOff } from "lucide-react";
import { type ImgHTMLAttributes, useState } from "react";
import { useText } from "../i18n/use-text.ts";
import { join } from "./button.tsx";
import styles from "./stored-picture.module.css";

/** A picture of the store, or the word that its file is gone: moved or deleted behind Heddle's back, or on a disk that is away. */
export function StoredPicture({
  src,
  alt,
  goneClassName,
  ...props
}: ImgHTMLAttributes<HTMLImageElement> & { src: string; alt: string; goneClassName?: string | undefined }) {
  const text = useText();
  const [missing, setMissing] = useState<string>();
  // Whoever comes back to it looks again: it may have been moved just then, and be there by now.
  if (missing !== undefined && missing !== src) setMissing(undefined);
  if (missing === src) {
    return (
      // What is named by what is around it shows a sign alone.
      <span className={join(styles.gone, goneClassName)} title={text("node.pictureGone")}>
        <ImageOff size={20} aria-hidden />
        {alt !== "" && text("node.pictureGone")}
      </span>
    );
  }
  return <img draggable={false} {...props} src={src} alt={alt} onError={() => setMissing(src)} />;
}
