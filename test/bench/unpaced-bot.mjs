/**
 * The built bot as src/main.ts starts it, but for one thing: it posts to Slack without the second that Slack wants between
 * two messages. For what the bot itself can do, when a thousand cards must not take a thousand seconds.
 */
import { pathToFileURL } from "node:url";

const load = (file) => import(pathToFileURL(`${process.env["BENCH_BUILD"]}/${file}`).href);
const { createApp } = await load("app.js");
const { parseConfig } = await load("config.js");

const app = await createApp(parseConfig(process.env), { slackPostIntervalMs: 1 });
process.once("SIGTERM", () =>
  app.stop().then(
    () => process.exit(0),
    () => process.exit(1),
  ),
);
await app.start();
