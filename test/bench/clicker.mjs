/**
 * Sends clicks at a steady rate from a thread of its own, so that what else happens in the benchmark does not count as
 * the bot's waiting time. Signs as Slack does; a new connection for each, as the stand-in for Slack does.
 */
import { createHmac } from "node:crypto";
import { request } from "node:http";
import { parentPort, workerData } from "node:worker_threads";

const { urls, bodies, perSecond, signingSecret } = workerData;
/** Slack gives up then. */
const LIMIT_MS = 3_000;

function click(body, url) {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac("sha256", signingSecret).update(`v0:${timestamp}:${body}`).digest("hex");
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "content-length": String(Buffer.byteLength(body)),
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": `v0=${signature}`,
  };
  const at = Date.now();
  const begun = performance.now();
  return new Promise((resolve) => {
    const done = (status) => resolve({ at, status, tookMs: performance.now() - begun });
    const sent = request(url, { method: "POST", headers, agent: false, timeout: LIMIT_MS }, (answer) => {
      answer.resume();
      answer.on("end", () => done(answer.statusCode ?? 0));
      answer.on("error", () => done(0));
    });
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => done(0));
    sent.end(body);
  });
}

const begun = performance.now();
const answers = [];
for (const [index, body] of bodies.entries()) {
  const dueMs = perSecond === null ? 0 : (index * 1_000) / perSecond;
  const waitMs = dueMs - (performance.now() - begun);
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  answers.push(click(body, urls[index % urls.length]));
}
parentPort.postMessage(await Promise.all(answers));
