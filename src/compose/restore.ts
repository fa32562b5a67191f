import { type Log, moduleLog } from "../log.ts";
import { noticeRestore } from "../store/doubt.ts";
import type { Store } from "../store/store.ts";

/** Before anything resumes: whether the store is older than what was done with it. */
export async function lookBeforeResuming({
  store,
  log,
  now,
}: {
  store: Store;
  log: Log;
  now: () => Date;
}): Promise<void> {
  await store.migrate();
  const doubt = await noticeRestore(store, now());
  if (doubt === null) return;
  moduleLog(log, "store").warn(doubt, "restored, or away for long: looking before each write for a while");
}
