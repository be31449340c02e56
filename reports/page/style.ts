import { readFile } from 'node:fs/promises';

/**
 * The style sheet of all pages. Dark colours stand once in `style.css`, for a theme that was chosen; here they are repeated for
 * a system that prefers dark, where no script runs that could choose. Print keeps the light ones.
 */
export async function pageStyle(): Promise<string> {
  const style = await readFile(new URL('./style.css', import.meta.url), 'utf8');
  const dark = /:root\[data-theme="dark"\] \{([^}]*)\}/.exec(style)?.[1]?.trim() ?? '';
  return `${style.replace(':root[data-theme="dark"] {', '@media screen { :root[data-theme="dark"] {').replace(dark, `${dark} }`)}
@media screen and (prefers-color-scheme: dark) { :root:not([data-theme]) { ${dark} } }
`;
}
