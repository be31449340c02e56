import { changeset, parse, type Spec, View } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import type { Chart } from '../../charts/chart.ts';
import type { Choice, PageData } from '../../charts/model.ts';
import { fillTable } from './table.ts';

/** A static picture that came alive: a Vega view with the chart's data for the reader's choice. */
export class LiveChart {
  readonly chart: Chart;
  readonly view: View;
  readonly figure: HTMLElement;
  readonly plot: HTMLElement;
  readonly #page: PageData;
  readonly #widthSignal: string;

  constructor(chart: Chart, spec: Spec, figure: HTMLElement, page: PageData, choice: Choice) {
    this.chart = chart;
    this.figure = figure;
    this.#page = page;
    this.plot = figure.querySelector<HTMLElement>('.plot') ?? figure;
    this.#widthSignal = spec.signals?.some(({ name }) => name === 'child_width') ? 'child_width' : 'width';
    this.view = new View(parse(spec, {}, { ast: true }), {
      renderer: 'svg',
      expr: expressionInterpreter,
      hover: false,
    });
    this.#fill(choice);
    figure.querySelector('details.behind')?.addEventListener('toggle', () => this.fillTable());
    this.#choice = choice;
  }

  #choice: Choice;

  /** Puts the live picture in the place of the static one. */
  async mount(): Promise<void> {
    const holder = document.createElement('div');
    await this.view.initialize(holder).runAsync();
    this.plot.querySelector(':scope > svg')?.replaceWith(holder);
    this.plot.classList.add('live');
  }

  /** Width that the plotting area has in the page as it is. */
  get widthPx(): number {
    return Math.max(140, Math.floor(this.plot.clientWidth - this.chart.marginPx));
  }

  /** Draws another choice: other data, title and advice. */
  async show(choice: Choice): Promise<void> {
    this.#choice = choice;
    this.#fill(choice);
    const title = this.figure.querySelector('.title');
    const look = this.figure.querySelector('.look');
    if (title) title.textContent = this.chart.title(this.#page, choice);
    if (look) look.textContent = this.chart.look(this.#page, choice);
    this.fillTable();
    await this.view.runAsync();
  }

  /** Moves the window of time; only the names of faults have new places, the data stays. */
  async zoom(choice: Choice): Promise<void> {
    this.#choice = choice;
    if (!this.chart.timed) return;
    this.view.signal('from', choice.from).signal('to', choice.to);
    const data = this.chart.data(this.#page, { ...choice, widthPx: this.widthPx });
    if (data['bandLabels']) this.view.data('bandLabels', [...data['bandLabels']]);
    if (data['strips']) {
      const labels = data['strips'].filter((row) => row['kind'] === 'label' || row['kind'] === 'name');
      this.view.change(
        'strips',
        changeset()
          .remove((row: { kind: string }) => row.kind === 'label' || row.kind === 'name')
          .insert(labels.map((row) => ({ ...row }))),
      );
    }
    await this.view.runAsync();
  }

  /** Shows the instant under the pointer. */
  hover(time: number): void {
    if (this.chart.timed) void this.view.signal('hover', time).runAsync();
  }

  async resize(choice: Choice): Promise<void> {
    this.view.signal(this.#widthSignal, this.widthPx);
    await this.zoom(choice);
    if (!this.chart.timed) await this.show(choice);
  }

  /** Left edge of the plotting area within the plot's element, px. */
  get leftPx(): number {
    return this.view.origin()[0] + padding(this.view).left;
  }

  get topPx(): number {
    return this.view.origin()[1] + padding(this.view).top;
  }

  fillTable(): void {
    const details = this.figure.querySelector<HTMLDetailsElement>('details.behind');
    if (details?.open) fillTable(details, this.chart, this.#page, this.#choice);
  }

  #fill(choice: Choice): void {
    const data = this.chart.data(this.#page, { ...choice, widthPx: this.widthPx });
    for (const [name, rows] of Object.entries(data))
      this.view.data(
        name,
        rows.map((row) => ({ ...row })),
      );
    this.view.signal(this.#widthSignal, this.widthPx);
    if (this.chart.timed) this.view.signal('from', choice.from).signal('to', choice.to);
  }
}

function padding(view: View): { left: number; top: number } {
  const value = view.padding();
  return typeof value === 'number'
    ? { left: value, top: value }
    : { left: Number(value.left ?? 0), top: Number(value.top ?? 0) };
}
