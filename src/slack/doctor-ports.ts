/** What `/emm doctor` needs from the rest of the bot. */

export interface Diagnosis {
  /** Part of the set-up: "Slack", "Notion". */
  area: string;
  /** What was looked at: a variable, a database, a check. */
  subject: string;
  /** "unproven": it may be right, but nobody has seen it work. */
  mark: "problem" | "warning" | "unproven" | "ok";
  detail: string;
  /** What to do; null when there is nothing to do, or the detail says it. */
  fix: string | null;
}

export interface DoctorDesk {
  /** Looks at everything now. Who asks meanwhile gets the same answer. */
  examine(): Promise<Diagnosis[]>;
  /** What runs here: the bot, the runtime, the models, the version of Notion's API. */
  versions: string[];
}
