import { heatReadout } from '../../charts/heatmap.ts';
import type { Choice, PageData } from '../../charts/model.ts';
import type { LiveChart } from './live-chart.ts';

/** What the pointer means to the page. */
export interface PointerActions {
  readonly page: PageData;
  choice(): Choice;
  zoomTo(from: number, to: number): void;
  /** A negative instant: the pointer left. */
  hover(time: number): void;
}

/** Shorter drags are clicks. */
const LEAST_DRAG_PX = 6;

/** Dragging over a time chart chooses a window; moving over it marks the same instant in all. */
export function listenToPointer(live: LiveChart, actions: PointerActions): void {
  const { plot } = live;
  const selection = document.createElement('div');
  selection.className = 'selection';
  selection.hidden = true;
  plot.append(selection);
  let startPx: number | null = null;

  const insidePx = (event: PointerEvent): number => {
    const px = event.clientX - plot.getBoundingClientRect().left;
    return Math.min(Math.max(px, live.leftPx), live.leftPx + live.widthPx);
  };
  const timeAt = (px: number): number => {
    const { from, to } = live.chart.id === 'overview' ? { from: 0, to: actions.page.time.end } : actions.choice();
    return from + ((px - live.leftPx) / live.widthPx) * (to - from);
  };

  plot.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || event.pointerType === 'touch') return;
    startPx = insidePx(event);
    plot.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  plot.addEventListener('pointermove', (event) => {
    const px = insidePx(event);
    actions.hover(timeAt(px));
    if (live.chart.id === 'heatmap') showReadout(live, actions, event, timeAt(px));
    if (startPx === null) return;
    selection.hidden = Math.abs(px - startPx) < LEAST_DRAG_PX;
    selection.style.setProperty('left', `${Math.min(px, startPx)}px`);
    selection.style.setProperty('width', `${Math.abs(px - startPx)}px`);
  });
  plot.addEventListener('pointerup', (event) => {
    const px = insidePx(event);
    if (startPx !== null && Math.abs(px - startPx) >= LEAST_DRAG_PX) {
      const [a, b] = [timeAt(startPx), timeAt(px)];
      actions.zoomTo(Math.min(a, b), Math.max(a, b));
    }
    startPx = null;
    selection.hidden = true;
  });
  plot.addEventListener('pointercancel', () => {
    startPx = null;
    selection.hidden = true;
  });
  plot.addEventListener('pointerleave', () => actions.hover(-1));
}

function showReadout(live: LiveChart, actions: PointerActions, event: PointerEvent, time: number): void {
  const readout = live.figure.querySelector('.readout');
  if (!readout) return;
  const y = event.clientY - live.plot.getBoundingClientRect().top - live.topPx;
  const scale = live.view.scale('y');
  const nodes: readonly string[] = scale.domain();
  const step = nodes.length > 1 ? scale(nodes[1]) - scale(nodes[0]) : scale.bandwidth();
  const node = nodes[Math.floor(y / step)];
  readout.textContent = (node === undefined ? null : heatReadout(actions.page, actions.choice(), node, time)) ?? '';
}
