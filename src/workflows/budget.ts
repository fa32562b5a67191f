/**
 * When the daily budget holds new analyses back. Besides what is spent, an attempt that could not pay for its next
 * step counts: repeating its first steps at every poll would burn what is left without ever getting further.
 */
import type { SettingsBook, SpendBook } from "./books.ts";

interface Hold {
  /** YYYY-MM-DD in the configured time zone. */
  day: string;
  /** A higher cap lifts the hold. */
  capUsd: number;
}

interface Purse {
  settings: SettingsBook;
  spend: SpendBook;
}

const HOLD = "budget-hold";

export async function holdForToday({ settings, spend }: Purse, capUsd: number): Promise<Hold> {
  const hold = { day: spend.today(), capUsd };
  await settings.set(HOLD, hold);
  return hold;
}

/** 0 = no cap. */
export async function isBudgetReached({ settings, spend }: Purse, capUsd: number): Promise<boolean> {
  if (capUsd === 0) return false;
  const hold = await settings.get<Hold>(HOLD);
  if (hold && hold.day === spend.today() && hold.capUsd === capUsd) return true;
  return (await spend.spentToday()) >= capUsd;
}
