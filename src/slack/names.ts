/** Names in the place of ids, for words that leave Slack. */
import { isAppError } from "../errors.ts";
import type { Names } from "./message-text.ts";
import type { Reads } from "./outbound-reads.ts";

/** One request each; Slack allows 100 of them a minute. What is beyond keeps its id. */
const USERS_AT_MOST = 60;
const CHANNELS_AT_MOST = 20;

export type NameReads = Pick<Reads, "person" | "channel">;

export async function lookUpNames(
  reads: NameReads,
  { users, channels }: { users: readonly string[]; channels: readonly string[] },
): Promise<Names> {
  const [people, rooms] = await Promise.all([
    lookUpEach(users.slice(0, USERS_AT_MOST), async (id) => (await reads.person(id))?.name ?? null),
    lookUpEach(channels.slice(0, CHANNELS_AT_MOST), async (id) => (await reads.channel(id)).name),
  ]);
  return { users: people, channels: rooms };
}

async function lookUpEach(
  ids: readonly string[],
  look: (id: string) => Promise<string | null>,
): Promise<Map<string, string>> {
  const found = await Promise.all(ids.map(async (id) => [id, await nameOrNull(() => look(id))] as const));
  return new Map(found.flatMap(([id, name]) => (name === null ? [] : [[id, name] as const])));
}

/** A name is a comfort: words with an id in them are better than no words. A bug must surface as one. */
async function nameOrNull(look: () => Promise<string | null>): Promise<string | null> {
  try {
    return await look();
  } catch (error) {
    if (isAppError(error)) return null;
    throw error;
  }
}
