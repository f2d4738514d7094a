/**
 * An OpenID issuer for trying and testing the sign-in at one: oidc-provider, which is certified, with its own pages.
 * Whoever signs in is who he says, with any password; his roles are in the claim `roles`. It keeps nothing, is no part
 * of the product, and ends with its standard input. Prints the port once it listens.
 *
 * PORT (any free one) · ISSUER, as it calls itself · REDIRECT_URI and CLIENT_SECRET of the one client, `iotflow` ·
 * ROLES, such as {"anna": ["plant-admins"]}
 */
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const { PORT = '0', ISSUER, REDIRECT_URI, CLIENT_SECRET, ROLES = '{}' } = process.env;
const roles = JSON.parse(ROLES);
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

const provider = new Provider(ISSUER, {
  clients: [{ client_id: 'iotflow', client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] }],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'issuer', use: 'sig', alg: 'RS256' }] },
  cookies: { keys: ['of no worth'] },
  claims: { openid: ['sub'], profile: ['preferred_username', 'roles'] },
  findAccount: (_, name) => ({
    accountId: name,
    claims: () => ({ sub: `subject of ${name}`, preferred_username: name, roles: roles[name] ?? [] }),
  }),
});
provider.proxy = true;

const server = createServer(provider.callback());
server.listen(Number(PORT), '127.0.0.1', () => console.log(`listening ${server.address().port}`));
process.stdin.resume().on('end', () => process.exit());
