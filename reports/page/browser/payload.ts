import type { Spec } from 'vega';
import type { PageData } from '../../charts/model.ts';

/** What the page's script gets: the data of all charts and the compiled specifications, without data, by chart. */
export interface Payload {
  readonly page: PageData;
  readonly specs: Readonly<Record<string, Spec>>;
}

/** Reads the packed data block of the page. */
export async function readPayload(): Promise<Payload> {
  const packed = atob(document.getElementById('payload')?.textContent ?? '');
  const bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).json();
}
