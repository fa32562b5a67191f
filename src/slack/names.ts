/** Names in the place of ids, for words that leave Slack. */
import { isAppError } from "../errors.ts";
import type { Names } from "./message-text.ts";
import type { Reads } from "./outbound-reads.ts";

/** One request each; Slack allows 100 of them a minute. What is beyond keeps its id. */
const USERS_AT_MOST = 60;
const CHANNELS_AT_MOST = 20;

export type NameReads = Pick<Reads, "person" | "channel">;

/** With `insist` what may work later fails now, for callers who come again. */
export async function lookUpNames(
  reads: NameReads,
  { users, channels }: { users: readonly string[]; channels: readonly string[] },
  { insist = false }: { insist?: boolean } = {},
): Promise<Names> {
  const look = <T>(id: string, ask: (id: string) => Promise<T>, nameOf: (found: T) => string | null) =>
    nameOrNull(async () => nameOf(await ask(id)), insist);
  const [people, rooms] = await Promise.all([
    each(users.slice(0, USERS_AT_MOST), (id) => look(id, reads.person, (found) => found?.name ?? null)),
    each(channels.slice(0, CHANNELS_AT_MOST), (id) => look(id, reads.channel, (found) => found.name)),
  ]);
  return { users: people, channels: rooms };
}

async function each(
  ids: readonly string[],
  look: (id: string) => Promise<string | null>,
): Promise<Map<string, string>> {
  const found = await Promise.all(ids.map(async (id) => [id, await look(id)] as const));
  return new Map(found.flatMap(([id, name]) => (name === null ? [] : [[id, name] as const])));
}

/** A name is a comfort: words with an id in them are better than no words. A bug must surface as one. */
async function nameOrNull(look: () => Promise<string | null>, insist: boolean): Promise<string | null> {
  try {
    return await look();
  } catch (error) {
    if (isAppError(error) && !(insist && error.retryable)) return null;
    throw error;
  }
}
