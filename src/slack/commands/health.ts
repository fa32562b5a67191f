/** `/emm health`: what works and what to fix. */
import { healthText } from "../cards/health.ts";
import type { Operations } from "../ports.ts";
import type { CommandHandler } from "./emm.ts";

export function health(operations: Pick<Operations, "health">): CommandHandler {
  return async () => healthText(await operations.health());
}
