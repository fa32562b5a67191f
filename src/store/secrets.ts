/**
 * When each secret was first seen by this installation. No secret is kept and none can be found from what is: sixteen
 * bits of a keyed hash, which countless secrets share. They are enough to notice a change (one in 65,536 goes unnoticed,
 * and the secret then looks older than it is). Older ones stay, because a rollback of variables brings them back.
 */
import { createHmac, randomBytes } from "node:crypto";
import type { NamedSecret } from "../domain/secret-age.ts";
import type { Database } from "./store.ts";

const KEY_SETTING = "secret-fingerprints";
const FINGERPRINT_HEX_DIGITS = 4;

export function createSecretBook(db: Database) {
  const readKey = async (): Promise<string | null> => {
    const row = await db
      .selectFrom("settings")
      .select("value")
      .where("key", "=", KEY_SETTING)
      .executeTakeFirst();
    // Only `remember` below writes this row.
    return row ? (row.value as { key: string }).key : null;
  };
  return {
    /** Notes the ones that are new here, with this moment. */
    async remember(secrets: readonly NamedSecret[], now: Date): Promise<void> {
      if (secrets.length === 0) return;
      const value = JSON.stringify({ key: randomBytes(32).toString("hex") });
      await db
        .insertInto("settings")
        .values({ key: KEY_SETTING, value })
        .onConflict((c) => c.column("key").doNothing())
        .execute();
      const key = (await readKey()) ?? "";
      await db
        .insertInto("secrets")
        .values(
          secrets.map((secret) => ({
            name: secret.name,
            fingerprint: fingerprintOf(secret, key),
            first_seen: now,
          })),
        )
        .onConflict((c) => c.columns(["name", "fingerprint"]).doNothing())
        .execute();
    },
    /** By variable; one that no process has started with here is missing. */
    async firstSeen(secrets: readonly NamedSecret[]): Promise<Map<string, Date>> {
      const key = await readKey();
      if (key === null || secrets.length === 0) return new Map();
      const known = await db.selectFrom("secrets").selectAll().execute();
      const moments = new Map(known.map((row) => [`${row.name} ${row.fingerprint}`, row.first_seen]));
      return new Map(
        secrets.flatMap((secret) => {
          const moment = moments.get(`${secret.name} ${fingerprintOf(secret, key)}`);
          return moment ? [[secret.name, moment]] : [];
        }),
      );
    },
  };
}

function fingerprintOf({ name, value }: NamedSecret, key: string): string {
  return createHmac("sha256", key).update(`${name}\0${value}`).digest("hex").slice(0, FINGERPRINT_HEX_DIGITS);
}
