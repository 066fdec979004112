/** What the log-in by an identity provider needs to know, from the environment. */

export interface OidcSettings {
  /** The provider, as its discovery document names it. */
  readonly issuer: URL;
  readonly clientId: string;
  /** Null for a public client, which PKCE alone protects. */
  readonly clientSecret: string | null;
  /** Where browsers reach this dashboard. */
  readonly publicUrl: URL;
  readonly scope: string;
  /** The claim of the ID token that lists a person's groups. */
  readonly groupsClaim: string;
  /** Whoever is in no such group may only read; null: the roles and authority of each run alone decide. */
  readonly actors: string | null;
}

const SETTINGS = {
  SLUICE_OIDC_ISSUER: 'the URL of the identity provider',
  SLUICE_OIDC_CLIENT_ID: 'the id under which the provider knows this dashboard',
} as const;

/**
 * @param publicUrl where browsers reach the dashboard
 * @returns null where no provider is configured
 * @throws Error that says which setting is missing or wrong
 */
export function oidcSettings(
  env: Readonly<Record<string, string | undefined>>,
  publicUrl: string | undefined,
): OidcSettings | null {
  if (!env.SLUICE_OIDC_ISSUER && publicUrl === undefined) return null;
  const required = (name: keyof typeof SETTINGS): string => {
    const value = env[name];
    if (value) return value;
    throw new Error(`${name} is not set: ${SETTINGS[name]}.`);
  };
  if (publicUrl === undefined) {
    throw new Error(
      'SLUICE_OIDC_ISSUER is set, but not where browsers reach this dashboard. Give it: --public-url https://sluice.example.com.',
    );
  }
  return {
    issuer: secureUrl('SLUICE_OIDC_ISSUER', required('SLUICE_OIDC_ISSUER')),
    clientId: required('SLUICE_OIDC_CLIENT_ID'),
    clientSecret: env.SLUICE_OIDC_CLIENT_SECRET || null,
    publicUrl: secureUrl('--public-url', publicUrl),
    scope: env.SLUICE_OIDC_SCOPE || 'openid profile',
    groupsClaim: env.SLUICE_OIDC_GROUPS_CLAIM || 'groups',
    actors: env.SLUICE_OIDC_ACTORS || null,
  };
}

/** HTTPS, or HTTP on this machine: sessions and log-ins must not travel in the open. */
function secureUrl(name: string, text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new Error(`${name} is not a URL: "${text}".`);
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && local)) return url;
  throw new Error(`${name} must be an https: URL, and "${text}" is not.`);
}
