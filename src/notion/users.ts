/** Notion users: who edited something, as a name and an e-mail address. */
import { isAppError } from "../errors.ts";
import type { Clock, Gateway } from "./gateway.ts";
import { recordAt, stringAt } from "./lenient-json.ts";

const KEEP_MS = 10 * 60_000;

export interface NotionPerson {
  name: string;
  email: string;
}

export function createUsers({ gateway, clock }: { gateway: Gateway; clock: Clock }) {
  const people = new Map<string, { person: NotionPerson | null; until: number }>();
  let bot: Promise<string> | null = null;

  async function fetchPerson(userId: string): Promise<NotionPerson | null> {
    const user = await gateway
      .read({ route: "GET /v1/users/:id", method: "get", path: `users/${userId}` })
      .catch((error: unknown) => {
        // Gone, or a connection without the "user information" capability: nobody we could name.
        if (isAppError(error) && ["notion_not_found", "notion_unauthorized"].includes(error.code))
          return null;
        throw error;
      });
    const email = stringAt(recordAt(user, "person"), "email");
    if (email === null) return null;
    return { name: stringAt(user, "name") ?? email, email };
  }

  async function fetchBotId(): Promise<string> {
    const self = await gateway.read({ route: "GET /v1/users/me", method: "get", path: "users/me" });
    return stringAt(self, "id") ?? "";
  }

  return {
    /** Null for bots, and when Notion does not show the address. */
    async emailOf(userId: string): Promise<NotionPerson | null> {
      const known = people.get(userId);
      if (known && known.until > clock.now()) return known.person;
      const person = await fetchPerson(userId);
      people.set(userId, { person, until: clock.now() + KEEP_MS });
      return person;
    },
    /** Notion user id of the bot: the `lastEditedBy` of its own writes. */
    botId(): Promise<string> {
      bot ??= fetchBotId().catch((error: unknown) => {
        bot = null;
        throw error;
      });
      return bot;
    },
  };
}
