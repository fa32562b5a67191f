/** `/api/slo-dashboard` for machines. Numbers only: nothing here names an item, a decision or a person. */
import { z } from "zod";
import { OBJECTIVE_KEYS } from "../domain/service-level.ts";
import type { ObjectiveReport, ServiceLevelReport } from "../domain/service-level-report.ts";

const Moment = z.iso.datetime().meta({ description: "ISO 8601, UTC" });
const Share = z.number().min(0).max(1);
const Count = z.int().min(0);
const BudgetLeft = z
  .number()
  .max(1)
  .nullable()
  .meta({ description: "1 untouched, 0 used up, below 0 overdrawn; null: nothing happened" });
const Burn = z
  .number()
  .min(0)
  .nullable()
  .meta({ description: "1 uses the error budget up in exactly the window; null: too few events" });

const Objective = z
  .strictObject({
    key: z.enum(OBJECTIVE_KEYS),
    title: z.string(),
    promise: z.string(),
    unit: z.enum(["clicks", "items", "decisions", "minutes"]),
    state: z.enum(["no-data", "ok", "low", "burning", "broken"]),
    target: Share,
    attainment: Share.nullable().meta({ description: "null: nothing happened" }),
    good: Count,
    total: Count,
    few_events: z.boolean().meta({ description: "Too few for the numbers to say much" }),
    budget: z.strictObject({ allowed: z.number().min(0), used: Count, left: BudgetLeft }),
    burn: z.strictObject({ "1h": Burn, "6h": Burn, "3d": Burn }),
    used_up_in_days: z.number().nullable().meta({ description: "At the rate of the last three days" }),
    trend: z
      .strictObject({ last_7_days: Share.nullable(), the_7_days_before: Share.nullable() })
      .meta({ description: "Attainment; null: too few events" }),
    days: z.array(
      z.strictObject({
        from: Moment,
        good: Count,
        total: Count,
        attainment: Share.nullable(),
        burn: Burn,
        budget_left: BudgetLeft,
      }),
    ),
  })
  .meta({ id: "ServiceLevelObjective" });

export const SloDashboard = z
  .strictObject({
    at: Moment,
    window_days: Count,
    records_since: Moment.nullable(),
    objectives: z.array(Objective),
  })
  .meta({ id: "SloDashboard" });

export function sloBody(report: ServiceLevelReport): z.infer<typeof SloDashboard> {
  return {
    at: report.at,
    window_days: report.windowDays,
    records_since: report.since,
    objectives: report.objectives.map(objectiveBody),
  };
}

function objectiveBody(one: ObjectiveReport): z.infer<typeof Objective> {
  const { objective, tally, budget, burn, trend } = one;
  const { key, title, promise, unit, target } = objective;
  return {
    ...{ key, title, promise, unit, target },
    state: one.state,
    attainment: one.attainment,
    ...tally,
    few_events: one.isThin,
    budget: { allowed: budget.allowed, used: budget.failed, left: budget.left },
    burn: { "1h": burn.hour, "6h": burn.sixHours, "3d": burn.threeDays },
    used_up_in_days: one.usedUpInDays,
    trend: { last_7_days: trend.lately, the_7_days_before: trend.before },
    days: one.days.map(({ from, good, total, attainment, burn: burnOfDay, budgetLeft }) => ({
      ...{ from, good, total, attainment },
      burn: burnOfDay,
      budget_left: budgetLeft,
    })),
  };
}
