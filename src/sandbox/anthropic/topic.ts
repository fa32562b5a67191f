/** What a kind of decision is made of, in words. The kinds themselves are in topics.ts. */

export interface Topic {
  words: RegExp;
  pilot: { title: string; summary: string };
  hold: { title: string; summary: string };
  /** What going all the way commits the team to. */
  commits: string;
  success: string;
  /** What there is to win. */
  upside: string;
  /** What happens when nobody moves. */
  waiting: string;
  /** The one figure that would settle it. */
  figure: string;
  /** What would change the mind of somebody who wants it. */
  doubt: string;
  /** What must be in order before it starts. */
  duty: string;
  /** What goes wrong, when it goes wrong. */
  downside: string;
  /** Who is needed. */
  people: string;
  /** Who is needed for the trial, where one owner is too few. */
  pilotPeople?: string;
  goTasks: readonly string[];
  pilotTasks: readonly string[];
  holdTasks: readonly string[];
}
