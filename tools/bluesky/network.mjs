// Bluesky's own servers on loopback, for the tests: the directory of names, a personal
// data server, and the view of the whole network. Prints one line of JSON when ready,
// and ends with its standard input.
//
// Environment: PLC_PORT, PDS_PORT, BSKY_PORT; DB_POSTGRES_URL and DB_POSTGRES_SCHEMA for
// the view; REDIS_HOST. Run in the folder that tools/bluesky/install.sh filled.
import { pathToFileURL } from 'node:url'

const folder = pathToFileURL(`${process.cwd()}/node_modules/`)
await import(new URL('@atproto/dev-env/dist/env.js', folder))
const { TestNetwork } = await import(new URL('@atproto/dev-env/dist/index.js', folder))

const [plc, pds, bsky] = ['PLC_PORT', 'PDS_PORT', 'BSKY_PORT'].map((name) =>
  Number(process.env[name]),
)
const network = await TestNetwork.create({
  plc: { port: plc },
  pds: { port: pds, hostname: 'localhost', enableDidDocWithSession: true },
  bsky: {
    dbPostgresSchema: process.env.DB_POSTGRES_SCHEMA,
    port: bsky,
    publicUrl: `http://localhost:${bsky}`,
  },
})
const mailer = network.pds.ctx.mailer
if (mailer?.transporter?.sendMail) mailer.transporter.sendMail = async () => ({})
console.log(JSON.stringify({ pds: network.pds.url, view: network.bsky.url }))

process.stdin.resume()
process.stdin.on('end', async () => {
  await network.close()
  process.exit(0)
})
