/** Lines of a .env file: set some, keep every other one as it is. Pure. */

/** `name=value` in place of the line that sets or proposes `name`; new names at the end. */
export function withValues(text: string, values: Readonly<Record<string, string>>): string {
  const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  const added: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    const at = lineOf(lines, name);
    if (at === -1) added.push(`${name}=${value}`);
    else lines[at] = `${name}=${value}`;
  }
  const gap = added.length > 0 && lines.length > 0 && lines.at(-1)?.trim() !== "" ? [""] : [];
  return `${[...lines, ...gap, ...added].join("\n")}\n`;
}

/** The last one that sets it, which is the one that counts; else a commented-out one. */
function lineOf(lines: readonly string[], name: string): number {
  const set = lines.findLastIndex((line) => new RegExp(`^\\s*(export\\s+)?${name}\\s*=`).test(line));
  return set === -1 ? lines.findIndex((line) => new RegExp(`^\\s*#\\s*${name}=\\s*$`).test(line)) : set;
}
