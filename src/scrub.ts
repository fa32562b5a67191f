/**
 * Takes secrets out of text that leaves the process as a log line or an error report. Known values first, wherever they
 * stand (inside a message, a cause, a stack, an address), then what merely looks like a secret or an e-mail address.
 */

const REDACTED = "[redacted]";

/** A shorter value would also be found inside ordinary words. */
const SHORTEST_SECRET = 6;

const LOOKS_SECRET: [RegExp, string][] = [
  [/\bxox[a-z]-[\w-]+/g, REDACTED],
  [/\bxapp-[\w-]+/g, REDACTED],
  [/\bsk-ant-[\w-]+/g, REDACTED],
  [/\b(?:ntn|secret)_[A-Za-z0-9]{16,}/g, REDACTED],
  // "Basic Information" is a page of Slack's app settings, and in our own instructions.
  [/\b(Bearer|Basic(?! Information\b))\s+[\w.~+/=-]+/g, `$1 ${REDACTED}`],
  // A response URL lets whoever has it write into Slack for half an hour.
  [/https:\/\/hooks\.slack(?:-gov)?\.com\/[^\s"'\\]+/g, `https://hooks.slack.com/${REDACTED}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s"'\\/@]+@/gi, `$1${REDACTED}@`],
  [/\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, "[e-mail address]"],
];

export type Scrub = (text: string) => string;

/** `secrets`: values that must never appear, in any of the forms in which text carries them. */
export function createScrub(secrets: readonly string[]): Scrub {
  const forms = [...new Set(secrets.filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(formsOf))];
  // The longest first: an address before the password in it.
  const known = forms.toSorted((a, b) => b.length - a.length);
  return (text) => {
    const clean = known.reduce((rest, form) => rest.replaceAll(form, REDACTED), text);
    return LOOKS_SECRET.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), clean);
  };
}

/** As it is, inside a JSON string, inside an address, and as the password or path of an address. */
function formsOf(secret: string): string[] {
  return [secret, ...partsOfAddress(secret)].flatMap((form) => [
    form,
    JSON.stringify(form).slice(1, -1),
    encodeURIComponent(form),
  ]);
}

function partsOfAddress(secret: string): string[] {
  if (!URL.canParse(secret)) return [];
  const { username, password, pathname, search } = new URL(secret);
  // Who asks for a database by user name asks for a well-known one; a DSN's key is its user name.
  const key = password === "" ? username : password;
  return [key, decoded(key), pathname.length > 16 ? pathname : "", search].filter(
    (part) => part.length >= SHORTEST_SECRET,
  );
}

/** Not every address is encoded as it should be; then it stands nowhere in another form either. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
