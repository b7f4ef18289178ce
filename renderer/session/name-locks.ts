import { z } from "zod";

/** Names that windows of one browser profile hold while they live. */
export interface NameLocks {
  /** Resolves with what lets go of the name again; with `undefined` when another window goes on holding it. */
  hold(name: string): Promise<(() => void) | undefined>;
  /** Whether a window holds it. */
  isHeld(name: string): Promise<boolean>;
}

/** A page before a reload may hold its name a moment longer, and one that is at work may answer a moment later. */
const PATIENCE_MS = 1_500;

/** By the browser's own locks, which end with their page however that ends. */
export function webLocks(locks: Pick<LockManager, "request" | "query">): NameLocks {
  return {
    hold: (name) =>
      new Promise((resolve) => {
        const signal = AbortSignal.timeout(PATIENCE_MS);
        locks
          .request(name, { signal }, () => new Promise<void>((release) => resolve(release)))
          .catch(() => resolve(undefined));
      }),
    async isHeld(name) {
      const { held } = await locks.query();
      return held?.some((lock) => lock.name === name) ?? false;
    },
  };
}

const messageSchema = z.union([z.object({ whoHolds: z.string() }), z.object({ holds: z.string() })]);
type Message = z.infer<typeof messageSchema>;

const entryOf = (name: string) => `heddle.held.${name}`;
const AWAKE = "awake";
/** Systems let pages sleep that are out of sight; one that was so for longer is taken for gone. */
const MAY_SLEEP_MS = 86_400_000;

/**
 * For pages over plain HTTP from another machine, to which browsers give no locks. Who holds a name says so in `storage`, and
 * takes it back when it leaves; one that was killed cannot, so that whoever finds a name asks for its window on `channel`. A
 * page that is out of sight may sleep and answer nobody: it says in `storage` since when, and counts as there.
 */
export function channelLocks(
  storage: Storage,
  channel: BroadcastChannel,
  page: EventTarget & Pick<Document, "visibilityState">,
  patienceMs = PATIENCE_MS,
): NameLocks {
  const own = new Set<string>();
  const say = (message: Message) => channel.postMessage(message);
  const mark = (name: string) => {
    try {
      storage.setItem(entryOf(name), page.visibilityState === "hidden" ? String(Date.now()) : AWAKE);
    } catch {
      // Storage is full: others take the name for nobody's, and this window can be worked in.
    }
  };
  const listen = (listener: (message: Message) => void) => {
    const onMessage = ({ data }: MessageEvent) => {
      const message = messageSchema.safeParse(data);
      if (message.success) listener(message.data);
    };
    channel.addEventListener("message", onMessage);
    return () => channel.removeEventListener("message", onMessage);
  };

  listen((message) => {
    if (!("whoHolds" in message) || !own.has(message.whoHolds)) return;
    // Somebody who had no patience may have taken the name for nobody's.
    mark(message.whoHolds);
    say({ holds: message.whoHolds });
  });
  page.addEventListener("visibilitychange", () => own.forEach(mark));
  globalThis.addEventListener?.("pagehide", ({ persisted }) => {
    if (persisted) return;
    for (const name of own) storage.removeItem(entryOf(name));
    // It goes out of sight only now, which is to be no sign of life.
    own.clear();
  });

  const isAnswered = (name: string) =>
    new Promise<boolean>((resolve) => {
      const end = (answered: boolean) => {
        stop();
        clearTimeout(timer);
        resolve(answered);
      };
      const stop = listen((message) => "holds" in message && message.holds === name && end(true));
      const timer = setTimeout(() => end(false), patienceMs);
      say({ whoHolds: name });
    });

  return {
    async hold(name) {
      if (storage.getItem(entryOf(name)) !== null && (await isAnswered(name))) return undefined;
      own.add(name);
      mark(name);
      return () => {
        own.delete(name);
        storage.removeItem(entryOf(name));
      };
    },
    async isHeld(name) {
      const entry = storage.getItem(entryOf(name));
      if (entry === null) return false;
      if (own.has(name) || Date.now() - Number(entry) < MAY_SLEEP_MS || (await isAnswered(name))) return true;
      storage.removeItem(entryOf(name));
      return false;
    },
  };
}
