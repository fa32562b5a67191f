/** `/emm health`: what was seen last at once, and what is seen now as soon as everything was looked at. */
import { healthMessage, LOOKING_AGAIN } from "../cards/health.ts";
import type { Operations } from "../ports.ts";
import { within } from "../time-limit.ts";
import type { CommandHandler } from "./emm.ts";

/** A look that takes longer is worth showing what is known already. */
const PATIENCE_MS = 1_000;

export interface HealthDeps {
  operations: Operations;
  now: () => Date;
}

export function health({ operations, now }: HealthDeps): CommandHandler {
  return async ({ progress }) => {
    const looking = operations.health();
    if ((await within(looking, PATIENCE_MS)) === "late") {
      await progress(healthMessage(operations.lastHealth(), now(), LOOKING_AGAIN));
    }
    return healthMessage(await looking, now());
  };
}
