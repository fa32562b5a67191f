/** Where the bot keeps its own data, and what is still to be said in Slack. */
import { durationWords } from "../domain/duration.ts";
import { toFailure } from "../errors.ts";
import type { Finding } from "./monitor.ts";

export interface DiskSpace {
  /** Bytes that this process may use. */
  free: number;
  total: number;
}

/** What Slack has not been told although it should have been a while ago. */
export interface Undelivered {
  /** Cards that show an older state than they should. */
  cards: number;
  /** Posts that were begun and not finished. */
  posts: number;
  oldestAt: Date | null;
}

export interface StoreProbeDeps {
  store: { ping(timeoutMs: number): Promise<void> };
  /** Of the embedded store; null = PostgreSQL holds the data. */
  dataDir: string | null;
  diskSpace(path: string): Promise<DiskSpace>;
  /** Older than this moment. */
  undelivered(before: Date): Promise<Undelivered>;
}

const MB = 1e6;
const LOW = { part: 0.15, bytes: 500 * MB };
const EMPTY = { part: 0.02, bytes: 50 * MB };

const POST_TAKES_MS = 60_000;
const POST_IS_LOST_MS = 15 * 60_000;

export async function checkStore({ store, dataDir }: StoreProbeDeps): Promise<Finding> {
  await store.ping(5_000);
  const detail =
    dataDir === null
      ? "PostgreSQL answers"
      : `embedded store in ${dataDir}: survives a killed process, not a power cut; set DATABASE_URL for more than one replica`;
  return { status: "ok", detail };
}

export async function checkDisk({ dataDir, diskSpace }: StoreProbeDeps): Promise<Finding> {
  if (dataDir === null)
    return { status: "ok", detail: "PostgreSQL holds the data; nothing is kept on this disk" };
  let space: DiskSpace;
  try {
    space = await diskSpace(dataDir);
  } catch (error) {
    return { status: "unknown", detail: `the disk of DATA_DIR cannot be read: ${toFailure(error).message}` };
  }
  const part = space.total > 0 ? space.free / space.total : 0;
  const isBelow = (limit: typeof LOW) => part < limit.part || space.free < limit.bytes;
  const words = `${bytesWords(space.free)} free of ${bytesWords(space.total)} (${Math.floor(part * 100)} %) in DATA_DIR`;
  if (isBelow(EMPTY))
    return { status: "down", detail: `the disk is full: ${words}; make room, or enlarge the volume` };
  if (isBelow(LOW)) return { status: "degraded", detail: `the disk is filling up: ${words}` };
  return { status: "ok", detail: words };
}

export function bytesWords(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / MB)} MB`;
}

/** The rows are written with the machine's own clock, so that is what their age is measured by. */
export async function checkPosts({ undelivered }: StoreProbeDeps): Promise<Finding> {
  const now = Date.now();
  const { cards, posts, oldestAt } = await undelivered(new Date(now - POST_TAKES_MS));
  if (cards + posts === 0) return { status: "ok", detail: "nothing waits to be said in Slack" };
  const waitedMs = oldestAt === null ? 0 : now - oldestAt.getTime();
  const count = [
    ...(cards > 0 ? [`${cards} ${cards === 1 ? "card shows" : "cards show"} an old state`] : []),
    ...(posts > 0 ? [`${posts} ${posts === 1 ? "post is" : "posts are"} not in Slack yet`] : []),
  ].join(", ");
  const detail = `${count}; the oldest for ${durationWords(waitedMs)}. I keep trying; decisions are recorded all the same.`;
  return { status: waitedMs > POST_IS_LOST_MS ? "down" : "degraded", detail };
}
