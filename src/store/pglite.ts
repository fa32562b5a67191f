/**
 * PGlite in a thread of its own: it computes for a tenth of a second per decision, and in the bot's thread no click
 * could be acknowledged meanwhile.
 */
import { type messages, type PGlite, protocol } from "@electric-sql/pglite";
import { createPgConfig } from "@electric-sql/pglite/node-postgres";
import type { PoolConfig } from "pg";
import { AppError, toFailure } from "../errors.ts";
import { startThread } from "./thread.ts";

export interface Options {
  folder: string;
  /** Lines of postgresql.conf, written when the database is created. */
  settings: string[];
}

/** Messages of PostgreSQL's wire protocol as they are sent, or what else the thread shall do. */
export type Ask = Uint8Array | "open" | "close";

/** Parse, Bind, Describe, Execute, Close: a Sync follows them, and with it comes the answer. */
const HELD = new Set([..."PBDEC"].map((letter) => letter.charCodeAt(0)));

export interface EmbeddedPostgres {
  /** For a pool of one connection. */
  config: PoolConfig;
  close(): Promise<void>;
}

/** Rejects when the folder cannot be opened, or holds something else. */
export async function openPglite(options: Options): Promise<EmbeddedPostgres> {
  const file = new URL("./pglite-thread.js", import.meta.url);
  // Like any other fault that nothing catches: a bot without its database is to be started anew.
  const thread = startThread<Ask, Uint8Array>(file, options, (error) => {
    throw new Error("the embedded database ended by itself", { cause: error });
  });
  try {
    await thread.ask("open");
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
  const parser = new protocol.Parser();
  let held: Uint8Array[] = [];
  /** As much of PGlite as its adapter for node-postgres takes. Together, messages cross to the thread once. */
  const face: Pick<PGlite, "waitReady" | "execProtocolStream"> = {
    waitReady: Promise.resolve(),
    async execProtocolStream(message) {
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
  return {
    config: { ...createPgConfig(face as PGlite), max: 1, idleTimeoutMillis: 0 },
    async close() {
      await thread.ask("close");
      await thread.end();
    },
  };
}
