import { useRef } from 'preact/hooks';
import type { PageAction } from './wire.ts';

/**
 * The action to show: the chosen one, at first the oldest. It stays when others come and go and even when it is deleted
 * itself, because the user may have begun to fill its form.
 *
 * @param chosen name of the action that the user has chosen
 */
export function useShownAction(
  actions: readonly PageAction[],
  chosen: string | undefined,
): { readonly action: PageAction | undefined; readonly isDeleted: boolean } {
  const last = useRef<PageAction>(undefined);
  const name = chosen ?? last.current?.name;
  const found = actions.find((action) => action.name === name);
  const kept = last.current?.name === name ? last.current : undefined;
  last.current = found ?? kept ?? actions[0];
  return { action: last.current, isDeleted: found === undefined && kept !== undefined };
}
