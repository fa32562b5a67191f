/** The process: environment to config, config to app, signals to a clean stop. */
import { createApp } from "./app.ts";
import { parseConfig } from "./config.ts";
import { toFailure } from "./errors.ts";
import { createScrub } from "./scrub.ts";

/** Safely under the 30 s that Railway grants between SIGTERM and SIGKILL. */
const STOP_LIMIT_MS = 9_500;

/** Before the configuration is read, a secret is known by its looks only. */
const scrub = createScrub([]);

async function main(): Promise<void> {
  const app = await createApp(parseConfig(process.env));
  process.once("uncaughtException", (error) => {
    const end = () => process.exit(1);
    app.crashed(error).then(end, end);
  });
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    app.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(`could not stop cleanly on ${signal}`, error),
    );
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  await app.start();
}

function fail(what: string, error: unknown): never {
  process.stderr.write(`${what}: ${scrub(toFailure(error).message)}\n`);
  process.exit(1);
}

main().catch((error: unknown) => fail("Executive Mind Matrix could not start", error));
