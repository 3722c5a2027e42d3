// An identity provider that is none of ours: npm's oidc-provider, set up as an organisation would set up its own.
//
// usage: node provider.mjs ISSUER AUDIENCE   (ISSUER is http://127.0.0.1:PORT)
//
// Everybody in `people` may sign in by naming themselves; every sign-in counts as one with several factors.
import { createServer } from 'node:http';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import Provider from 'oidc-provider';

const [issuer, audience] = process.argv.slice(2);
const people = {
  'staff.wco': { name: 'Sofia Brandt', groups: ['chancery-staff'] },
  'focal.wco': { name: 'Fiona Carter', groups: ['chancery-staff', 'chancery-focal-points', 'chancery-signatories'] },
};
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });

const provider = new Provider(issuer, {
  jwks: { keys: [{ ...key, kid: 'first', use: 'sig', alg: 'ES256' }] },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  acrValues: ['mfa'],
  clientDefaults: { id_token_signed_response_alg: 'ES256' },
  clients: [
    { client_id: 'chancery-portal', token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code'], response_types: ['code'], redirect_uris: ['http://127.0.0.1/callback'] },
    { client_id: 'gtas', client_secret: 'secret of one test', grant_types: ['client_credentials'], response_types: [], redirect_uris: [] },
  ],
  findAccount: (ctx, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
  // Groups, and how the person signed in, go into access tokens: RFC 9068 2.2.1 and 2.2.3.1.
  extraTokenClaims: (ctx, token) => {
    const code = ctx.oidc.entities.AuthorizationCode;
    return people[token.accountId] && { ...people[token.accountId], acr: code?.acr, auth_time: code?.authTime };
  },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: 'chancery', audience, accessTokenFormat: 'jwt', accessTokenTTL: 600, jwt: { sign: { alg: 'ES256' } } }),
    },
  },
  interactions: { url: (ctx, interaction) => `/sign-in/${interaction.uid}` },
  // The gateway's own client needs nobody's leave to know who signed in.
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid');
    grant.addResourceScope(audience, 'chancery');
    await grant.save();
    return grant;
  },
});

const page = '<!doctype html><title>Sign in</title><form method="post"><input name="person"><button>Sign in</button></form>';

async function signIn(req, res) {
  if (req.method !== 'POST') {
    res.setHeader('Content-Type', 'text/html; charset=utf-8');
    res.end(page);
    return;
  }
  let body = '';
  for await (const chunk of req) body += chunk;
  const accountId = new URLSearchParams(body).get('person');
  await provider.interactionFinished(req, res, { login: { accountId, acr: 'mfa', amr: ['pwd', 'otp'] } });
}

const handle = provider.callback();
createServer((req, res) => {
  if (!req.url.startsWith('/sign-in/')) return handle(req, res);
  signIn(req, res).catch((err) => { res.statusCode = 500; res.end(String(err)); });
}).listen(Number(new URL(issuer).port), '127.0.0.1', () => console.log('ready'));
