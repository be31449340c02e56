import { CHARTS } from '../../charts/all.ts';
import { heatScale } from '../../charts/heatmap.ts';
import { type Choice, defaultChoice, HEAT_METRICS, IMBALANCE_METRICS, type PageData } from '../../charts/model.ts';
import { formatMs } from '../../compare/format.ts';
import { LiveChart } from './live-chart.ts';
import { readPayload } from './payload.ts';
import { listenToPointer } from './pointer.ts';

/** Brings the static page to life: live charts, one zoom with undo, linked hover, switches, theme. */
class Application {
  readonly charts = new Map<string, LiveChart>();
  readonly #page: PageData;
  #choice: Choice;
  readonly #undo: { from: number; to: number }[] = [];
  #hover = -1;
  #hoverQueued = false;

  constructor(page: PageData) {
    this.#page = page;
    this.#choice = defaultChoice(page, 600);
  }

  get choice(): Choice {
    return this.#choice;
  }

  async start(specs: Awaited<ReturnType<typeof readPayload>>['specs']): Promise<void> {
    document.documentElement.classList.add('script');
    this.#listen();
    this.#showWindow();
    for (const chart of CHARTS) {
      const figure = document.querySelector<HTMLElement>(`[data-chart="${chart.id}"]`);
      const spec = specs[chart.id];
      if (!figure || !spec) continue;
      const live = new LiveChart(chart, spec, figure, this.#page, this.#choice);
      await live.mount();
      this.charts.set(chart.id, live);
      if (chart.timed) {
        listenToPointer(live, {
          page: this.#page,
          choice: () => this.#choice,
          zoomTo: (from, to) => this.zoomTo(from, to),
          hover: (time) => this.hover(time),
        });
      }
      // Yield, so that a long page can be scrolled while the rest of it comes alive.
      await new Promise((resolve) => setTimeout(resolve));
    }
    this.#watchWidth();
    document.documentElement.dataset['ready'] = 'true';
  }

  /** Shows a window of time in all charts; remembers the one before. */
  zoomTo(from: number, to: number): void {
    const least = this.#page.time.width;
    if (to - from < least) return;
    this.#undo.push({ from: this.#choice.from, to: this.#choice.to });
    this.#window(Math.max(0, from), Math.min(this.#page.time.end, to));
  }

  undo(): void {
    const before = this.#undo.pop();
    if (before) this.#window(before.from, before.to);
  }

  hover(time: number): void {
    this.#hover = time;
    if (this.#hoverQueued) return;
    this.#hoverQueued = true;
    requestAnimationFrame(() => {
      this.#hoverQueued = false;
      for (const live of this.charts.values()) live.hover(this.#hover);
      this.#showWindow();
    });
  }

  #window(from: number, to: number): void {
    this.#choice = { ...this.#choice, from, to };
    for (const live of this.charts.values()) {
      void live.zoom(this.#choice);
      live.fillTable();
    }
    this.#showWindow();
  }

  #showWindow(): void {
    const { time } = this.#page;
    const { from, to } = this.#choice;
    const print = (value: number): string => formatMs(value * time.msPerUnit);
    const output = document.querySelector('.zoom output');
    if (output)
      output.textContent =
        this.#hover >= 0 ? `at ${print(this.#hover)}` : `${from === 0 ? '0' : print(from)} to ${print(to)}`;
    for (const name of ['undo', 'reset']) {
      const button = document.querySelector<HTMLButtonElement>(`[data-act="${name}"]`);
      if (button) button.disabled = name === 'undo' ? this.#undo.length === 0 : from === 0 && to === time.end;
    }
  }

  #listen(): void {
    document.addEventListener('click', (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>('button') : null;
      if (!button) return;
      const { act, switch: name, value, from, to } = button.dataset;
      if (act === 'undo') this.undo();
      else if (act === 'reset') this.zoomTo(0, this.#page.time.end);
      else if (act === 'theme') toggleTheme();
      else if (act === 'window') this.zoomTo(Number(from), Number(to));
      else if (name !== undefined && value !== undefined) this.#switch(name, value);
    });
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.undo();
    });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', ({ matches }) => {
      document.documentElement.dataset['theme'] = matches ? 'dark' : 'light';
    });
  }

  #switch(name: string, value: string): void {
    const heat = HEAT_METRICS.find((metric) => metric === value);
    const imbalance = IMBALANCE_METRICS.find((metric) => metric === value);
    if (name === 'variant') this.#choice = { ...this.#choice, variant: Number(value) };
    else if (name === 'role') this.#choice = { ...this.#choice, role: value };
    else if (name === 'operation') this.#choice = { ...this.#choice, operation: value };
    else if (name === 'heat' && heat) this.#choice = { ...this.#choice, heat };
    else if (name === 'imbalance' && imbalance) this.#choice = { ...this.#choice, imbalance };
    for (const button of document.querySelectorAll<HTMLButtonElement>(`[data-switch="${name}"]`)) {
      button.setAttribute('aria-pressed', String(button.dataset['value'] === value));
    }
    for (const live of this.charts.values()) {
      if (live.chart.switches(this.#page).some((group) => group.name === name)) void live.show(this.#choice);
    }
    const scale = heatScale(this.#page, this.#choice);
    for (const [end, text] of Object.entries(scale)) {
      const label = document.querySelector(`.heat-${end}`);
      if (label) label.textContent = text;
    }
  }

  #watchWidth(): void {
    const main = document.querySelector('main');
    let width = main?.clientWidth ?? 0;
    if (!main) return;
    new ResizeObserver(() => {
      if (main.clientWidth === width) return;
      width = main.clientWidth;
      for (const live of this.charts.values()) void live.resize(this.#choice);
    }).observe(main);
  }
}

function toggleTheme(): void {
  const { dataset } = document.documentElement;
  dataset['theme'] = dataset['theme'] === 'dark' ? 'light' : 'dark';
}

async function main(): Promise<void> {
  const { page, specs } = await readPayload();
  const application = new Application(page);
  // For the browser's console, and for tests that read back what a chart holds.
  Object.assign(globalThis, { evenkeel: application });
  await application.start(specs);
}

void main();
