import { Card } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { subjects, verbOf } from '@/features/access/permissions';
import classes from '@/features/access/Permissions.module.css';
import { OrganizationName } from '@/features/organizations/Organization';
import type { Role } from './api';

interface Props {
  readonly roles: readonly Role[];
  /** What can be done with a role. */
  readonly actions: (role: Role) => ReactNode;
}

/** Which role may do what: permissions down, roles across. */
export function RoleMatrix({ roles, actions }: Props) {
  return (
    <Card padding={0} className={classes.scroll}>
      <table className={classes.matrix} aria-label="Roles and their permissions">
        <thead>
          <tr>
            <th className={classes.permission}>
              <span className="sr-only">Permission</span>
            </th>
            {roles.map((role) => (
              <th key={role.id ?? role.name} scope="col">
                <span className={classes.name}>
                  {role.name}
                  {actions(role)}
                </span>
                <span className={classes.where}>
                  {role.id === null ? 'built in' : <OrganizationName id={role.organization_id} />}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {subjects(roles.flatMap((role) => role.permissions)).flatMap(({ subject, permissions }) =>
            permissions.map((permission, index) => (
              <tr key={permission} data-first={index === 0 || undefined}>
                <th className={classes.permission} scope="row">
                  <span className={classes.about}>{subject}</span> {verbOf(permission)}
                </th>
                {roles.map((role) => (
                  <td key={role.id ?? role.name}>
                    {role.permissions.includes(permission) ? (
                      <IconCheck size={16} className={classes.yes} aria-label={`${role.name}: ${permission}`} />
                    ) : (
                      <span className={classes.no} aria-hidden>
                        ·
                      </span>
                    )}
                  </td>
                ))}
              </tr>
            )),
          )}
        </tbody>
      </table>
    </Card>
  );
}
