/** The dashboards that the strategy names. */
import { describeAudience } from '../../strategy/render/dashboards.js';
import type { MigrationView } from '../../strategy/run/view.js';

export function Dashboards({ view: { dashboards = [] } }: { readonly view: MigrationView }) {
  if (dashboards.length === 0) return null;
  return (
    <section id="dashboards" aria-labelledby="dashboards-title" class="panel">
      <h2 id="dashboards-title">Dashboards</h2>
      <ul class="votes">
        {dashboards.map((dashboard) => {
          const { name, address, link } = dashboard;
          const details = describeAudience(dashboard);
          return (
            <li>
              {link && address !== null ? (
                <a href={address} rel="noreferrer">
                  {name}
                </a>
              ) : (
                name
              )}
              {!link && address !== null && address !== name && `: ${address}`}
              {details !== '' && <span class="dim"> {details}</span>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
