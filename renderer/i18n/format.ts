import i18next from "i18next";

/**
 * Where dates are written as in the language of the window: as the browser's owner writes them where that is their language, too
 * (en-GB, zh-TW), else as most of its speakers do.
 */
export function localeOf(language: string, preferred: readonly string[]): string {
  const [stem] = language.split("-");
  return preferred.find((one) => one.split("-")[0] === stem) ?? language;
}

/** By language and style: to make one takes longer than to write a hundred dates with it, and a log has a thousand. */
const timeFormats = new Map<string, Intl.DateTimeFormat>();

/** A time of day, or a date, as the language of the window has it. */
export function formatTime(time: Date | number, style: Intl.DateTimeFormatOptions): string {
  const locale = localeOf(i18next.language ?? "en", navigator.languages);
  const key = `${locale} ${JSON.stringify(style)}`;
  const format = timeFormats.get(key) ?? new Intl.DateTimeFormat(locale, style);
  timeFormats.set(key, format);
  return format.format(time);
}

/** Numbers as people read them; independent of the language. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** What is only judged, in whole seconds: `9 s`, `1:05 min`; never less than a second. */
export function formatEstimate(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1_000);
}

/** `420 ms`, `3.2 s`, `1:05 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} min`;
}
