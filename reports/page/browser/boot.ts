/**
 * The only script that stands readable in the page. It sets the theme before the first paint, then unpacks and starts the
 * application, whose digest the content security policy names. Where any of it fails the static page stays as it is.
 */

const root = document.documentElement;
root.dataset['theme'] = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';

document.addEventListener('DOMContentLoaded', () => {
  void start();
});

async function start(): Promise<void> {
  const application = await unpack('application');
  const script = document.createElement('script');
  script.textContent = application;
  document.body.append(script);
}

/** Text of a gzipped, base64 data block of the page. */
async function unpack(id: string): Promise<string> {
  const packed = atob(document.getElementById(id)?.textContent ?? '');
  const bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
}
