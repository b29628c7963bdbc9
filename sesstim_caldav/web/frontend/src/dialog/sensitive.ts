/* Does a note look as if it told something that everybody should not read? A soft warning, never a refusal. */

export type Sensitive = "number" | "phone" | "mail" | "health" | null;

/* Sex, year, month, department (2A and 2B too), commune, order: 13 digits with or without the key of 2. */
const SOCIAL_SECURITY = /(?<!\d)[12][\s.]?\d{2}[\s.]?(?:0[1-9]|1[0-2]|[2-9]\d)[\s.]?(?:\d{2}|2[AB])[\s.]?\d{3}[\s.]?\d{3}(?:[\s.]?\d{2})?(?!\d)/i;
const PHONE = /(?<![\d/])(?:(?:\+|00)\d{1,3}[\s.-]?(?:\(0\))?[\s.-]?[1-9](?:[\s.-]?\d{2}){4}|0[1-9](?:[\s.-]?\d{2}){4})(?!\d)/;
const MAIL = /[^\s@]+@[^\s@]+\.[a-z]{2,}/i;
const HEALTH = /\b(?:patiente?s?\s+(?:m\.|mme|mr|mrs|n[°o])|(?:dossier|diagnosti[ck]|s[ée]rologie|vih|hiv|cancer|grossesse|arr[êe]t maladie|burn-?out)\s+(?:de\s+|of\s+|du\s+)?(?:m\.|mme|mr|mrs|dr)\s)/i;

export function sensitive(note: string): Sensitive {
  if (SOCIAL_SECURITY.test(note)) return "number";
  if (PHONE.test(note)) return "phone";
  if (MAIL.test(note)) return "mail";
  if (HEALTH.test(note)) return "health";
  return null;
}
