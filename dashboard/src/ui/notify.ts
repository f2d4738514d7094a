import { notifications } from '@mantine/notifications';
import { asProblem } from '@/api/problem';

/** Says at the edge of the page that something did not go as it was meant. */
export const notifyOf = (title: string, message: string) => notifications.show({ color: 'brick', title, message });

export function notifyFailure(failure: unknown) {
  const problem = asProblem(failure);
  notifyOf(problem.title, problem.detail);
}
