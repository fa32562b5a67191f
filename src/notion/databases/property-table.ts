/**
 * How a database of ours is described: one table of properties per database, from which the row type is
 * inferred, the schema is checked at start, and `setup` knows what to create. No requests here.
 */

export type PropertyType =
  | "title"
  | "rich_text"
  | "number"
  | "select"
  | "status"
  | "checkbox"
  | "date"
  | "created_time"
  | "url"
  | "relation"
  | "people";

export type DatabaseName =
  | "SYSTEM_INBOX"
  | "EXECUTIVE_INTENTS"
  | "ACTION_PIPES"
  | "AGENT_REGISTRY"
  | "EXECUTION_LOG"
  | "TRAINING_DATA"
  | "TASKS"
  | "PROJECTS"
  | "AREAS"
  | "NODES";

/**
 * `required`: the bot cannot do its work without it. `optional`: left out with one warning. `welcome`: used when
 * it is there, and nobody is told when it is not.
 */
export type Need = "required" | "optional" | "welcome";

export interface PropertySpec<T extends PropertyType = PropertyType> {
  /** Accepted types; the first is what `setup` creates. */
  types: readonly T[];
  need: Need;
  /** Option names we write; null = any (the select grows by itself). */
  options: readonly string[] | null;
  /** Of `options`, the words of older workspaces: used where they are there, never created. */
  older: readonly string[];
  /** Where a relation points. */
  target: DatabaseName | null;
  /** The property that shows a two-way relation on the other side; said by one of the two sides only. */
  mirror: string | null;
  /** Another name for what the table has under a better one; never created. */
  isSpare: boolean;
}

export type PropertyTable = Record<string, PropertySpec>;

interface ReadValues {
  title: string;
  rich_text: string;
  number: number | null;
  select: string | null;
  status: string | null;
  checkbox: boolean;
  /** Start of the date, as Notion holds it. */
  date: string | null;
  created_time: string | null;
  url: string | null;
  /** Page ids. */
  relation: string[];
  /** User ids. */
  people: string[];
}

interface WriteValues {
  title: string;
  rich_text: string;
  number: number | null;
  /** Several names = the first one the schema already has, else the first. */
  select: string | readonly string[] | null;
  status: string | readonly string[] | null;
  checkbox: boolean;
  date: string | null;
  /** Set by Notion; a value offered for it is left out. */
  created_time: string | null;
  url: string | null;
  relation: readonly string[];
  people: readonly string[];
}

export type Row<T extends PropertyTable> = { [K in keyof T]: ReadValues[T[K]["types"][number]] };
export type RowWrite<T extends PropertyTable> = { [K in keyof T]?: WriteValues[T[K]["types"][number]] };

function spec<T extends PropertyType>(...types: T[]): PropertySpec<T> {
  return { types, need: "optional", options: null, older: [], target: null, mirror: null, isSpare: false };
}

export const title = () => required(spec("title"));
export const text = () => spec("rich_text");
export const number = () => spec("number");
export const checkbox = () => spec("checkbox");
export const date = () => spec("date");
export const dateOrCreatedTime = () => spec("date", "created_time");
export const url = () => spec("url");
export const relation = (target: DatabaseName, mirror: string | null = null) => ({
  ...spec("relation"),
  target,
  mirror,
});
export const select = (...options: string[]) => ({ ...spec("select"), options });
/** A select whose option names come from outside. */
export const openSelect = () => spec("select");
export const selectOrStatus = (...options: string[]) => ({ ...spec("select", "status"), options });
export const statusOrSelect = (...options: string[]) => ({ ...spec("status", "select"), options });

export function alsoOlder<T extends PropertyType>(
  property: PropertySpec<T>,
  ...older: string[]
): PropertySpec<T> {
  return { ...property, options: [...(property.options ?? []), ...older], older };
}

export function required<T extends PropertyType>(property: PropertySpec<T>): PropertySpec<T> {
  return { ...property, need: "required" };
}

export function welcome<T extends PropertyType>(property: PropertySpec<T>): PropertySpec<T> {
  return { ...property, need: "welcome" };
}

export function spare<T extends PropertyType>(property: PropertySpec<T>): PropertySpec<T> {
  return { ...welcome(property), isSpare: true };
}
