import { useSearchParams } from 'react-router';
import { type FleetQuery, isLifeCycle, type LifeCycle } from './api';

export const PAGE_SIZE = 50;

export const COLUMNS = ['name', 'device_type', 'status', 'created_at', 'id'] as const;
/** What the platform can sort by. */
export type Column = (typeof COLUMNS)[number];
/** With a minus before it for descending order. */
export type Sort = Column | `-${Column}`;

/** What the fleet table shows, as it stands in the address: it survives a reload and can be sent to somebody. */
export interface FleetView {
  readonly search: string;
  readonly type: string;
  readonly status: LifeCycle | '';
  readonly sort: Sort;
  /** From 1. */
  readonly page: number;
}

export function viewFrom(params: URLSearchParams): FleetView {
  const page = Number(params.get('page') ?? 1);
  const status = params.get('status');
  const sort = params.get('sort');
  return {
    search: params.get('search') ?? '',
    type: params.get('type') ?? '',
    status: isLifeCycle(status) ? status : '',
    sort: isSort(sort) ? sort : 'name',
    page: Number.isInteger(page) && page > 0 ? page : 1,
  };
}

export function paramsFrom(view: FleetView): URLSearchParams {
  const params = new URLSearchParams();
  if (view.search) params.set('search', view.search);
  if (view.type) params.set('type', view.type);
  if (view.status) params.set('status', view.status);
  if (view.sort !== 'name') params.set('sort', view.sort);
  if (view.page > 1) params.set('page', String(view.page));
  return params;
}

export function queryFrom(view: FleetView) {
  return {
    search: view.search || undefined,
    device_type: view.type || undefined,
    status: view.status || undefined,
    sort: view.sort,
    limit: PAGE_SIZE,
    offset: (view.page - 1) * PAGE_SIZE,
  } satisfies FleetQuery;
}

/** The other direction when the column is sorted by already, else its own ascending order. */
export const sortedBy = (view: FleetView, column: Column): Sort => (view.sort === column ? `-${column}` : column);

const isSort = (word: string | null): word is Sort =>
  COLUMNS.some((column) => word === column || word === `-${column}`);

export function useFleetView() {
  const [params, setParams] = useSearchParams();
  const view = viewFrom(params);
  /** Whatever is narrowed or reordered is looked at from its first page. */
  const change = (part: Partial<FleetView>) => setParams(paramsFrom({ ...view, page: 1, ...part }), { replace: true });
  return [view, change] as const;
}

/** The same devices as an expression, as far as one can say it so: what is searched for stands in more than the name. */
export function filterOf(view: Pick<FleetView, 'search' | 'type' | 'status'>): string {
  const parts = [];
  if (view.type) parts.push(`device.type === ${JSON.stringify(view.type)}`);
  if (view.status) parts.push(`device.status === ${JSON.stringify(view.status)}`);
  if (view.search) parts.push(`device.name.includes(${JSON.stringify(view.search)})`);
  return parts.join(' && ') || 'true';
}
