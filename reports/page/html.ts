/** A piece of HTML that is safe to put into a page as it is. Only {@link html} and {@link raw} make one. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = Html | string | number | null | undefined | false | readonly Value[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for element content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Template tag: whatever is put in is escaped, unless it is {@link Html} itself. Lists are joined; null and false vanish. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(strings.reduce((text, part, i) => text + part + (i < values.length ? print(values[i]) : ''), ''));
}

/** Marks text as HTML. For what this program wrote itself: pictures, styles, scripts. */
export function raw(text: string): Html {
  return new Html(text);
}

function print(value: Value): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return value.map(print).join('');
}
