/** Loaded with `node --import`, before anything that error tracking has to see being loaded. */
import { parseConfig } from "./config.ts";
import { startErrorTracking } from "./error-tracking.ts";
import { isAppError } from "./errors.ts";

try {
  await startErrorTracking(parseConfig(process.env));
} catch (error) {
  // What is wrong with the configuration is said by main.ts, once.
  if (!isAppError(error)) throw error;
}
