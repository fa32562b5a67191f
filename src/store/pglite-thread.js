// @ts-check
/**
 * PGlite in a thread of its own, asked by pglite.ts. JavaScript, because Node 20 cannot start a thread from TypeScript,
 * and the demo and the tests run from the sources.
 */
import { inspect } from "node:util";
import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";

/**
 * @typedef {import("./pglite.ts").Ask} Ask
 * @typedef {import("./thread.ts").Question<Ask>} Question
 * @typedef {import("./thread.ts").Answer<Uint8Array>} Answer
 */

/** @type {import("./pglite.ts").Options} */
const { folder, settings } = workerData;
const opened = PGlite.create(folder, { postgresqlconf: settings });

/** @param {Ask} ask */
async function carryOut(ask) {
  const lite = await opened;
  if (ask instanceof Uint8Array) return answerTo(lite, ask);
  if (ask === "close") await lite.close();
  return new Uint8Array();
}

/**
 * Unread: the other side reads it, and PGlite would keep what it has read itself.
 * @param {PGlite} lite
 * @param {Uint8Array} sent
 */
async function answerTo(lite, sent) {
  /** @type {Uint8Array[]} */
  const parts = [];
  // Its memory is used again for the next part.
  await lite.execProtocolRawStream(sent, { onRawData: (part) => void parts.push(part.slice()) });
  return parts.length === 1 && parts[0] ? parts[0] : Uint8Array.from(Buffer.concat(parts));
}

/** @param {Answer} answer */
const post = (answer) => parentPort?.postMessage(answer);

/** @type {Promise<unknown>} */
let last = Promise.resolve();
parentPort?.on("message", (/** @type {Question} */ { id, ask }) => {
  last = last
    .then(() => carryOut(ask))
    .then(
      (said) => post({ id, said }),
      // What its file system throws is no Error, and has a number instead of a message.
      (error) => post({ id, failed: error instanceof Error ? error.message : inspect(error) }),
    );
});
