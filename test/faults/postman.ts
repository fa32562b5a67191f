/**
 * Carries requests from Slack to whichever replica is there, one after the other, and, when told so, carries them twice
 * (with Slack's retry headers), late, or loses the answer.
 */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export type Mischief = "twice" | "reordered" | "answer-lost";

export interface Postman {
  /** Where Slack delivers to. */
  url: string;
  mischief: Mischief | null;
  close(): Promise<void>;
}

interface Letter {
  path: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

const SECOND_COPY_MS = 150;
const LATE_MS = 700;
const RETRY = { "x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout" };

/** `addresses`: of the replicas that are up, asked anew for each request. */
export async function createPostman(addresses: () => string[]): Promise<Postman> {
  let carried = 0;
  const next = () => {
    const open = addresses();
    carried += 1;
    return open[carried % open.length];
  };
  const postman: Postman = { url: "", mischief: null, close };
  const server = createServer((incoming, answer) => {
    void serve(incoming, answer).catch(() => answer.destroy());
  });
  async function serve(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
    const letter = { path: incoming.url ?? "/", headers: incoming.headers, body: Buffer.concat(chunks) };
    const { mischief } = postman;
    if (mischief === "reordered" && carried % 2 === 0) await sleep(LATE_MS);
    const copy = mischief === "twice" ? carryAgain(next, letter) : null;
    const reply = await carry(next(), letter);
    await copy;
    if (reply === null || mischief === "answer-lost") {
      answer.destroy();
      return;
    }
    answer.writeHead(reply.status, reply.type === undefined ? {} : { "content-type": reply.type });
    answer.end(reply.body);
  }
  async function close(): Promise<void> {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  postman.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return postman;
}

async function carryAgain(next: () => string | undefined, letter: Letter): Promise<void> {
  await sleep(SECOND_COPY_MS);
  await carry(next(), { ...letter, headers: { ...letter.headers, ...RETRY } });
}

interface Reply {
  status: number;
  type: string | undefined;
  body: Buffer;
}

/** null when nobody is there or the line breaks. */
function carry(to: string | undefined, { path, headers, body }: Letter): Promise<Reply | null> {
  if (to === undefined) return Promise.resolve(null);
  return new Promise((resolve) => {
    const options = { method: "POST", headers: { ...headers, host: new URL(to).host }, agent: false };
    const outgoing = httpRequest(`${to}${path}`, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", () => resolve(null));
      response.on("end", () => {
        const type = response.headers["content-type"];
        resolve({ status: response.statusCode ?? 0, type, body: Buffer.concat(chunks) });
      });
    });
    outgoing.on("error", () => resolve(null));
    outgoing.end(body);
  });
}
