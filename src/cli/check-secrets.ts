/** The `doctor`'s look at the age of each secret, as far as this installation can know it. */

import { type Finding, findingsOf } from "../checks/finding.ts";
import { secretVariables } from "../config.ts";
import { ageSentence, secretAge } from "../domain/secret-age.ts";
import { createSecretBook } from "../store/secrets.ts";
import { errorCode, type Store } from "../store/store.ts";
import type { LookInside } from "./check-services.ts";
import type { CommandContext } from "./context.ts";

const mark = findingsOf("Secrets");

/** PostgreSQL's code: the bot has never started on this database, or only an earlier version has. */
const NO_SUCH_TABLE = "42P01";
const FROM_THE_FIRST_START = "noted from the first start on";

export function secretFindings({ env }: CommandContext, now: () => Date = () => new Date()): LookInside {
  return async (store, why = "the store could not be looked into, see above") => {
    const secrets = secretVariables(env);
    if (secrets.length === 0) return [];
    if (store === null) return [mark.skipped("ages", why)];
    const seen = await firstSeen(store, secrets);
    if (seen === null) return [mark.skipped("ages", FROM_THE_FIRST_START)];
    return secrets.map(({ name }) => ageFinding(name, seen.get(name) ?? null, now()));
  };
}

async function firstSeen(
  store: Store,
  secrets: ReturnType<typeof secretVariables>,
): Promise<Map<string, Date> | null> {
  try {
    return await createSecretBook(store.db).firstSeen(secrets);
  } catch (error) {
    if (errorCode(error) === NO_SUCH_TABLE) return null;
    throw error;
  }
}

function ageFinding(name: string, firstSeen: Date | null, now: Date): Finding {
  if (firstSeen === null) return mark.ok(name, "new here: counted from the next start of the bot");
  const age = secretAge(name, firstSeen, now);
  if (!age.isDue) return mark.ok(name, ageSentence(age));
  return mark.warning(name, ageSentence(age), "change it: docs/secrets.md says how for each");
}
