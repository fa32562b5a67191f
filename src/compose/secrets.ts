import type { Config } from "../config.ts";
import { secretAge } from "../domain/secret-age.ts";
import { type Log, moduleLog } from "../log.ts";
import { createSecretBook } from "../store/secrets.ts";
import type { Store } from "../store/store.ts";

interface SecretParts {
  config: Pick<Config, "namedSecrets">;
  store: Store;
  log: Log;
  now: () => Date;
}

/** Notes which secrets this installation uses from now on, and says in the log which ones are due for a change. */
export async function rememberSecrets({ config, store, log, now }: SecretParts): Promise<void> {
  const { namedSecrets } = config;
  const book = createSecretBook(store.db);
  await book.remember(namedSecrets, now());
  for (const [variable, firstSeen] of await book.firstSeen(namedSecrets)) {
    const { days, isDue } = secretAge(variable, firstSeen, now());
    if (isDue) moduleLog(log, "config").warn({ variable, days }, "secret is due for a change");
  }
}
