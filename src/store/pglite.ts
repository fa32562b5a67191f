/**
 * PGlite in a thread of its own: it computes for a tenth of a second per decision, and in the bot's thread no click
 * could be acknowledged meanwhile.
 */
import { type messages, type PGlite, protocol } from "@electric-sql/pglite";
import { createPgConfig } from "@electric-sql/pglite/node-postgres";
import pg from "pg";
import { AppError, toFailure } from "../errors.ts";
import { startThread, type Thread } from "./thread.ts";

export interface Options {
  folder: string;
  /** Lines of postgresql.conf, written when the database is created. */
  settings: string[];
}

/** Messages of PostgreSQL's wire protocol as they are sent, or what else the thread shall do. */
export type Ask = Uint8Array | "open" | "close";

/** Parse, Bind, Describe, Execute, Close: a Sync follows them, and with it comes the answer. */
const HELD = new Set([..."PBDEC"].map((letter) => letter.charCodeAt(0)));

/** What the end of a connection does at a server: nothing of one client is left for the next. */
const NEW_SESSION = Buffer.concat(["rollback", "discard all"].map((sql) => protocol.serialize.query(sql)));

export interface EmbeddedPostgres {
  /** For a pool of one connection. */
  config: pg.PoolConfig;
  close(): Promise<void>;
}

/** Rejects when the folder cannot be opened, or holds something else. */
export async function openPglite(options: Options): Promise<EmbeddedPostgres> {
  const file = new URL("./pglite-thread.js", import.meta.url);
  let isOpen = false;
  const thread = startThread<Ask, Uint8Array>(file, options, (cause) => {
    // Like any other fault that nothing catches: a bot without its database is to be started anew.
    if (isOpen) throw new Error("the embedded database ended by itself", { cause });
  });
  try {
    await thread.ask("open");
    isOpen = true;
  } catch (cause) {
    await thread.end();
    const { folder } = options;
    const why = `${toFailure(cause).message}; see that it can be written, or bring back a backup`;
    throw new AppError(`the database in ${folder} cannot be opened: ${why}`, {
      code: "store_unavailable",
      retryable: false,
      cause,
    });
  }
  return {
    config: { Client: clientOf(thread), max: 1, idleTimeoutMillis: 0 },
    async close() {
      await thread.ask("close");
      await thread.end();
    },
  };
}

/**
 * A pool gives up the client of a statement that failed, and makes another. On one connection the next would be told
 * what the one before was not, and get for each of its statements the answer to another.
 */
function clientOf(thread: Thread<Ask, Uint8Array>): new () => pg.Client {
  let newest: PGlite | null = null;
  /** As much of PGlite as its adapter for node-postgres takes. Together, messages cross to the thread once. */
  function connect(): PGlite {
    const parser = new protocol.Parser();
    let held: Uint8Array[] = [];
    const face: Pick<PGlite, "waitReady" | "execProtocolStream"> = {
      // Why it failed says the first statement.
      waitReady: thread.ask(NEW_SESSION).then(
        () => undefined,
        () => undefined,
      ),
      async execProtocolStream(message) {
        if (face !== newest) return [];
        held.push(message);
        const [kind] = message;
        if (kind !== undefined && HELD.has(kind)) return [];
        const together = Buffer.concat(held);
        held = [];
        const said: messages.BackendMessage[] = [];
        parser.parse(await thread.ask(together), (one) => said.push(one));
        return said;
      },
    };
    newest = face as PGlite;
    return newest;
  }
  return class extends pg.Client {
    constructor() {
      super(createPgConfig(connect()));
    }
  };
}
